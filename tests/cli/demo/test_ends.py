"""Referrals that end beside their ladder: asked twice, or ended with the person's consent."""

import pytest

from stafet_schemas import consent, course, delivery, referral
from stafet_schemas.event import Event
from tests.cli.demo.played import CONSENTED, Played

CASE = "case-1"


def who(number: int) -> dict[str, object]:
    return {
        "case": CASE, "referral": f"r-{number}", "sender": "police", "receiver": "redcross",
        "placer": f"r-t-{number}", "record": "rec", "version": 1, "groups": ("routing",), "digest": "d",
        "service": "health", "priority": "acute", "age_group": "adult", "sex": "female",
    }  # fmt: skip


def caused(played: Played, cause: str, kind: type[Event], **data: object) -> Event:
    """Append an event that another one has caused."""
    event = played.event(kind, **data).model_copy(update={"causationid": cause})
    played.events[-1] = event
    return event


def asked_twice() -> Played:
    """Play a referral, and the same while it is open: the police are told again how far the first is."""
    played = Played(receivers=("redcross",))
    played.refer(1)
    played.submit("t-2")
    submitted = played.event(referral.ReferralSubmitted, **who(2))
    caused(played, submitted.id, referral.ReferralRefused, reason="already_open", agency="police", **who(2))
    status = {"recipient": "police", "part": "status", "purpose": "referral_status"}
    caused(played, submitted.id, referral.ReferralRouted, rung="rejected", rule="r", **status, **who(2))
    again = caused(
        played, submitted.id, referral.ReferralRouted, rung="delivered", rule="r", **status, **who(1)
    )
    played.told("t-2", "AFVIST", CASE, "r-2-1")
    played.told("t-1", "MODTAGET", CASE, again.id)
    played.event(referral.ReferralLoopClosed, outcome="rejected", **who(2))
    return played


def withdrawn(*, late: bool) -> Played:
    """Play a referral that ends with the consent, before its receiver answers or after its yes."""
    played = Played(receivers=("redcross",))
    played.submit("t-1", consented=True)
    played.say(consent.ConsentGiven, CASE)
    played.event(referral.ReferralSubmitted, **who(1))
    played.part("r-1", "notice", CASE)
    played.told("t-1", "MODTAGET", CASE, "r-1-1")
    if late:
        played.answer(delivery.DeliveryAccepted, "r-1", "accepted", CASE)
        played.part("r-1", "content", CASE, CONSENTED)
        played.told("t-1", "ACCEPTERET", CASE, "r-1-2")
    played.withdraw("r-1", CASE, told=late)
    played.event(course.ReferralCancelled, reason="consent_withdrawn", by="hub", **who(1))
    if not late:
        played.answer(delivery.DeliveryAccepted, "r-1", "accepted", CASE)
        played.event(referral.ReferralRefused, reason="out_of_order", agency="redcross", **who(1))
    played.told("t-1", "AFVIST", CASE, "r-1-3")
    played.event(referral.ReferralLoopClosed, outcome="cancelled", **who(1))
    return played


def done(played: Played) -> tuple[str, ...]:
    """Judge, but for what no message of these plays says."""
    ours = played.judge().problems
    return tuple(each for each in ours if "the police's word that all is sent" not in each)


class TestAskedTwice:
    def test_is_told_no_and_how_far_the_first_is(self) -> None:
        played = asked_twice()
        judged = played.judge()

        assert done(played) == ()
        assert (judged.report.closed, judged.report.lost, judged.report.duplicates) == (2, 0, 0)

    def test_is_a_double_where_nothing_asked_for_it(self) -> None:
        played = asked_twice()
        played.without(referral.ReferralRouted, referral="r-1")

        assert done(played) == ("doubled: 1 x receipt at the police",)

    def test_is_lost_without_its_no(self) -> None:
        played = asked_twice()
        (no,) = [each for each in played.police if getattr(each, "code", "") == "AFVIST"]
        played.police.remove(no)

        assert done(played) == ("missing: 1 x the AFVIST receipt",)


class TestWithdrawnConsent:
    @pytest.mark.parametrize("late", [False, True])
    def test_ends_a_referral(self, *, late: bool) -> None:
        judged = withdrawn(late=late).judge()

        assert done(withdrawn(late=late)) == ()
        assert judged.report.withdrawn_before_sending == int(not late)
        assert judged.recalled == int(late)

    def test_keeps_back_a_content_that_was_to_go(self) -> None:
        played = withdrawn(late=False)
        what = {
            "delivery": "d-c",
            "lane": CASE,
            "recipient": "redcross",
            "part": "content",
            "referral": "r-1",
        }
        played.event(delivery.DeliveryQueued, **what)
        played.event(delivery.DeliveryFailed, failure="policy", cause="revoked", attempt=1, **what)
        assert done(played) == ()

        played.without(course.ReferralCancelled)
        assert "unexpected: 1 x a content of a referral that goes on was kept back" in done(played)
