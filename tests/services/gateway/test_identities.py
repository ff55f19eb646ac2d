"""The police join two persons in their register, and take them apart again: the hub joins nobody."""

import pytest

from stafet_connectors.police import samples as police
from stafet_connectors.police.fields import NAMESPACE
from stafet_connectors.police.simulator_messages import IDENTITY_FAULTS
from stafet_schemas.delivery import DeliveryAccepted
from stafet_schemas.event import Event
from stafet_schemas.inbound import MessageReceived, MessageRejected
from stafet_schemas.referral import ReferralSubmitted
from stafet_sdk.contract import Request
from stafet_sdk.xml import Element, grow
from tests.services.gateway.samples import answer, referral
from tests.services.gateway.serving import Gateway

ONE, OTHER = "POL-1-00001", "POL-1-00002"


def about(reference: str, first_name: str = "") -> Element:
    """Refer the person of a reference."""
    form = police.saying("Sagsreference", reference)
    if first_name:
        next(form.iter(f"{{{NAMESPACE}}}Fornavn")).text = first_name
    return form


def joined(word: str, number: int) -> Request:
    """Say that two references are one person, or are two again."""
    said = grow(NAMESPACE, word, {"Sagsreference": ONE, "AndenSagsreference": OTHER})
    return referral(said, number)


async def two(gateway: Gateway) -> tuple[str, str]:
    """Refer two persons; return their cases."""
    cases = [
        (await gateway.submit(referral(about(reference), number))).case
        for number, reference in enumerate((ONE, OTHER), 1)
    ]
    return cases[0], cases[1]


class TestTwoReferencesThatAreSaidToBeOne:
    @pytest.mark.parametrize("word", IDENTITY_FAULTS.values())
    async def test_stay_two_and_the_police_and_the_operator_are_told(
        self, gateway: Gateway, word: str
    ) -> None:
        await two(gateway)
        before = dict(gateway.vault.registered)
        [received] = await gateway.accept(joined(word, 3))
        await gateway.translate()
        [rejected] = await gateway.events(MessageRejected)
        [problem] = rejected.data.problems
        assert (rejected.data.message, problem.field) == (received.data.message, word)
        assert "operator" in problem.problem
        assert gateway.vault.registered == before
        told = [type(each) for each in await gateway.events(Event)]
        assert set(told) == {MessageReceived, ReferralSubmitted, MessageRejected}

    async def test_lead_to_their_own_cases_afterwards(self, gateway: Gateway) -> None:
        first, second = await two(gateway)
        await gateway.accept(joined("Sammenlaegning", 3))
        await gateway.translate()
        away = await gateway.submit(referral(about(OTHER), 4))
        stayed = await gateway.submit(referral(about(ONE), 5))
        assert (away.case, stayed.case) == (second, first)

    async def test_are_answered_each_by_its_own_case(self, gateway: Gateway) -> None:
        _, second = await two(gateway)
        away = (await gateway.events(ReferralSubmitted))[1].data.referral
        await gateway.accept(joined("Sammenlaegning", 3), answer(away))
        await gateway.translate()
        [accepted] = await gateway.events(DeliveryAccepted)
        assert (accepted.data.lane, accepted.data.referral) == (second, away)


class TestAMessageUnderTheMergedNumber:
    async def test_is_a_record_of_its_own_and_changes_none(self, gateway: Gateway) -> None:
        first, _ = await two(gateway)
        before = dict(gateway.vault.registered)
        merged = await gateway.submit(referral(about(ONE, "Fipagorymu"), 3))
        records = {each.record for each in gateway.vault.records.values()}
        assert (merged.case, len(records), merged.record in records) == (first, 3, True)
        assert before.items() <= gateway.vault.registered.items()
        # What a receiver of the first referral gets is that record, as it was.
        told = [each.data for each in await gateway.events(ReferralSubmitted)]
        assert len({(each.referral, each.record) for each in told}) == 3
