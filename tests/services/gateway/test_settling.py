"""Messages that open no case and ask for nothing: they are settled, and what they say is told."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from stafet.gateway.domain import MOST, reported
from stafet_connectors.shelter import connector, row_request
from stafet_connectors.shelter.samples import PARTNER, body, capacity
from stafet_schemas.event import Event
from stafet_schemas.inbound import MessageReceived, MessageRejected, MessageSettled
from stafet_schemas.referral import ReferralSubmitted
from stafet_schemas.support import SupportCapacityReported
from stafet_sdk.contract import Request
from stafet_sdk.draft import CapacityDraft
from stafet_sdk.errors import MappingError
from tests.services.gateway.samples import referral, withdrawal
from tests.services.gateway.serving import Gateway

AT = datetime(2026, 11, 24, 1, 15, tzinfo=UTC)
PLENTY = CapacityDraft("kc_7", "capacity", AT)


@pytest.fixture
def shelters(gateway: Gateway) -> Gateway:
    """A hub that shelters are connected to."""
    gateway.partners["shelter"] = PARTNER
    gateway.connectors["shelter"] = connector
    return gateway


def row(**cells: str) -> Request:
    """Make a row of a file of capacities."""
    return replace(row_request(body("capacity", capacity(**cells)), PARTNER), path="/agencies/shelter/OUT")


class TestACapacity:
    async def test_becomes_an_event_of_its_agency(self, shelters: Gateway) -> None:
        [received] = await shelters.accept(row())
        await shelters.translate()
        [event] = await shelters.events(SupportCapacityReported)
        assert (event.causationid, event.partitionkey, event.correlationid) == (
            received.id, "shelter", received.data.message,
        )  # fmt: skip
        assert event.data.model_dump() == {
            "agency": "shelter", "message": received.data.message, "unit": "kc_7", "status": "capacity",
            "at": AT, "free": 3, "total": 12, "accepts": (),
        }  # fmt: skip

    async def test_is_settled_without_a_case(self, shelters: Gateway) -> None:
        await shelters.accept(row())
        await shelters.translate()
        settled = await shelters.database.pool.fetchrow("select sealed, case_id from messages")
        assert settled is not None
        assert tuple(settled) == (None, None)
        # What came again, or is read again, changes nothing.
        await shelters.accept(row())
        await shelters.translate()
        assert [type(each) for each in await shelters.events(Event)] == [
            MessageReceived,
            SupportCapacityReported,
        ]

    async def test_comes_with_messages_that_have_cases(self, shelters: Gateway) -> None:
        await shelters.accept(referral(), row(), referral(number=2))
        await shelters.translate()
        assert len(await shelters.events(ReferralSubmitted)) == 2
        assert await shelters.sealed() == []
        cases = await shelters.database.pool.fetch("select agency from messages where case_id is null")
        assert [each["agency"] for each in cases] == ["shelter"]

    async def test_waits_sealed_while_the_vault_is_away(self, shelters: Gateway) -> None:
        await shelters.accept(row())
        shelters.vault.closed = True
        await shelters.translate()
        assert await shelters.events(SupportCapacityReported) == []
        assert len(await shelters.sealed()) == 1


class TestReported:
    @pytest.mark.parametrize(("field", "draft"), [
        ("unit", replace(PLENTY, unit="Rosenhuset, Zuzanna")),
        ("status", replace(PLENTY, status="Plenty!")),
        ("accepts", replace(PLENTY, accepts=("female", "Not men"))),
        ("accepts", replace(PLENTY, accepts=tuple(f"code_{number}" for number in range(MOST + 1)))),
        ("free", replace(PLENTY, free=-1)),
        ("total", replace(PLENTY, total=100_001)),
    ])  # fmt: skip
    def test_lets_no_sentence_slip_into_an_event(self, field: str, draft: CapacityDraft) -> None:
        with pytest.raises(MappingError) as caught:
            reported(draft, agency="shelter", message="m")
        assert [name for name, _ in caught.value.problems] == [field]

    def test_keeps_codes_that_are_on_no_list(self) -> None:
        said = reported(CapacityDraft("kc_7", "closed_for_repairs", AT), agency="shelter", message="m")
        assert (said.status, said.free) == ("closed_for_repairs", None)


class TestAConsentThatWasWithdrawnBefore:
    async def test_is_settled_with_its_case(self, gateway: Gateway) -> None:
        await gateway.accept(referral())
        await gateway.translate()
        (submitted,) = await gateway.events(ReferralSubmitted)
        said = [withdrawal(submitted.data.referral, f"withdrawal-000{number}") for number in (1, 2)]
        received = await gateway.accept(*said)
        await gateway.translate()
        [settled] = await gateway.events(MessageSettled)
        assert (settled.data.case, settled.data.message) == (submitted.data.case, received[1].data.message)
        assert await gateway.events(MessageRejected) == []
