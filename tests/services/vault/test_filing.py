"""Cases that may be about one person, on a real database: proposed by blind index, decided by a human."""

from dataclasses import replace
from typing import Any

import pytest

from stafet.vault.app.build import open_session
from stafet.vault.app.erasures import Eraser
from stafet.vault.app.local import LocalVault
from stafet.vault.handlers.filing import on_step_reported
from stafet.vault.keyfiles import KeyFiles
from stafet.vault.settings import VaultSettings
from stafet_runtime.database import Database
from stafet_runtime.vaultport import Registration, StoredRecord
from stafet_schemas.groups import Group
from stafet_schemas.step import StepReported, StepReportedData
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.vault.consents import ADULT, given, seen, withdrawn
from tests.services.vault.people import SECRETS
from tests.services.vault.tables import every_byte, outbox

OTHER = replace(ADULT, message="message-2", reference="rk-77")
IDENTITY = ADULT.values[Group.IDENTITY]


def somebody(message: str, **identity: str | None) -> Registration:
    """Refer under a reference of its own somebody whose identity differs in these fields."""
    return replace(
        ADULT,
        message=message,
        reference=message,
        values={Group.ROUTING: ADULT.values[Group.ROUTING], Group.IDENTITY: {**IDENTITY, **identity}},
    )


@pytest.fixture
async def pair(vault: LocalVault) -> tuple[StoredRecord, StoredRecord]:
    """The records of one person, referred by two agencies that know her by other references."""
    return await vault.register(ADULT), await vault.register(OTHER)


class Register:
    """What humans say of cases, taken as the subscription takes it."""

    def __init__(self, database: Database, clock: FakeClock, ids: FakeIds, key_files: KeyFiles) -> None:
        self._session = open_session(database, clock, ids, key_files, VaultSettings())
        self._ids = ids

    async def hear(self, case: str, step: str, agency: str = "cmm", **facts: Any) -> None:  # noqa: ANN401 - fields differ
        """Say a step."""
        now = self._session.clock.now()
        data = StepReportedData(case=case, agency=agency, message=self._ids.new(), at=now, step=step, **facts)
        event = StepReported(
            id=self._ids.new(),
            source="/stafet/console",
            time=now,
            recordedtime=now,
            correlationid=case,
            partitionkey=case,
            data=data,
            type="dk.cmm.stafet.step.reported.v1",
        )
        async with self._session.transaction() as unit:
            await on_step_reported(event, kinships=self._session.tools(unit).kinships, outbox=unit.outbox)


@pytest.fixture
def register(database: Database, clock: FakeClock, ids: FakeIds, key_files: KeyFiles) -> Register:
    """The case register."""
    return Register(database, clock, ids, key_files)


async def told(database: Database, *kinds: str) -> list[dict[str, object]]:
    """Return the data of all events of these types, in order."""
    return [data for kind, data in await outbox(database) if kind.removesuffix(".v1") in kinds]


class TestTwoCasesOfOnePerson:
    async def test_are_proposed_to_a_human_in_both_and_not_merged(
        self, pair: tuple[StoredRecord, StoredRecord], database: Database
    ) -> None:
        first, second = pair

        proposed = await told(database, "case.linked_possible_duplicate")

        assert {(each["case"], each["other"]) for each in proposed} == {
            (first.case, second.case),
            (second.case, first.case),
        }
        assert {each["score"] for each in proposed} == {100}
        assert await told(database, "case.merged") == []

    async def test_are_proposed_once(
        self, pair: tuple[StoredRecord, StoredRecord], vault: LocalVault, database: Database
    ) -> None:
        await vault.register(OTHER)
        await vault.register(replace(OTHER, message="message-3"))

        assert len(await told(database, "case.linked_possible_duplicate")) == 2
        assert pair[0].case != pair[1].case

    async def test_are_alike_by_what_is_written_another_way(
        self, vault: LocalVault, database: Database
    ) -> None:
        await vault.register(somebody("a", person_number=None, last_name="Åkjær-Sørensen"))
        await vault.register(somebody("b", person_number=None, last_name="AAkjaer SORENSEN"))
        await vault.register(somebody("c", person_number=None, last_name="åkjær sørensen", first_name="Z."))

        proposed = await told(database, "case.linked_possible_duplicate")

        pairs = {frozenset(map(str, (each["case"], each["other"]))) for each in proposed}
        assert len(pairs) == 3
        assert all("last_name_and_birth_date" in str(each["matched"]) for each in proposed)

    async def test_leave_no_value_behind(
        self, pair: tuple[StoredRecord, StoredRecord], database: Database
    ) -> None:
        copied = await every_byte(database)

        assert pair[0].case != pair[1].case
        assert [each for each in SECRETS if each.encode() in copied] == []

    async def test_are_not_made_of_one_common_sign(self, vault: LocalVault, database: Database) -> None:
        await vault.register(somebody("a", person_number=None, last_name="Hansen"))
        await vault.register(somebody("b", person_number=None, last_name="Hansen", birth_date="1990-01-01"))

        assert await told(database, "case.linked_possible_duplicate") == []


class TestAHuman:
    async def test_makes_two_cases_one_matter_and_two_again(
        self, pair: tuple[StoredRecord, StoredRecord], register: Register, database: Database
    ) -> None:
        first, second = (each.case for each in pair)

        await register.hear(first, "duplicate_confirmed", subject=second)
        await register.hear(second, "case_split", subject=first, reason="other_person")

        assert len(await told(database, "case.merged")) == 2
        assert len(await told(database, "case.split")) == 2
        assert await told(database, "step.refused") == []

    async def test_says_no_and_is_asked_again_only_with_more(
        self, vault: LocalVault, register: Register, database: Database
    ) -> None:
        first = await vault.register(somebody("a", person_number=None))
        second = await vault.register(somebody("b", person_number=None, first_name="Joy"))
        await register.hear(first.case, "duplicate_dismissed", subject=second.case)
        before = len(await told(database, "case.linked_possible_duplicate"))

        again = replace(somebody("b", person_number=None, first_name="Joy"), message="b-2")
        await vault.register(again)
        unchanged = len(await told(database, "case.linked_possible_duplicate"))
        await vault.register(replace(somebody("b"), message="b-3"))
        await vault.register(replace(somebody("a"), message="a-3"))

        assert before == unchanged == 2
        assert len(await told(database, "case.linked_possible_duplicate")) == 4

    async def test_who_takes_consent_back_takes_it_back_in_both(
        self, pair: tuple[StoredRecord, StoredRecord], register: Register, vault: LocalVault
    ) -> None:
        first, second = pair
        await vault.record_consent(given(second))
        assert Group.HEALTH in await seen(vault, second)

        await register.hear(first.case, "duplicate_confirmed", subject=second.case)
        await vault.record_consent(withdrawn(first))

        assert Group.HEALTH not in await seen(vault, second, delivery="delivery-2")

    @pytest.mark.parametrize(
        ("step", "facts", "reason"),
        [
            ("case_split", {"subject": "SECOND"}, "out_of_order"),
            ("duplicate_confirmed", {}, "missing"),
            ("duplicate_confirmed", {"subject": "c-nobody"}, "unknown_subject"),
            ("duplicate_confirmed", {"subject": "SECOND", "agency": "police"}, "wrong_agency"),
            ("case_reopened", {"reason": "other"}, "out_of_order"),
            ("case_closed", {}, "missing"),
        ],
    )
    async def test_hears_why_something_cannot_stand(
        self,
        step: str,
        facts: dict[str, str],
        reason: str,
        pair: tuple[StoredRecord, StoredRecord],
        register: Register,
        database: Database,
    ) -> None:
        first, second = pair
        named = {name: second.case if value == "SECOND" else value for name, value in facts.items()}

        await register.hear(first.case, step, **named)

        assert [each["reason"] for each in await told(database, "step.refused")] == [reason]

    async def test_closes_a_case_and_opens_it_again(
        self, pair: tuple[StoredRecord, StoredRecord], register: Register, database: Database
    ) -> None:
        await register.hear(pair[0].case, "case_closed", reason="completed")
        await register.hear(pair[0].case, "case_closed", reason="completed")
        await register.hear(pair[0].case, "case_reopened", reason="new_information")

        assert len(await told(database, "case.closed")) == 1
        assert len(await told(database, "case.reopened")) == 1
        assert [each["reason"] for each in await told(database, "step.refused")] == ["out_of_order"]


class TestAnErasedCase:
    async def test_is_like_nobody_any_more(
        self,
        pair: tuple[StoredRecord, StoredRecord],
        vault: LocalVault,
        database: Database,
        desk: Eraser,
    ) -> None:
        await desk.erase(pair[0].case, "no_longer_needed", "K. Testgaard")

        rows = await database.pool.fetch("select from signs where case_id = $1", pair[0].case)
        kin = await database.pool.fetch("select from kinships")
        await vault.register(replace(OTHER, message="message-4", reference="rk-78"))

        proposed = await told(database, "case.linked_possible_duplicate")
        assert (rows, kin) == ([], [])
        assert pair[0].case not in {each["other"] for each in proposed[2:]}
