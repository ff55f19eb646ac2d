"""Cases that need somebody: silence, decisions beside each other, a refused step."""

from datetime import UTC, datetime

from stafet_schemas import assessment, course, deadline, period, stay, step
from stafet_schemas.event import Event
from tests.services.console.samples import Story, delivered

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
DUE = datetime(2026, 11, 25, 22, 59, tzinfo=UTC)


def silent(number: int, start: datetime) -> Story:
    """Nobody answers: reminded, over, escalated, and somebody else proposed."""
    story = delivered(number, start)
    clock = {
        "deadline": f"k-{number}", "clock": "referral_answer", "rule": "1", "matter": story.case,
        "subject": story.referral, "owner": "redcross", "due": DUE,
    }  # fmt: skip
    story.add(deadline.DeadlineSet, story.last, **clock)
    story.add(deadline.DeadlineWarned, stage="half", **clock)
    story.add(course.ReferralReminded, story.last, deadline=f"k-{number}", to=("redcross",))
    story.add(deadline.DeadlineBreached, **clock)
    story.add(course.ReferralEscalated, story.last, deadline=f"k-{number}", to=("cmm",))
    story.add(course.ReferralRerouteProposed, story.last, candidates=("shelter",), rule="1")
    return story


def told(story: Story, event: type[Event], /, **data: object) -> Event:
    return story.add(
        event, None, **{"agency": "cmm", "message": f"m-{len(story.events)}", "at": START, **data}
    )


def helped(number: int, start: datetime) -> Story:
    """Two authorities decide, a period runs, the person moves in, and a step was refused."""
    return support_of(delivered(number, start))


def support_of(story: Story) -> Story:
    """Go on with a story like that."""
    words = {"htcds": "ActualVictimOfTrafficking", "rule": "1"}
    told(story, assessment.FinalAssessmentDecided, authority="cmm", outcome="positive", **words)
    told(story, assessment.FinalAssessmentDecided, authority="immigration", outcome="negative", **words)
    days = {"period": "p-1", "kind": "reflection", "rule": "1", "until": "2026-12-24"}
    told(story, period.PeriodGranted, **days)
    for moved in (stay.AccommodationRequested, stay.AccommodationCheckedIn):
        told(story, moved, stay="s-1", provider="shelter")
    told(story, step.StepRefused, step="period_extended", subject="p-1", reason="over_cap", field="until")
    return story
