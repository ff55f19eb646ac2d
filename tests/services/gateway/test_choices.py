"""A referral that the hub chooses the receiver of: who may answer it, and from when on."""

import pytest

from stafet_schemas.delivery import DeliveryAccepted
from stafet_schemas.event import Event, EventData
from stafet_schemas.inbound import MessageRejected
from stafet_schemas.referral import (
    ReferralRefused,
    ReferralRefusedData,
    ReferralRouted,
    ReferralRoutedData,
    ReferralSubmittedData,
)
from stafet_sdk.certification.samples import NOW
from tests.services.gateway.samples import answer, referral
from tests.services.gateway.serving import Gateway, records


def said(kind: type[Event], data: EventData) -> Event:
    """Let the referrals service say something."""
    return kind(
        id="0192f3a0-0000-7000-8000-00000000c401",
        source="/stafet/referrals",
        type=kind.type_name(),
        time=NOW,
        correlationid="case",
        partitionkey="case",
        recordedtime=NOW,
        data=data,
    )


def routed(about: ReferralSubmittedData, recipient: str) -> Event:
    """Have the notice sent to somebody."""
    data = ReferralRoutedData(
        case=about.case,
        referral=about.referral,
        sender=about.sender,
        placer=about.placer,
        recipient=recipient,
        part="notice",
        purpose="referral_notice",
        rule="routing-3",
    )
    return said(ReferralRouted, data)


def refused(about: ReferralSubmittedData) -> Event:
    """Have nobody get it."""
    data = ReferralRefusedData(
        case=about.case,
        referral=about.referral,
        sender=about.sender,
        placer=about.placer,
        agency=about.sender,
        reason="no_recipient",
    )
    return said(ReferralRefused, data)


class TestLeftToTheHub:
    async def test_an_answer_that_is_faster_than_the_choice_waits_for_it(self, gateway: Gateway) -> None:
        about = await gateway.submit(referral())
        await gateway.database.pool.execute("update referrals set receiver = 'hub'")
        await gateway.accept(answer(about.referral))
        await gateway.translate()
        assert await gateway.parked() == [("redcross", "transient")]

        await gateway.processor().process(records([routed(about, "redcross")]))
        gateway.clock.advance(60)
        assert await gateway.processor().retry_parked() == 1

        (accepted,) = await gateway.events(DeliveryAccepted)
        assert (accepted.data.referral, accepted.data.agency) == (about.referral, "redcross")
        assert await gateway.parked() == []

    @pytest.mark.parametrize("instead", ["somebody else", "nobody"])
    async def test_whoever_was_not_chosen_learns_nothing_of_it(self, gateway: Gateway, instead: str) -> None:
        about = await gateway.submit(referral())
        await gateway.database.pool.execute("update referrals set receiver = 'hub'")
        told = refused(about) if instead == "nobody" else routed(about, "shelter")
        await gateway.processor().process(records([told]))

        await gateway.accept(answer(about.referral))
        await gateway.translate()

        (rejected,) = await gateway.events(MessageRejected)
        assert [(each.field, each.problem) for each in rejected.data.problems] == [("referral", "unknown")]
        assert await gateway.parked() == []
