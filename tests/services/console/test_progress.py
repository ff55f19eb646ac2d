"""Where a case stands."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet.console.domain.progress import Progress, advance
from stafet.console.domain.standing import Trouble, ladder, marks, state_of, worst
from stafet.console.domain.steps import Step, step_of
from stafet_schemas import case, course, delivery, referral
from stafet_schemas.deadline import DeadlineBreached
from stafet_schemas.event import Event
from tests.services.console.samples import (
    Story,
    closed,
    delivered,
    erased,
    rejected,
    stopped,
    unusable,
    waiting,
)
from tests.services.console.stories import silent

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
CLOSED = [step_of(each) for each in closed(1, START).events]
ERASED = [step_of(each) for each in erased(3, START).events]
UNANSWERED = silent(4, START)
UNANSWERED.add(DeadlineBreached, **UNANSWERED.events[-3].data.model_dump())
SILENT = [step_of(each) for each in UNANSWERED.events]
STOPPED = [step_of(each) for each in stopped(2, START).events]


def folded(steps: list[Step]) -> Progress:
    found: Progress | None = None
    for step in steps:
        found = advance(found, [step])
    assert found is not None
    return found


def progress_of(events: list[Event]) -> Progress:
    return folded([step_of(event) for event in events])


def up_to(story: Story, kind: str) -> list[Event]:
    names = [type(each).short_name() for each in story.events]
    return story.events[: names.index(kind) + 1]


class TestStateOf:
    @pytest.mark.parametrize(
        ("tell", "until", "state"),
        [
            (closed, "message.received", "received"),
            (closed, "case.opened", "opened"),
            (closed, "referral.submitted", "submitted"),
            (closed, "delivery.delivered", "submitted"),
            (closed, "referral.delivered", "delivered"),
            (closed, "referral.accepted", "accepted"),
            (closed, "referral.started", "in_progress"),
            (closed, "referral.completed", "completed"),
            (closed, "referral.loop_closed", "loop_closed"),
            (rejected, "referral.rejected", "rejected"),
            (rejected, "referral.loop_closed", "loop_closed"),
            (unusable, "message.rejected", "message_rejected"),
            (unusable, "delivery.delivered", "sender_told"),
            (erased, "referral.loop_closed", "loop_closed"),
            (erased, "case.erased", "erased"),
        ],
    )
    def test_follows_the_events(self, tell: Callable[[int, datetime], Story], until: str, state: str) -> None:
        assert state_of(progress_of(up_to(tell(1, START), until))) == state

    def test_of_several_referrals_the_one_with_furthest_to_go_counts(self) -> None:
        story = closed(1, START)
        story.referral = "r-second"
        story.submit()

        assert state_of(progress_of(story.events)) == "submitted"


class TestAdvance:
    @given(st.permutations(CLOSED))
    def test_the_order_of_events_makes_no_difference(self, shuffled: list[Step]) -> None:
        assert folded(shuffled) == folded(CLOSED)

    @given(st.permutations(ERASED))
    def test_of_an_erased_case_no_agencys_own_id_stays(self, shuffled: list[Step]) -> None:
        progress = folded(shuffled)

        assert progress == folded(ERASED)
        assert not {"tx-3", "POL-0003", "a-3", "s-3", "c-3"} & set(
            re.split(r"[ \"]", progress.model_dump_json())
        )

    @given(st.permutations(STOPPED + STOPPED))
    def test_an_event_twice_makes_no_difference(self, shuffled: list[Step]) -> None:
        assert folded(shuffled) == folded(STOPPED)

    @given(st.permutations(SILENT))
    def test_the_last_step_is_somebodys_and_no_clocks(self, shuffled: list[Step]) -> None:
        clocks = [each for each in shuffled if each.type.startswith("deadline.")]

        assert folded(shuffled) == folded(SILENT)
        assert folded(shuffled).last.step == "referral.reroute_proposed"
        assert folded(clocks).last.step == "deadline.breached"

    @pytest.mark.parametrize("backwards", [False, True])
    def test_the_receiver_is_whom_the_hub_chose_once_it_did(self, *, backwards: bool) -> None:
        story = Story(1, START)
        left_open = story.submit()
        to_hub = left_open.model_copy(update={"data": left_open.data.model_copy(update={"receiver": "hub"})})
        chosen = story.add(course.ReferralChosen, to_hub, reason="free_places", rule="r-1")
        before = progress_of([to_hub])

        after = progress_of([chosen, to_hub] if backwards else [to_hub, chosen])

        assert [each.receiver for each in before.referrals.values()] == ["hub"]
        assert [each.receiver for each in after.referrals.values()] == ["redcross"]
        assert after.agencies == ("police", "redcross")

    def test_survives_being_stored(self) -> None:
        progress = progress_of(stopped(1, START).events)

        assert Progress.model_validate_json(progress.model_dump_json()) == progress


class TestMarks:
    def test_a_case_that_moves_has_none(self) -> None:
        assert marks(progress_of(closed(1, START).events)) == []

    def test_a_deferred_delivery_waits_with_its_cause_and_time(self) -> None:
        (mark,) = marks(progress_of(waiting(1, START).events))

        assert mark.level is Trouble.WAITING
        assert mark.text == "Notice for Red Cross put off: http 503, next try in 4.0 s"

    def test_a_dead_end_stops_the_case_and_says_who_must_act(self) -> None:
        (mark,) = marks(progress_of(stopped(1, START).events))

        assert (mark.level, mark.text) == (
            Trouble.STOPPED,
            "Notice could not be delivered to Red Cross: reply not json",
        )
        assert "a person must act" in mark.remedy

    def test_a_dead_end_is_over_when_the_delivery_gets_through(self) -> None:
        story = stopped(1, START)
        what = story.last.data.model_dump(include={"delivery", "recipient", "part"})
        story.add(delivery.DeliveryDelivered, attempt=4, **what)

        assert worst(marks(progress_of(story.events))) is Trouble.NONE

    def test_a_blocked_release_stops_the_case_until_one_is_made(self) -> None:
        story = delivered(1, START)
        release = {"recipient": "redcross", "part": "content", "purpose": "support", "policy": "2026-1"}
        story.add(case.DisclosureBlocked, reason="no_mandate", **release)
        blocked = worst(marks(progress_of(story.events)))
        story.add(case.DisclosureMade, disclosure="l-9", groups=("routing",), **release)

        assert (blocked, worst(marks(progress_of(story.events)))) == (Trouble.STOPPED, Trouble.NONE)

    def test_what_an_agency_has_no_word_for_stays_a_humans_task(self) -> None:
        story = closed(1, START)
        recall = {"delivery": "d-w", "recipient": "police", "part": "withdrawal", "attempt": 1, "rung": None}
        story.add(delivery.DeliveryFailed, failure="needs_action", cause="no_word", **recall)
        (mark,) = marks(progress_of(story.events))

        assert mark.level is Trouble.STOPPED
        assert mark.text == "Withdrawal could not be delivered to Police: its protocol has no word for it"
        assert "by telephone" in mark.remedy

    @pytest.mark.parametrize(
        ("rung", "level"),
        [("in_progress", Trouble.NONE), ("on_hold", Trouble.STOPPED), ("info_requested", Trouble.STOPPED)],
    )
    def test_that_work_has_begun_need_not_be_told_where_there_is_no_word_for_it(
        self, rung: str, level: Trouble
    ) -> None:
        story = delivered(1, START)
        status = {"delivery": "d-s", "recipient": "police", "part": "status", "attempt": 1, "rung": rung}
        story.add(delivery.DeliveryFailed, failure="needs_action", cause="no_word", **status)

        assert worst(marks(progress_of(story.events))) is level

    def test_what_waits_for_a_consent_is_over_when_it_is_tried_anew(self) -> None:
        story = delivered(1, START)
        content = {"recipient": "redcross", "part": "content", "rung": None}
        failed = {"failure": "policy", "cause": "no_consent", "attempt": 1}
        story.add(delivery.DeliveryFailed, **failed, **content, delivery="d-8")
        (mark,) = marks(progress_of(story.events))
        story.add(delivery.DeliveryQueued, **content, delivery="d-9")
        renewed = marks(progress_of(story.events))
        story.add(delivery.DeliveryFailed, **failed, **content, delivery="d-9")

        assert "when a consent" in mark.remedy
        assert renewed == []
        assert [each.since for each in marks(progress_of(story.events))] == [story.now]

    def test_of_an_erased_case_only_what_is_not_told_of_that_needs_somebody(self) -> None:
        story = stopped(1, START)
        story.add(referral.ReferralRefused, agency="redcross", reason="out_of_order")
        told = {
            "recipient": "redcross",
            "rung": None,
            "attempt": 1,
            "failure": "retriable",
            "cause": "http_503",
        }
        story.add(case.CaseErased, reason="no_longer_needed", recipients=("redcross",))
        story.add(delivery.DeliveryDeferred, **told, part="content", delivery="d-7", wait_s=1)
        progress = progress_of(story.events)
        story.add(delivery.DeliveryDeferred, **told, part="erasure", delivery="d-8", wait_s=1)

        assert (state_of(progress), marks(progress)) == ("erased", [])
        assert [each.level for each in marks(progress_of(story.events))] == [Trouble.WAITING]

    def test_a_refused_answer_waits_until_the_loop_is_closed(self) -> None:
        story = delivered(1, START)
        story.add(referral.ReferralRefused, agency="redcross", reason="out_of_order")
        refused = marks(progress_of(story.events))
        story.add(referral.ReferralLoopClosed, outcome="completed")

        assert [(each.level, each.text) for each in refused] == [
            (Trouble.WAITING, "Refused by the hub, from Red Cross: out of order")
        ]
        assert marks(progress_of(story.events)) == []

    def test_a_referral_nobody_can_take_stops_the_case(self) -> None:
        story = Story(1, START)
        story.submit()
        story.add(referral.ReferralRefused, agency="police", reason="no_recipient")
        progress = progress_of(story.events)

        assert (state_of(progress), worst(marks(progress))) == ("refused", Trouble.STOPPED)

    def test_an_unusable_message_waits_until_its_sender_is_told(self) -> None:
        story = unusable(1, START)

        assert worst(marks(progress_of(up_to(story, "message.rejected")))) is Trouble.WAITING
        assert worst(marks(progress_of(story.events))) is Trouble.NONE

    def test_the_worst_stands_first(self) -> None:
        story = stopped(1, START)
        story.add(referral.ReferralRefused, agency="redcross", reason="wrong_agency")

        assert [each.level for each in marks(progress_of(story.events))] == [Trouble.STOPPED, Trouble.WAITING]


class TestLadder:
    def test_shows_what_is_reached_and_what_is_not(self) -> None:
        rungs = ladder(progress_of(delivered(1, START).events).referrals["r-0001"])

        assert [(rung.state, rung.at is not None) for rung in rungs] == [
            ("submitted", True), ("delivered", True), ("accepted", False), ("in_progress", False),
            ("completed", False), ("loop_closed", False),
        ]  # fmt: skip

    def test_a_rejected_referral_ends_there(self) -> None:
        referral_progress = progress_of(rejected(1, START).events).referrals["r-0001"]

        assert [(rung.state, rung.bad) for rung in ladder(referral_progress)] == [
            ("submitted", False), ("delivered", False), ("rejected", True), ("loop_closed", False)
        ]  # fmt: skip
        assert referral_progress.reason == "no_capacity"

    def test_a_rung_keeps_the_time_it_was_first_reached(self) -> None:
        story = delivered(1, START)
        first = story.now
        story.add(referral.ReferralAccepted)
        story.now += timedelta(hours=1)
        story.add(referral.ReferralAccepted)
        accepted = ladder(progress_of(story.events).referrals["r-0001"])[2].at

        assert accepted is not None
        assert accepted - first == timedelta(milliseconds=12)
