"""What the service makes of facts of other services, on PostgreSQL and through the runtime."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

import pytest

from stafet_schemas.deadline import DeadlineMet, DeadlineSet, DeadlineThreatened
from tests.services.deadlines.samples import (
    CASE,
    DAY,
    FACT,
    HOUR,
    NOON,
    REFERRAL,
    Desk,
    accepted,
    delivery,
    dues,
    event,
    routed,
    submitted,
)

if TYPE_CHECKING:
    from stafet_schemas.event import Event

NOTIFIED = {**FACT, "notification": "n-1", "receiver": "municipality"}


class TestAReferral:
    @pytest.mark.parametrize(
        ("priority", "due"),
        [
            ("acute", NOON + timedelta(hours=24)),
            ("urgent", NOON + timedelta(hours=72)),
            ("routine", datetime(2026, 3, 16, 23, tzinfo=UTC)),
            ("whenever", NOON + timedelta(hours=24)),
        ],
    )
    async def test_is_answered_in_the_time_of_its_priority(
        self, desk: Desk, priority: str, due: datetime
    ) -> None:
        assert await desk.take(submitted(priority), routed()) == ["set referral_answer"]

        assert await dues(desk) == {"referral_answer": due}

    async def test_has_an_owner_and_says_who_else_is_warned(self, desk: Desk) -> None:
        start = routed()
        await desk.take(submitted(), start)

        (told,) = await desk.emitted()
        assert isinstance(told, DeadlineSet)
        assert (told.data.owner, told.data.notify) == ("redcross", ("cmm", "police"))
        assert (told.data.matter, told.data.subject, told.data.rule) == (CASE, "referral-1", "clocks-2")
        assert (told.causationid, told.partitionkey) == (start.id, CASE)

    async def test_that_is_accepted_is_to_be_begun(self, desk: Desk) -> None:
        stop = accepted(NOON + timedelta(hours=1))

        told = await desk.take(submitted(), routed(), stop)

        assert told == ["set referral_answer", "met referral_answer", "set referral_start"]
        met = (await desk.emitted())[1]
        assert isinstance(met, DeadlineMet)
        assert (met.data.by, met.data.late) == (stop.id, False)

    async def test_waits_for_its_sender_while_something_is_asked(self, desk: Desk) -> None:
        asked = event("referral.info_requested", **REFERRAL, receiver="redcross", wanted=("health",))
        given = event("referral.info_supplied", **REFERRAL, receiver="redcross", wanted=("health",))

        told = await desk.take(submitted("urgent"), routed(), asked, given)

        assert told[1:] == [
            "met referral_answer", "set referral_info", "met referral_info", "set referral_answer",
        ]  # fmt: skip

    async def test_that_goes_on_elsewhere_keeps_its_priority(self, desk: Desk) -> None:
        await desk.take(submitted("routine"), routed())
        other = {**REFERRAL, "referral": "referral-2"}
        onward = {"receiver": "redcross", "successor": "referral-2", "target": "shelter", "by": "cmm"}
        moved = event("referral.redirected", **REFERRAL, **onward)

        told = await desk.take(moved, routed(recipient="shelter", **other))

        assert told == ["met referral_answer", "set referral_answer"]
        assert (await dues(desk))["referral_answer"] == datetime(2026, 3, 16, 23, tzinfo=UTC)

    async def test_that_is_handed_over_has_its_time_from_then(self, desk: Desk) -> None:
        log = {**REFERRAL, "receiver": "municipality", "channel": "phone"}
        later = NOON + timedelta(hours=20)
        await desk.take(submitted(), event("referral.logged", **log))

        told = await desk.take(event("referral.handed_over", later, **log))

        assert told == ["met referral_answer", "set referral_answer"]
        assert (await dues(desk))["referral_answer"] == later + timedelta(hours=24)

    async def test_that_nobody_answered_is_the_coordinators_until_it_goes_elsewhere_or_ends(
        self, desk: Desk
    ) -> None:
        await desk.take(submitted(), routed())
        (breach,) = [each for each in (await desk.wait(25 * HOUR)) if each.startswith("breached")]
        at = NOON + timedelta(hours=25)
        silent = {**REFERRAL, "receiver": "redcross", "deadline": "d-1", "to": ("cmm",)}

        assert breach == "breached referral_answer"
        assert await desk.take(event("referral.escalated", at, **silent)) == ["set referral_escalation"]
        escalated = (await desk.emitted())[-1]
        assert isinstance(escalated, DeadlineSet)
        assert (escalated.data.owner, escalated.data.notify) == ("cmm", ("police",))
        assert escalated.data.due == at + timedelta(hours=12)
        assert await desk.wait(6 * HOUR) == ["warned referral_escalation half"]
        # A notice that lands late leaves it with the coordinator; only an answer or an end does not.
        assert await desk.take(event("referral.delivered", at, **REFERRAL, receiver="redcross")) == []
        assert "met referral_escalation" in await desk.take(event("referral.expired", at, **silent))

    async def test_content_and_status_start_nothing(self, desk: Desk) -> None:
        assert await desk.take(routed(part="content"), routed(part="status", recipient="police")) == []


class TestAChild:
    async def test_starts_both_clocks_of_the_municipality(self, desk: Desk) -> None:
        # Maundy Thursday 2026 is 2 April: six working days after Tuesday 31 March end on 13 April.
        at = datetime(2026, 3, 31, 10, tzinfo=UTC)

        assert await desk.take(event("child.notification_sent", at, **NOTIFIED)) == [
            "set child_acute_assessment",
            "set child_acknowledgement",
        ]
        assert await dues(desk) == {
            "child_acute_assessment": at + timedelta(hours=24),
            "child_acknowledgement": datetime(2026, 4, 13, 22, tzinfo=UTC),
        }

    async def test_each_notification_is_met_by_its_own_answer(self, desk: Desk) -> None:
        other = {**NOTIFIED, "notification": "n-2"}
        sent = [event("child.notification_sent", **each) for each in (NOTIFIED, other)]

        await desk.take(*sent, event("child.acute_assessed", **other))

        met = [each for each in await desk.emitted() if isinstance(each, DeadlineMet)]
        assert [(each.data.clock, each.data.subject) for each in met] == [("child_acute_assessment", "n-2")]

    async def test_missing_is_told_at_once(self, desk: Desk) -> None:
        await desk.take(event("child.reported_missing", **FACT, absence="a-1"))

        assert await desk.wait() == ["warned missing_child at_once"]
        assert await desk.wait(12 * HOUR) == ["warned missing_child half"]
        found = event("child.found", NOON + timedelta(hours=13), **FACT, absence="a-1", finder="police")
        assert await desk.take(found) == ["met missing_child"]
        assert await desk.wait(90 * DAY) == []


class TestCustody:
    HELD: ClassVar[dict[str, str]] = {**FACT, "custody": "c-1"}

    async def test_runs_until_an_interview_is_offered_in_the_case(self, desk: Desk) -> None:
        offered = event("interview.offered", NOON + timedelta(hours=30), **FACT, interview="i-1")

        assert await desk.take(event("custody.started", **self.HELD)) == ["set custody_interview"]
        assert await desk.wait(25 * HOUR) == ["warned custody_interview hours_24"]
        assert await desk.take(offered) == ["met custody_interview"]

    async def test_an_interview_of_before_does_not_count(self, desk: Desk) -> None:
        offered = event("interview.offered", NOON - timedelta(hours=1), **FACT, interview="i-1")

        assert await desk.take(offered, event("custody.started", **self.HELD), offered) == [
            "set custody_interview"
        ]

    async def test_that_is_reported_late_looks_back(self, desk: Desk) -> None:
        offered = event("interview.offered", NOON + timedelta(hours=3), **FACT, interview="i-1")

        assert await desk.take(offered, event("custody.started", NOON, **self.HELD)) == [
            "set custody_interview",
            "met custody_interview",
        ]


class TestConsent:
    GIVEN: ClassVar[dict[str, object]] = {
        "case": CASE, "consent": "co-1", "version": 1, "basis": "consent", "named": ("shelter",),
        "purposes": (), "groups": (),
    }  # fmt: skip

    async def test_without_an_end_has_no_clock(self, desk: Desk) -> None:
        assert await desk.take(event("consent.given", **self.GIVEN)) == []

    async def test_is_warned_of_before_its_end(self, desk: Desk) -> None:
        until = NOON + timedelta(days=30)

        await desk.take(event("consent.given", **self.GIVEN, until=until))

        assert await desk.wait(27 * DAY) == [
            "warned consent_expiry days_left_14",
            "warned consent_expiry days_left_3",
        ]
        assert await desk.wait(3 * DAY) == ["breached consent_expiry"]


class TestAContact:
    @pytest.mark.parametrize(
        ("at", "due"),
        [
            # Friday night: Saturday the line opens at 9, so the first shift has until 10.
            (datetime(2026, 3, 6, 22, tzinfo=UTC), datetime(2026, 3, 7, 9, tzinfo=UTC)),
            # Sunday evening before the clocks go forward was in March; a Monday opens at 8.30.
            (datetime(2026, 3, 29, 20, tzinfo=UTC), datetime(2026, 3, 30, 7, 30, tzinfo=UTC)),
            # Early on a working day: the same morning.
            (datetime(2026, 3, 3, 4, tzinfo=UTC), datetime(2026, 3, 3, 8, 30, tzinfo=UTC)),
        ],
    )
    async def test_from_outside_the_hours_waits_for_the_first_shift(
        self, desk: Desk, at: datetime, due: datetime
    ) -> None:
        said = {"contact": "k-1", "agency": "hotline", "message": "rk-3"}
        received = event(
            "contact.received", at, **said, venue="hotline", open=False, route="police_hotline", rule="h-1"
        )

        assert await desk.take(received) == ["set contact_queue"]
        assert await dues(desk) == {"contact_queue": due}
        triaged = event("contact.triaged", due - timedelta(minutes=5), **said, priority="urgent")
        assert await desk.take(triaged) == ["met contact_queue"]


SILENT = "threatened referral_answer partner_silent"


class TestAThreat:
    FAILED: ClassVar[dict[str, object]] = {"attempt": 9, "failure": "exhausted", "cause": "http_503"}

    async def test_of_a_lane_that_stands_still_is_told_once(self, desk: Desk) -> None:
        await desk.take(submitted(), routed())

        told = await desk.take(delivery("failed", **self.FAILED), delivery("failed", **self.FAILED))

        assert told == ["threatened referral_answer lane_held"]
        threat = (await desk.emitted())[-1]
        assert isinstance(threat, DeadlineThreatened)
        assert threat.data.recipient == "redcross"

    async def test_is_seen_whichever_topic_is_read_first(self, desk: Desk) -> None:
        await desk.take(delivery("failed", **self.FAILED))

        assert await desk.take(submitted(), routed()) == [
            "set referral_answer",
            "threatened referral_answer lane_held",
        ]

    @pytest.mark.parametrize(
        ("part", "told"), [("alert", []), ("notice", ["threatened referral_answer lane_held"])]
    )
    async def test_of_what_can_never_be_sent_is_one_only_if_it_was_to_be_acted_on(
        self, desk: Desk, part: str, told: list[str]
    ) -> None:
        await desk.take(submitted(), routed())
        ended = {"attempt": 1, "failure": "policy", "cause": "never_sent", "ends": True, "part": part}

        assert await desk.take(delivery("failed", **ended)) == told

    async def test_does_not_last_behind_what_can_never_be_sent(self, desk: Desk) -> None:
        await desk.take(delivery("failed", **self.FAILED, ends=True))

        assert await desk.take(submitted(), routed()) == ["set referral_answer"]

    async def test_leaves_a_delivery_waited_for_until_it_can_never_be_sent(self, desk: Desk) -> None:
        await desk.take(delivery("queued"))

        assert await desk.take(delivery("failed", **self.FAILED)) == []
        assert await desk.take(delivery("failed", **self.FAILED, ends=True)) == [
            "met technical_acknowledgement"
        ]

    async def test_is_over_when_the_lane_moves(self, desk: Desk) -> None:
        await desk.take(delivery("failed", **self.FAILED), delivery("delivered", attempt=10))

        assert await desk.take(submitted(), routed()) == ["set referral_answer"]

    @pytest.mark.parametrize(
        ("after", "wait_s", "told"),
        [(0, 60, []), (0, 13 * HOUR, [SILENT]), (13, 60, [SILENT])],
    )
    async def test_of_a_partner_that_does_not_take_it_is_told_in_the_second_half(
        self, desk: Desk, after: int, wait_s: float, told: list[str]
    ) -> None:
        await desk.take(submitted(), routed())
        tried = {"attempt": 1, "failure": "retriable", "cause": "http_503", "wait_s": wait_s}
        deferred = delivery("deferred", NOON + timedelta(hours=after), **tried)

        assert await desk.take(deferred) == told

    async def test_is_nobodys_who_does_not_wait_for_that_recipient(self, desk: Desk) -> None:
        await desk.take(submitted(), routed())

        assert await desk.take(delivery("failed", recipient="police", **self.FAILED)) == []


class TestWhatEndsEverything:
    ERASED: ClassVar[dict[str, object]] = {"case": CASE, "reason": "objection", "recipients": ()}

    async def test_an_erased_case_has_no_clocks(self, desk: Desk) -> None:
        await desk.take(submitted(), routed(), event("child.notification_sent", **NOTIFIED))

        told = await desk.take(event("case.erased", NOON + timedelta(hours=1), **self.ERASED))

        assert sorted(told) == [
            "met child_acknowledgement", "met child_acute_assessment", "met referral_answer",
        ]  # fmt: skip

    async def test_also_where_its_topic_is_read_before_the_others(self, desk: Desk) -> None:
        await desk.take(event("case.erased", NOON + timedelta(hours=1), **self.ERASED))

        assert await desk.take(submitted(), routed()) == ["set referral_answer", "met referral_answer"]

    async def test_nothing_is_ever_parked(self, desk: Desk) -> None:
        strange: list[Event] = [routed(recipient="never_heard_of"), accepted()]

        await desk.take(*strange)

        assert await desk.parked() == 0
