"""What events leave in the lanes."""

from typing import Any

import pytest

from stafet_runtime.database import Database
from stafet_schemas.case import CaseDocumentReceived
from stafet_schemas.inbound import MessageReceived
from tests.fakes.vault import FakeVault
from tests.services.dispatch.hub import Opener
from tests.services.dispatch.samples import cases, event, unusable

WHO = ("lane", "recipient", "case_id", "referral", "sender", "placer")
WHAT = ("part", "purpose", "rung", "reason", "problems")


async def lanes(database: Database) -> list[tuple[str, int]]:
    """Read how many items wait in each lane."""
    rows = await database.pool.fetch("select recipient, depth from lanes order by recipient, lane")
    return [(row["recipient"], row["depth"]) for row in rows]


def picked(item: dict[str, Any], names: tuple[str, ...]) -> tuple[Any, ...]:
    """Read some columns of an item."""
    return tuple(item[name] for name in names)


class TestQueueing:
    async def test_a_routed_referral_stands_in_the_lane_of_its_case_and_recipient(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        routed = case.status("rejected", reason="no_capacity")
        async with opened() as (hub, _):
            await hub.take([case.submitted(), routed])

            (item,) = await hub.items()
            assert str(item["delivery"]) == routed.id
            assert picked(item, WHO) == (case.case, "police", case.case, case.referral, "police", case.placer)
            assert picked(item, WHAT) == ("status", "referral_status", "rejected", "no_capacity", "[]")
            assert await hub.told() == [
                (
                    "queued",
                    {
                        "delivery": routed.id, "lane": case.case, "referral": case.referral,
                        "recipient": "police", "part": "status", "rung": "rejected",
                    },
                )
            ]  # fmt: skip

    async def test_a_document_that_is_whole_is_told_by_the_receipt_of_its_message(
        self, opened: Opener
    ) -> None:
        whole = event(
            CaseDocumentReceived, case="case-7", record="record-7", agency="police", message="receipt-8",
            announcement="receipt-7", size=9, media="pdf",
        )  # fmt: skip
        async with opened() as (hub, _):
            await hub.take([whole])

            (item,) = await hub.items()
            assert str(item["delivery"]) == whole.id
            assert picked(item, WHO) == ("case-7", "police", None, None, "police", "receipt-7")
            assert picked(item, WHAT) == ("status", "referral_status", "delivered", None, "[]")

    async def test_a_message_that_was_not_understood_stands_in_a_lane_of_its_own(
        self, opened: Opener
    ) -> None:
        rejected = unusable("receipt-9", "tx-9")
        async with opened() as (hub, _):
            await hub.take([rejected])

            (item,) = await hub.items()
            assert picked(item, WHO) == ("receipt-9", "police", None, None, "police", "tx-9")
            assert picked(item, WHAT) == (
                "status", "referral_status", "parse_rejected", None, '[["Prioritet", "unknown code"]]'
            )  # fmt: skip

    @pytest.mark.parametrize("reason", ["wrong_agency", "out_of_order", "unknown_referral"])
    async def test_a_refused_answer_is_told_to_the_agency_that_gave_it(
        self, opened: Opener, vault: FakeVault, reason: str
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened() as (hub, _):
            await hub.take([case.refused("redcross", reason, "answer-1")])

            (item,) = await hub.items()
            assert picked(item, WHO) == ("answer-1", "redcross", None, None, "redcross", "answer-1")
            assert picked(item, WHAT) == ("status", "referral_status", "rejected", reason, "[]")

    async def test_a_refused_submission_is_told_by_its_own_routing_only(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened() as (hub, _):
            await hub.take([case.refused("police", "no_recipient", None)])

            assert await hub.items() == []

    async def test_lanes_count_what_stands_in_them(self, opened: Opener, vault: FakeVault) -> None:
        (case,) = await cases(vault, 1)
        async with opened() as (hub, _):
            await hub.take([case.submitted(), case.routed(), case.status("delivered"), case.routed()])
            await hub.take([case.routed()])

            assert await lanes(hub.database) == [("police", 1), ("redcross", 3)]


class TestRepetition:
    async def test_the_same_event_again_makes_no_second_item(self, opened: Opener, vault: FakeVault) -> None:
        (case,) = await cases(vault, 1)
        routed = case.routed()
        async with opened() as (hub, _):
            await hub.take([routed, routed])
            await hub.take([routed])

            assert len(await hub.items()) == 1
            assert [kind for kind, _ in await hub.told()] == ["queued"]

    async def test_not_even_when_the_inbox_has_forgotten_it(self, opened: Opener, vault: FakeVault) -> None:
        (case,) = await cases(vault, 1)
        routed = case.routed()
        async with opened() as (hub, _), hub.working():
            await hub.take([case.submitted(), routed])
            await hub.until_statuses("delivered")
            await hub.database.pool.execute("delete from inbox")
            await hub.take([case.submitted(), routed])

            assert await hub.statuses() == ["delivered"]
            assert await lanes(hub.database) == [("redcross", 0)]

    async def test_an_event_of_no_concern_is_passed_over(self, opened: Opener) -> None:
        async with opened() as (hub, _):
            await hub.take([event(MessageReceived, agency="police", message="tx-1", size=1850)])

            assert await hub.items() == []
            assert await hub.database.pool.fetchval("select count(*) from parked") == 0
