"""What needs somebody now, where the things of a case stand, and the pages that show both."""

import random
from datetime import timedelta

import httpx
import pytest

from stafet.console.adapters.traces import PostgresTraces
from stafet.console.domain.progress import Progress, advance
from stafet.console.domain.standing import ladder, marks, state_of
from stafet.console.domain.steps import step_of
from stafet.console.domain.threads import clocks, decisions, things
from stafet_schemas import (
    case,
    child,
    contact,
    course,
    deadline,
    likeness,
    step,
    support,
)
from stafet_schemas.event import Event
from tests.services.console.samples import Story, delivered, stopped
from tests.services.console.serving import Record
from tests.services.console.stories import DUE, START, helped, silent, support_of, told


def folded(events: list[Event]) -> Progress:
    progress: Progress | None = None
    for event in events:
        progress = advance(progress, [step_of(event)])
    assert progress is not None
    return progress


class TestThreads:
    def test_keep_the_newest_of_each_thing_in_any_order(self) -> None:
        events = [*silent(1, START).events, *helped(1, START + timedelta(hours=1)).events]
        expected = folded(events)
        for seed in range(5):
            random.Random(seed).shuffle(events)
            assert folded([*events, *events[:9]]).threads == expected.threads

    def test_show_the_clock_with_its_owner_until_it_is_met(self) -> None:
        story = silent(1, START)
        [clock] = clocks(folded(story.events).threads)
        assert (clock.clock, clock.agency, clock.due, clock.step) == (
            "referral_answer", "redcross", DUE, "deadline.breached"
        )  # fmt: skip
        data = next(each.data for each in story.events if isinstance(each, deadline.DeadlineSet))
        story.add(deadline.DeadlineMet, None, **data.model_dump(), by=story.last.id, late=True)
        assert clocks(folded(story.events).threads) == []

    def test_put_decisions_of_authorities_beside_each_other(self) -> None:
        found = decisions(folded(helped(1, START).events).threads)
        assert [each.text for each in found] == [
            "Coordinator (CMM) decided: victim of trafficking",
            "Immigration Service decided: not a victim of trafficking",
        ]

    def test_show_where_other_things_stand(self) -> None:
        found = things(folded(helped(1, START).events).threads)
        assert [(each.title, each.text) for each in found] == [
            ("Period", "Reflection period granted up to and with 2026-12-24"),
            ("Place to live", "Moved in at Shelter"),
        ]

    def test_of_an_erased_case_are_gone(self) -> None:
        story = helped(1, START)
        story.add(case.CaseErased, reason="no_longer_needed", recipients=())
        assert folded(story.events).threads == {}


class TestMarks:
    def test_name_silence_and_the_deadline_until_an_answer_comes(self) -> None:
        story = silent(1, START)
        assert [each.kind for each in marks(folded(story.events))] == [
            "deadline.breached", "referral.reroute_proposed",
        ]  # fmt: skip
        told(story, course.ReferralWithdrawn, reason="other", by="police")
        progress = folded(story.events)
        assert [each.kind for each in marks(progress)] == ["deadline.breached"]
        [referral] = progress.referrals.values()
        assert [each.state for each in ladder(referral)] == [
            "submitted",
            "delivered",
            "withdrawn",
            "loop_closed",
        ]

    @pytest.mark.parametrize(("kind", "ended"), [(step.StepReported, 0), (likeness.CaseClosed, 0)])
    def test_name_a_refused_step_until_it_is_said_anew_or_the_case_closed(
        self, kind: type[Event], ended: int
    ) -> None:
        story = helped(1, START)
        assert [each.kind for each in marks(folded(story.events))] == ["step.refused"]
        told(story, kind, step="period_extended", subject="p-1", reason="completed")
        assert len(marks(folded(story.events))) == ended

    def test_name_a_double_and_a_child_that_is_missing_until_somebody_acted(self) -> None:
        story = delivered(1, START)
        story.add(likeness.CaseLinkedPossibleDuplicate, None, other="c-2", matched=("x",), score=80)
        told(story, child.ChildReportedMissing, absence="a-1")
        told(story, child.ChildNotificationSent, notification="n-1", receiver="municipality")
        assert [each.kind for each in marks(folded(story.events))] == [
            "child.reported_missing", "case.linked_possible_duplicate", "child.notification_sent",
        ]  # fmt: skip
        told(story, likeness.CaseDuplicateDismissed, other="c-2")
        told(story, child.ChildFound, absence="a-1")
        told(story, child.ChildNotificationAcknowledged, notification="n-1", receiver="municipality")
        assert marks(folded(story.events)) == []

    def test_a_closed_case_says_so_until_it_is_reopened(self) -> None:
        story = delivered(1, START)
        told(story, likeness.CaseClosed, reason="completed")
        assert state_of(folded(story.events)) == "closed"
        told(story, likeness.CaseReopened, reason="other")
        assert state_of(folded(story.events)) == "delivered"

    def test_a_contact_waits_for_somebody_and_a_question_with_its_answer_is_noted(self) -> None:
        story = Story(1, START)
        told(story, contact.ContactReceived, contact="k-1", venue="hotline", open=True, route="cmm", rule="1")
        progress = folded(story.events)
        assert (state_of(progress), [each.kind for each in marks(progress)]) == (
            "contact_received", ["contact.received"]
        )  # fmt: skip
        asked = Story(2, START)
        told(asked, support.CapacityQueried, query="q-1", service="accommodation")
        assert state_of(folded(asked.events)) == "query_queried"
        told(asked, support.CapacityAnswered, query="q-1", service="accommodation", free=2)
        assert state_of(folded(asked.events)) == "noted"


class TestAttention:
    async def test_lists_what_stopped_first_and_the_oldest_of_it(
        self, record: Record, traces: PostgresTraces, client: httpx.AsyncClient
    ) -> None:
        late, early = silent(1, START), stopped(2, START - timedelta(hours=3))
        await record([*late.events, *early.events])
        found = await traces.attention(9)
        assert [(each.case, each.mark.kind) for each in found.wanted] == [
            (early.case, "delivery.failed"),
            (late.case, "deadline.breached"), (late.case, "referral.reroute_proposed"),
        ]  # fmt: skip
        assert ((await traces.attention(1)).total, len((await traces.attention(1)).wanted)) == (3, 1)
        page = (await client.get("/now")).text
        assert page.index(early.case) < page.index(
            "Deadline over: referral answer, was due 25 November 2026, 23:59"
        )
        assert "Shelter could take it in place of Red Cross" in page
        assert (await client.get("/now.json")).json()["total"] == 3

    async def test_forgets_what_is_done(self, record: Record, traces: PostgresTraces) -> None:
        story = helped(1, START)
        await record(story.events)
        assert (await traces.attention(9)).total == 1
        told(story, step.StepReported, step="period_extended", subject="p-1", until="2026-12-30")
        await record([story.last])
        assert (await traces.attention(9)).total == 0

    async def test_says_so_when_there_is_nothing(self, visitor: httpx.AsyncClient) -> None:
        assert "Nobody needs to act" in (await visitor.get("/now")).text


class TestCasePage:
    async def test_shows_clocks_decisions_and_things(self, record: Record, client: httpx.AsyncClient) -> None:
        story = support_of(silent(1, START))
        await record(story.events)
        page = (await client.get(f"/cases/{story.case}")).text
        assert "25 November 2026, 23:59" in page
        assert (
            page.index("Open clocks")
            < page.index("<h3>Immigration Service</h3>")
            < page.index("Place to live")
        )
        found = (await client.get(f"/cases/{story.case}/events.json")).json()
        assert [each["text"] for each in found["clocks"]] == [
            "Deadline over: referral answer, was due 25 November 2026, 23:59"
        ]
        assert [len(found[each]) for each in ("decisions", "things")] == [2, 2]
