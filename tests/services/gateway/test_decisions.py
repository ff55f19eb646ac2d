"""Formal decisions and their reversal: who may decide, how they are named, what erasure leaves of them."""

from datetime import date

import pytest

from stafet_runtime.database import Database
from stafet_schemas.identification import DecisionReversedData, IdentificationDecided
from tests.services.gateway.deciding import AGENCY, DECISION, MANDATED, REVERSAL, Authority, gateway_of
from tests.services.gateway.samples import erased, shapes
from tests.services.gateway.serving import records


@pytest.fixture
def authority(database: Database) -> Authority:
    return Authority(gateway_of(database))


class TestADecision:
    async def test_is_told_by_receipt_with_outcome_and_day(self, authority: Authority) -> None:
        about = await authority.refer()
        await authority.decide(about.referral)
        [event] = await authority.told()
        assert isinstance(event, IdentificationDecided)
        assert event.data.model_dump() == {
            "case": about.case,
            "referral": about.referral,
            "agency": AGENCY,
            "message": await authority.gateway.receipt("item-00000002:1", AGENCY),
            "outcome": "identified",
            "holds_from": date(2026, 11, 19),
        }
        assert event.partitionkey == about.case

    async def test_is_not_named_by_its_authoritys_id_in_any_event(self, authority: Authority) -> None:
        about = await authority.refer()
        await authority.decide(about.referral)
        await authority.reverse(about.referral)
        assert len(await authority.told()) == 2
        rows = await authority.gateway.database.pool.fetch("select headers, value from outbox")
        written = b"".join(row["headers"] + row["value"] for row in rows)
        assert not [name for name in (DECISION, REVERSAL) for each in shapes(name) if each in written]

    async def test_with_an_outcome_on_no_list_is_kept_as_it_came(self, authority: Authority) -> None:
        about = await authority.refer()
        await authority.decide(about.referral, data__outcome="sent_back_to_court")
        [event] = await authority.told()
        assert getattr(event.data, "outcome", None) == "sent_back_to_court"

    async def test_about_a_referral_of_others_is_refused(self, authority: Authority) -> None:
        await authority.decide("0192f3a0-0000-7000-8000-000000000099")
        assert await authority.problems() == [("referral", "unknown")]
        assert await authority.told() == []

    async def test_under_the_id_of_another_cases_decision_is_refused(self, authority: Authority) -> None:
        one, other = await authority.refer("US-1"), await authority.refer("US-2")
        await authority.decide(one.referral)
        await authority.decide(other.referral)
        assert await authority.problems() == [("decision", "about another case")]


class TestTheMandate:
    async def test_is_asked_for_as_of_the_day_that_the_decision_holds_from(
        self, authority: Authority
    ) -> None:
        about = await authority.refer()
        await authority.decide(about.referral, data__validFrom=MANDATED.isoformat())
        await authority.decide(about.referral, data__decisionId="AFG-2", data__validFrom="2025-12-31")
        assert await authority.problems() == [("decision", "no mandate to identify as of that day")]
        assert len(await authority.told()) == 1

    async def test_is_needed_to_take_a_decision_back(self, authority: Authority) -> None:
        about = await authority.refer()
        await authority.decide(about.referral)
        await authority.told()
        authority.gateway.vault.identifying.clear()
        await authority.reverse(about.referral)
        assert await authority.problems() == [("decision", "no mandate to identify as of that day")]

    async def test_is_waited_for_while_the_vault_is_away(self, authority: Authority) -> None:
        about = await authority.refer()
        await authority.decide(about.referral)
        authority.gateway.vault.closed = True
        assert await authority.told() == []
        assert await authority.gateway.parked() == [(AGENCY, "transient")]


class TestAReversal:
    async def test_names_the_receipt_of_what_it_takes_back(self, authority: Authority) -> None:
        about = await authority.refer()
        await authority.decide(about.referral)
        first = (await authority.told())[0].data
        await authority.reverse(about.referral)
        last = (await authority.told())[-1].data
        assert isinstance(last, DecisionReversedData)
        assert (last.outcome, last.reverses) == ("not_identified", getattr(first, "message", None))

    async def test_is_found_in_the_same_batch(self, authority: Authority) -> None:
        about = await authority.refer()
        await authority.decide(about.referral)
        await authority.reverse(about.referral)
        assert [type(each.data).__name__ for each in await authority.told()] == [
            "DecisionData",
            "DecisionReversedData",
        ]

    async def test_of_a_decision_in_a_later_version_names_the_latest(self, authority: Authority) -> None:
        about = await authority.refer()
        await authority.decide(about.referral)
        await authority.decide(
            about.referral, itemId="item-00000002", version=2, data__outcome="undetermined"
        )
        await authority.told()
        await authority.reverse(about.referral)
        last = (await authority.told())[-1].data
        latest = await authority.gateway.receipt("item-00000002:2", AGENCY)
        assert getattr(last, "reverses", None) == latest

    async def test_may_be_reversed_in_turn(self, authority: Authority) -> None:
        about = await authority.refer()
        await authority.decide(about.referral)
        await authority.reverse(about.referral)
        await authority.reverse(about.referral, data__decisionId="AFG-3", data__reverses=REVERSAL)
        events = await authority.told()
        receipts = [getattr(each.data, "message", None) for each in events]
        assert [getattr(each.data, "reverses", None) for each in events] == [None, *receipts[:2]]

    async def test_of_what_was_never_decided_is_refused(self, authority: Authority) -> None:
        about = await authority.refer()
        await authority.reverse(about.referral)
        assert await authority.problems() == [("reverses", "unknown")]

    async def test_of_another_cases_decision_is_refused(self, authority: Authority) -> None:
        one, other = await authority.refer("US-1"), await authority.refer("US-2")
        await authority.decide(one.referral)
        await authority.reverse(other.referral)
        assert await authority.problems() == [("reverses", "unknown")]


class TestErasure:
    async def test_leaves_nothing_that_leads_from_a_decision_to_the_case(self, authority: Authority) -> None:
        gateway = authority.gateway
        about, other = await authority.refer("US-1"), await authority.refer("US-2")
        await authority.decide(about.referral)
        await authority.decide(other.referral, data__decisionId="AFG-other")
        await authority.told()
        assert DECISION.encode() in await gateway.every_byte()
        await gateway.processor().process(records([erased(about.case)]))
        every = await gateway.every_byte()
        assert not [each for each in shapes(DECISION) if each in every]
        assert b"AFG-other" in every
        assert await gateway.count("decisions") == 1

    async def test_comes_first_even_in_the_batch_that_decides(self, authority: Authority) -> None:
        gateway = authority.gateway
        about = await authority.refer()
        await gateway.processor().process(records([erased(about.case)]))
        await authority.decide(about.referral)
        assert await authority.problems() == [("referral", "unknown")]
        assert await gateway.count("decisions") == 0
