"""Guessing: whoever tries cases, persons or references learns nothing, and leaves a trace of each try."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest

from stafet.vault.app.local import LocalVault
from stafet.vault.app.reveals import Revealer
from stafet.vault.domain.release import Block
from stafet.vault.domain.reveal import MOST_CASES
from stafet_runtime.database import Database
from stafet_runtime.vaultport import (
    ConsentOrder,
    ConsentRefusedError,
    DisclosureBlockedError,
    ReleaseRequest,
    StoredRecord,
)
from stafet_sdk.draft import Release
from tests.services.vault.people import REFERENCE, REGISTRATION, notice, request, status
from tests.services.vault.revealing import ASK, BY, OTHER, ask, ask_who, granted
from tests.services.vault.tables import every_byte, ledger, outbox

NOBODYS = "c-of-nobody"


@pytest.fixture
def deliveries() -> Iterator[str]:
    """Names for deliveries."""
    return (f"delivery-{each}" for each in count())


async def refused(vault: LocalVault, asked: ReleaseRequest) -> str:
    """Expect that nothing is released; return why."""
    with pytest.raises(DisclosureBlockedError) as blocked:
        await vault.release(asked)
    return blocked.value.reason


class TestAgencies:
    """An agency, or a connector in its name, that asks for a case of another one."""

    async def test_get_no_part_of_it_and_leave_a_row_each_time(
        self, vault: LocalVault, database: Database, stored: StoredRecord, deliveries: Iterator[str]
    ) -> None:
        other = replace(REGISTRATION, agency="redcross", message="message-9", reference="RK-9")
        theirs = await vault.register(other)
        asked = [
            replace(each, sender="redcross", delivery=next(deliveries))
            for each in (notice(stored), request(stored), replace(status(stored), recipient="redcross"))
        ]
        assert {await refused(vault, each) for each in asked} == {"no_mandate"}
        moved = replace(request(theirs), sender="redcross", record=stored.record, delivery=next(deliveries))
        assert await refused(vault, moved) == "unknown_case"
        rows = [await ledger(database, each.case) for each in (stored, theirs)]
        assert [[entry.outcome for entry, _, _ in lane] for lane in rows] == [["blocked"] * 3, ["blocked"]]
        assert [entry.fields for lane in rows for entry, _, _ in lane] == [()] * 4

    async def test_a_recall_goes_to_nobody_who_was_never_served(
        self, vault: LocalVault, stored: StoredRecord
    ) -> None:
        recall = request(stored, part="withdrawal", purpose="consent_withdrawn", recipient="siri")
        assert await refused(vault, recall) == "no_mandate"

    async def test_the_same_release_asked_again_is_another_row(
        self, vault: LocalVault, database: Database, stored: StoredRecord
    ) -> None:
        released = [await vault.release(notice(stored)) for _ in range(2)]
        assert isinstance(released[0], Release)
        assert len({each.disclosure for each in released}) == 2
        assert [entry.attempt for entry, _, _ in await ledger(database, stored.case)] == [1, 2]

    async def test_by_references_learn_nothing_of_a_case(
        self, vault: LocalVault, database: Database, stored: StoredRecord
    ) -> None:
        before = await ledger(database, stored.case)
        said = set[tuple[tuple[str, str], ...]]()
        for number, reference in enumerate((REFERENCE, "0900-76121-00483-26", stored.case)):
            order = ConsentOrder("withdrawn", "redcross", f"guess-{number}", reference=reference)
            with pytest.raises(ConsentRefusedError) as wrong:
                await vault.record_consent(order)
            said.add(tuple(wrong.value.problems))
        assert len(said) == 1
        assert await ledger(database, stored.case) == before


class TestHumans:
    """A human at the hub who tries names."""

    async def test_get_one_answer_for_what_is_not_and_what_is_not_theirs(
        self, revealer: Revealer, database: Database, stored: StoredRecord
    ) -> None:
        not_theirs = ask(groups=frozenset({"narrative"}))
        said = [await revealer.reveal(case, not_theirs) for case in (stored.case, NOBODYS)]
        assert said == [Block("no_mandate")] * 2
        traces = [(await ledger(database, lane))[-1][0].reason for lane in (stored.case, "no-case")]
        assert traces == ["no_mandate"] * 2

    async def test_leave_a_row_for_each_guess_and_not_the_guess(
        self, revealer: Revealer, vault: LocalVault, database: Database, stored: StoredRecord
    ) -> None:
        person = (await vault.release(notice(stored))).person or ""
        for guess in (NOBODYS, stored.record, "no-case", ""):
            assert await revealer.reveal(guess, ASK) == Block("unknown_case")
        for recipient, guess in (("police", person), ("redcross", NOBODYS), ("redcross", stored.case)):
            assert await revealer.find_person(recipient, guess, ask_who()) == Block("unknown_case")
        rows = [entry for entry, _, _ in await ledger(database, "no-case")]
        assert [(entry.part, entry.reason, entry.case) for entry in rows] == [
            *[("reveal", "unknown_case", None)] * 4, *[("person", "unknown_case", None)] * 3,
        ]  # fmt: skip
        kept = await database.pool.fetch("select by_whom, case_id, why from reveals")
        assert [tuple(each) for each in kept] == [(BY, None, None)] * 7
        assert NOBODYS.encode() not in await every_byte(database)

    async def test_are_stopped_after_some_guesses_whether_there_is_such_a_case_or_not(
        self, revealer: Revealer, database: Database, stored: StoredRecord
    ) -> None:
        for number in range(MOST_CASES):
            assert await revealer.reveal(f"c-{number}", ASK) == Block("unknown_case")
        for case in (stored.case, NOBODYS):
            assert await revealer.reveal(case, ASK) == Block("second_person")
        assert await revealer.find_person("redcross", NOBODYS, ask_who()) == Block("second_person")
        assert (await outbox(database))[-1][0] == "reveal.blocked.v1"
        granted(await revealer.reveal(stored.case, ask(second=OTHER)))

    async def test_cannot_look_again_at_what_others_were_shown(
        self, revealer: Revealer, stored: StoredRecord
    ) -> None:
        reveal = granted(await revealer.reveal(stored.case, ASK)).grant.reveal
        assert await revealer.again(reveal, f"{BY} ") == Block("no_mandate")
