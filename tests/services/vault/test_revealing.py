"""Showing values to humans at the hub, on a real database."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from stafet.vault.app.ledger import Notary
from stafet.vault.app.local import LocalVault
from stafet.vault.app.reveals import Revealer
from stafet.vault.domain.release import Block
from stafet.vault.domain.reveal import MOST_CASES
from stafet.vault.handlers.revealing import Told
from stafet.vault.keyfiles import KeyFiles
from stafet_runtime.database import Database
from stafet_runtime.vaultport import StoredRecord, VaultUnavailableError
from stafet_schemas.groups import Group
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.vault.erasing import WITH_PERPETRATOR, eraser
from tests.services.vault.people import REGISTRATION, SECRETS, VALUES, notice
from tests.services.vault.revealing import (
    ASK,
    BY,
    OTHER,
    WHY,
    ask,
    ask_who,
    break_glass,
    granted,
    judged,
    names,
    session_of,
)
from tests.services.vault.tables import every_byte, ledger, outbox


class TestReveal:
    """Values of a case."""

    async def test_shows_the_groups_asked_for_of_every_record(
        self, revealer: Revealer, vault: LocalVault, stored: StoredRecord
    ) -> None:
        await vault.register(replace(REGISTRATION, message="message-2"))
        shown = granted(await revealer.reveal(stored.case, ASK))
        assert [each.values for each in shown.records] == [{Group.IDENTITY: VALUES[Group.IDENTITY]}] * 2
        assert [each.agency for each in shown.records] == ["police", "police"]

    async def test_is_a_row_of_the_ledger_and_an_event(
        self, revealer: Revealer, database: Database, stored: StoredRecord
    ) -> None:
        shown = granted(await revealer.reveal(stored.case, ASK))
        ((entry, _, _),) = await ledger(database, stored.case)
        assert (entry.sender, entry.recipient, entry.part, entry.outcome) == (
            "operator", "operator:caseworker", "reveal", "made",
        )  # fmt: skip
        assert entry.fields == tuple(sorted(f"identity.{name}" for name in VALUES[Group.IDENTITY]))
        assert (entry.disclosure, entry.delivery) == (shown.disclosure, shown.grant.reveal)
        assert (await outbox(database))[-1] == (
            "reveal.made.v1",
            {
                "case": stored.case, "role": "caseworker", "purpose": "support", "part": "reveal",
                "policy": entry.policy, "disclosure": entry.disclosure, "groups": ["identity"],
                "break_glass": False,
            },
        )  # fmt: skip

    async def test_a_field_nobody_listed_is_not_shown(self, revealer: Revealer, vault: LocalVault) -> None:
        smuggled = {Group.IDENTITY: {"first_name": "Zorabelle", "shoe_size": "38"}}
        stored = await vault.register(replace(REGISTRATION, values=smuggled))
        assert names(await revealer.reveal(stored.case, ASK)) == {Group.IDENTITY: {"first_name"}}

    async def test_leaves_no_value_and_no_reason_in_the_tables(
        self, revealer: Revealer, database: Database, stored: StoredRecord
    ) -> None:
        await revealer.reveal(stored.case, ASK)
        await revealer.reveal("c-of-Zorabelle", ASK)
        content = await every_byte(database)
        assert [each for each in (*SECRETS, WHY) if each.encode() in content] == []

    async def test_refused_shows_nothing_and_is_a_row_with_the_reason(
        self, revealer: Revealer, database: Database, stored: StoredRecord
    ) -> None:
        asked = ask(groups=frozenset({"identity", "narrative"}))
        assert await revealer.reveal(stored.case, asked) == Block("no_mandate")
        ((entry, _, _),) = await ledger(database, stored.case)
        assert (entry.outcome, entry.reason, entry.fields) == ("blocked", "no_mandate", ())
        assert (await outbox(database))[-1][0] == "reveal.blocked.v1"

    async def test_badly_asked_touches_nothing(
        self, revealer: Revealer, database: Database, stored: StoredRecord
    ) -> None:
        assert await revealer.reveal(stored.case, ask(why="")) == [("reason", "missing, or too long")]
        assert await ledger(database, stored.case) == []

    async def test_of_an_erased_case_shows_nothing(
        self, revealer: Revealer, vault: LocalVault, database: Database, clock: FakeClock, tmp_path: Path
    ) -> None:
        stored = await vault.register(WITH_PERPETRATOR)
        await revealer.reveal(stored.case, ASK)
        await eraser(database, clock, FakeIds(7), tmp_path).erase(stored.case, "objection", "D")
        assert await revealer.reveal(stored.case, ASK) == Block("erased")
        assert await revealer.reveal(stored.case, break_glass()) == Block("erased")
        first = (await revealer.newest())[-1].reveal
        assert await revealer.read_why(first, "supervisor") == Block("erased")
        assert await database.pool.fetchval("select count(*) from reveals where why is not null") == 0

    async def test_leaves_a_ledger_that_verifies(
        self, revealer: Revealer, database: Database, stored: StoredRecord, clock: FakeClock,
        key_files: KeyFiles, tmp_path: Path,
    ) -> None:  # fmt: skip
        notary = Notary(session_of(database, clock, FakeIds(8), key_files), tmp_path)
        for asked in (ASK, break_glass(), ask(role="supervisor", purpose="subject_access")):
            await revealer.reveal(stored.case, asked)
        await revealer.reveal("c-of-nobody", ASK)
        await notary.sign()
        audit = await notary.verify()
        assert (audit.rows, audit.leaves, audit.faults) == (4, 4, ())

    async def test_without_the_key_nothing_is_shown_and_nothing_said_to_be(
        self, revealer: Revealer, database: Database, stored: StoredRecord
    ) -> None:
        await database.pool.execute("update case_keys set wrapped = wrapped || 'x'")
        with pytest.raises(VaultUnavailableError):
            await revealer.reveal(stored.case, ASK)
        assert await ledger(database, stored.case) == []


class TestBulk:
    """Many cases within an hour."""

    async def cases(self, vault: LocalVault, count: int) -> list[str]:
        changed = (replace(REGISTRATION, message=f"m-{n}", reference=f"r-{n}") for n in range(count))
        return [(await vault.register(each)).case for each in changed]

    async def test_needs_a_second_person_who_is_recorded(
        self, revealer: Revealer, vault: LocalVault, database: Database
    ) -> None:
        *first, last = await self.cases(vault, MOST_CASES + 1)
        for case in first:
            granted(await revealer.reveal(case, ASK))
        assert await revealer.reveal(last, ASK) == Block("second_person")
        granted(await revealer.reveal(first[0], ASK))
        granted(await revealer.reveal(last, ask(by=OTHER)))
        granted(await revealer.reveal(last, ask(second=OTHER)))
        assert await database.pool.fetchval("select by_whom from reveals where second = $1", OTHER) == BY

    async def test_counts_anew_after_an_hour(
        self, revealer: Revealer, vault: LocalVault, clock: FakeClock
    ) -> None:
        *first, last = await self.cases(vault, MOST_CASES + 1)
        for case in first:
            await revealer.reveal(case, ASK)
        clock.advance(timedelta(hours=1).total_seconds())
        granted(await revealer.reveal(last, ASK))

    async def test_counts_those_that_are_shown_at_once(self, revealer: Revealer, vault: LocalVault) -> None:
        cases = await self.cases(vault, MOST_CASES + 6)
        outcomes = await asyncio.gather(*(revealer.reveal(case, ASK) for case in cases))
        assert outcomes.count(Block("second_person")) == 6


class TestAgain:
    """The box of time."""

    async def test_shows_the_same_and_is_a_row_each_time(
        self, revealer: Revealer, database: Database, stored: StoredRecord, clock: FakeClock
    ) -> None:
        first = granted(await revealer.reveal(stored.case, ASK))
        clock.advance(14 * 60)
        second = granted(await revealer.again(first.grant.reveal, BY))
        assert [each.values for each in second.records] == [each.values for each in first.records]
        rows = await ledger(database, stored.case)
        assert [(entry.delivery, entry.attempt) for entry, _, _ in rows] == [
            (first.grant.reveal, 1), (first.grant.reveal, 2),
        ]  # fmt: skip

    @pytest.mark.parametrize("seconds", [15 * 60, -600])
    async def test_after_its_end_or_with_the_clock_set_back_shows_nothing(
        self, revealer: Revealer, stored: StoredRecord, clock: FakeClock, seconds: int
    ) -> None:
        reveal = granted(await revealer.reveal(stored.case, ASK)).grant.reveal
        clock.advance(seconds)
        assert await revealer.again(reveal, BY) == Block("time_over")

    async def test_shows_nothing_to_somebody_else(
        self, revealer: Revealer, database: Database, stored: StoredRecord
    ) -> None:
        reveal = granted(await revealer.reveal(stored.case, ASK)).grant.reveal
        assert await revealer.again(reveal, OTHER) == Block("no_mandate")
        assert [entry.outcome for entry, _, _ in await ledger(database, stored.case)] == ["made", "blocked"]

    async def test_of_an_erased_case_shows_nothing(
        self, revealer: Revealer, database: Database, stored: StoredRecord, clock: FakeClock, tmp_path: Path
    ) -> None:
        reveal = granted(await revealer.reveal(stored.case, ASK)).grant.reveal
        await eraser(database, clock, FakeIds(7), tmp_path).erase(stored.case, "objection", "D")
        assert await revealer.again(reveal, BY) == Block("erased")

    async def test_of_what_was_refused_or_never_asked_is_nothing(
        self, revealer: Revealer, database: Database, stored: StoredRecord
    ) -> None:
        await revealer.reveal(stored.case, ask(groups=frozenset({"narrative"})))
        refused = await database.pool.fetchval("select reveal_id::text from reveals")
        assert [await revealer.again(each, BY) for each in (refused, "no id", stored.record)] == [None] * 3


class TestBreakGlass:
    """Beyond the role, and reviewed."""

    async def test_shows_and_is_flagged_in_the_same_transaction(
        self, revealer: Revealer, database: Database, stored: StoredRecord
    ) -> None:
        shown = granted(await revealer.reveal(stored.case, break_glass()))
        assert names(shown) == {Group.NARRATIVE: {"text"}}
        (_, made), flagged = (await outbox(database))[-2:]
        assert made["break_glass"] is True
        assert flagged == (
            "reveal.flagged.v1",
            {
                "case": stored.case, "reveal": shown.grant.reveal, "role": "caseworker", "purpose": "safety"
            },
        )  # fmt: skip

    async def test_stays_due_until_somebody_else_has_judged(
        self, revealer: Revealer, database: Database, stored: StoredRecord
    ) -> None:
        reveal = granted(await revealer.reveal(stored.case, break_glass())).grant.reveal
        await revealer.reveal(stored.case, ASK)
        assert [each.reveal for each in await revealer.due()] == [reveal]
        wrong = [await revealer.review(reveal, said) for said in (judged(by=BY), judged(role="caseworker"))]
        assert [problem and problem[0] for problem in wrong] == ["by", "role"]
        assert await revealer.review(reveal, judged()) is None
        assert (await revealer.review(reveal, judged(verdict="unjustified")) or ("",))[0] == "reveal"
        assert await revealer.due() == []
        assert [each.review.verdict for each in await revealer.newest() if each.review] == ["justified"]
        assert (await outbox(database))[-1] == (
            "reveal.reviewed.v1", {"case": stored.case, "reveal": reveal, "verdict": "justified"},
        )  # fmt: skip

    async def test_two_who_judge_at_once_are_one_review(
        self, revealer: Revealer, database: Database, stored: StoredRecord
    ) -> None:
        reveal = granted(await revealer.reveal(stored.case, break_glass())).grant.reveal
        said = await asyncio.gather(*(revealer.review(reveal, judged()) for _ in range(4)))
        assert said.count(None) == 1
        assert [name for name, _ in await outbox(database)].count("reveal.reviewed.v1") == 1

    async def test_of_a_pseudonym_is_flagged_too(
        self, revealer: Revealer, vault: LocalVault, database: Database, stored: StoredRecord
    ) -> None:
        person = (await vault.release(notice(stored))).person or ""
        asked = replace(ask_who(), purpose="safety", break_glass=True)
        granted(await revealer.find_person("redcross", person, asked))
        assert (await outbox(database))[-1][0] == "reveal.flagged.v1"
        assert len(await revealer.due()) == 1

    async def test_only_what_broke_the_glass_is_reviewed(
        self, revealer: Revealer, stored: StoredRecord
    ) -> None:
        reveal = granted(await revealer.reveal(stored.case, ASK)).grant.reveal
        for each in (reveal, "no id"):
            assert await revealer.review(each, judged()) == ("reveal", "nothing to review under this id")

    async def test_no_row_can_say_that_somebody_judged_the_own_doing(
        self, revealer: Revealer, database: Database, stored: StoredRecord
    ) -> None:
        await revealer.reveal(stored.case, break_glass())
        with pytest.raises(Exception, match="check constraint"):
            await database.pool.execute(
                "update reveals set verdict = 'justified', reviewed_by = by_whom, reviewed_at = at"
            )
        assert len(await revealer.due()) == 1


class TestReadWhy:
    """The reason, in free words."""

    async def test_is_told_to_a_reviewer_by_a_row_of_the_ledger_and_an_event(
        self, revealer: Revealer, database: Database, stored: StoredRecord
    ) -> None:
        reveal = granted(await revealer.reveal(stored.case, break_glass())).grant.reveal
        told = await revealer.read_why(reveal.upper(), "supervisor")
        assert isinstance(told, Told)
        assert (told.grant.reveal, told.why) == (reveal, WHY)
        entry = (await ledger(database, stored.case))[-1][0]
        assert (entry.recipient, entry.part, entry.delivery, entry.attempt, entry.fields) == (
            "operator:supervisor", "review", reveal, 2, (),
        )  # fmt: skip
        made = (await outbox(database))[-1]
        assert (made[0], made[1]["part"], made[1]["break_glass"]) == ("reveal.made.v1", "review", False)

    async def test_is_told_to_nobody_else(
        self, revealer: Revealer, database: Database, stored: StoredRecord
    ) -> None:
        reveal = granted(await revealer.reveal(stored.case, ASK)).grant.reveal
        before = await ledger(database, stored.case)
        assert await revealer.read_why(reveal, "caseworker") == (
            "role", "say one of data_protection, supervisor",
        )  # fmt: skip
        await revealer.reveal("c-of-nobody", ASK)
        guess = (await revealer.newest())[0].reveal
        for each in ("no id", stored.record, guess):
            assert await revealer.read_why(each, "supervisor") == (
                "reveal",
                "nothing to review under this id",
            )
        assert await ledger(database, stored.case) == before

    async def test_stands_in_no_list(self, revealer: Revealer, stored: StoredRecord) -> None:
        await revealer.reveal(stored.case, ASK)
        assert WHY not in repr(await revealer.newest())
