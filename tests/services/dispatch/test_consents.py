"""What was blocked for want of a consent goes out when one comes: once, and as the vault decides then."""

import asyncio
from dataclasses import replace

import pytest

from stafet.dispatch.adapters.book import PostgresBook
from stafet.dispatch.adapters.intake import PostgresIntake
from stafet.dispatch.adapters.lanes import PostgresLanes
from stafet.dispatch.domain import Failed, renewed
from stafet.dispatch.handlers import on_consent_given
from stafet_runtime.database import Database
from stafet_runtime.unit import transaction
from stafet_schemas.consent import ConsentGiven
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.fakes.partner_server import answers
from tests.fakes.vault import FakeVault
from tests.services.dispatch.hub import Hub, Opener, eventually, kinds, somebody_waits
from tests.services.dispatch.lane_model import LaneModel
from tests.services.dispatch.samples import Case, cases, given

BLOCKED = Failed("policy", "no_consent")


async def block(hub: Hub, vault: FakeVault, case: Case) -> None:
    """Have the content of an accepted referral blocked, and the vault open again."""
    vault.block = "no_consent"
    await hub.take([case.submitted(), case.accepted(), case.routed("content")])
    await hub.until_statuses("ended")
    vault.block = None


class TestRenewed:
    def test_is_another_delivery_of_the_same_the_same_for_the_same_event(self) -> None:
        first, second = (f"01930000-0000-7000-8000-00000000000{number}" for number in (1, 2))
        item = LaneModel("1").add("content")
        assert renewed(item, first) == renewed(item, first)
        assert len({item.delivery, renewed(item, first).delivery, renewed(item, second).delivery}) == 3
        assert replace(renewed(item, first), delivery=item.delivery) == item


class TestAConsentThatComesLater:
    async def test_sends_the_blocked_content_once_however_often_it_is_told(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened() as (hub, partners), hub.working():
            await block(hub, vault, case)
            event, other = given(case.case, "redcross"), given(case.case, "redcross")
            await hub.take([event, other])
            await hub.until_statuses("ended", "delivered")
            await hub.take([event])
            await hub.database.pool.execute("delete from inbox")
            await hub.take([event, other])

            assert await hub.statuses() == ["ended", "delivered"]
            assert kinds(partners.redcross.requests) == ["content"]
            queued = [headers for kind, headers, _ in await hub.published() if kind == "queued"]
            assert [each["ce_causationid"] for each in queued][1:] == [event.id]
            assert vault.requests[-1].accepted

    async def test_that_opens_nothing_leaves_it_blocked_and_the_next_one_sends_it(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened() as (hub, partners), hub.working():
            await block(hub, vault, case)
            vault.block = "no_consent"
            await hub.take([given(case.case, "redcross")])
            await hub.until_statuses("ended", "ended")
            vault.block = None
            await hub.take([given(case.case, "redcross")])
            await hub.until_statuses("ended", "ended", "delivered")

            assert len(partners.redcross.requests) == 1

    @pytest.mark.parametrize(
        ("recipients", "purposes"),
        [(("police",), ("support",)), ((), ("support",)), (("redcross",), ("safety",))],
    )
    async def test_for_others_or_another_purpose_sends_nothing(
        self, opened: Opener, vault: FakeVault, recipients: tuple[str, ...], purposes: tuple[str, ...]
    ) -> None:
        case, other = await cases(vault, 2)
        async with opened() as (hub, _), hub.working():
            await block(hub, vault, case)
            await hub.take([given(case.case, *recipients, purposes=purposes), given(other.case, "redcross")])

            assert await hub.statuses() == ["ended"]

    async def test_sends_nothing_that_was_sent_or_that_a_human_must_look_at(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        first, second = await cases(vault, 2)
        async with opened(answers("400 No")) as (hub, partners), hub.working():
            await hub.take([first.submitted(), first.accepted(), first.routed("content")])
            await hub.until_statuses("failed")
            vault.block = "no_mandate"
            await hub.take([second.submitted(), second.accepted(), second.routed("content")])
            await hub.until_statuses("failed", "failed")
            await hub.take([given(first.case, "redcross"), given(second.case, "redcross")])

            assert await hub.statuses() == ["failed", "failed"]
            assert len(partners.redcross.requests) == 1


class TestAConsentThatComesWhileTheVaultSaysNo:
    @pytest.fixture
    def lanes(self, database: Database, clock: FakeClock, ids: FakeIds) -> PostgresLanes:
        return PostgresLanes(database, clock, ids)

    @pytest.fixture
    def book(self, database: Database, clock: FakeClock, ids: FakeIds) -> PostgresBook:
        return PostgresBook(database, clock, ids)

    async def test_is_found_by_whoever_writes_down_the_no(
        self, opened: Opener, vault: FakeVault, lanes: PostgresLanes, book: PostgresBook
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened() as (hub, _), hub.database.pool.acquire() as session:
            await hub.take([case.submitted(), case.accepted(), case.routed("content")])
            (head,) = await lanes.begin(session, {"redcross": 8})
            event = given(case.case, "redcross")
            await hub.take([event])
            before = await hub.statuses()
            await book.settle(head, BLOCKED)

            assert before == ["sending"]
            assert await hub.statuses() == ["ended", "waiting"]
            assert (await hub.items())[1]["delivery"] != (await hub.items())[0]["delivery"]
            (again,) = await lanes.begin(session, {"redcross": 8})
            assert again.item == renewed(head.item, event.id)

    async def test_finds_the_no_that_is_just_being_written_down(
        self, opened: Opener, vault: FakeVault, lanes: PostgresLanes, book: PostgresBook
    ) -> None:
        (case,) = await cases(vault, 1)
        event = given(case.case, "redcross")
        assert isinstance(event, ConsentGiven)
        async with opened() as (hub, _), hub.database.pool.acquire() as session:
            await hub.take([case.submitted(), case.accepted(), case.routed("content")])
            (head,) = await lanes.begin(session, {"redcross": 8})
            async with transaction(hub.database, hub.clock, hub.ids) as unit:
                intake = PostgresIntake(unit)
                await intake.load([event])
                settling = asyncio.create_task(book.settle(head, BLOCKED))
                await eventually(lambda: somebody_waits(session))
                await on_consent_given(event, intake=intake, outbox=unit.outbox)
                await intake.save()
            await settling

            assert await hub.statuses() == ["ended", "waiting"]

    async def test_adds_nothing_to_what_gets_through(
        self, opened: Opener, vault: FakeVault, lanes: PostgresLanes, book: PostgresBook
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened() as (hub, _), hub.database.pool.acquire() as session:
            await hub.take([case.submitted(), case.accepted(), case.routed("notice"), case.routed("content")])
            (notice,) = await lanes.begin(session, {"redcross": 8})
            await hub.take([given(case.case, "redcross")])
            await book.settle(notice, BLOCKED)
            (content,) = await lanes.begin(session, {"redcross": 8})
            await book.settle(content, BLOCKED)

            assert await hub.statuses() == ["ended", "ended"]
