"""Cases as they travel: events with sequential ids, a clock of their own, and their causes."""

from datetime import datetime, timedelta
from typing import Any

from stafet_schemas import (
    case,
    course,
    deadline,
    delivery,
    identification,
    inbound,
    referral,
    reveal,
    support,
)
from stafet_schemas.event import Event, EventData

POLICE_TO_REDCROSS = {"sender": "police", "receiver": "redcross"}


class Story:
    """Events of one case in the order they happened; every `add` moves the time on."""

    def __init__(self, number: int, start: datetime) -> None:
        self.case = f"0d9f{number:04d}c4e1"
        self.referral = f"r-{number:04d}"
        self.placer = f"POL-{number:04d}"
        self.events: list[Event] = []
        self.now = start
        self._number = number

    @property
    def last(self) -> Event:
        return self.events[-1]

    def pause(self, milliseconds: int) -> None:
        self.now += timedelta(milliseconds=milliseconds)

    def add(
        self,
        kind: type[Event],
        by: Event | None = None,
        /,
        **data: object,
    ) -> Event:
        self.pause(12)
        fields: type[EventData] = kind.__annotations__["data"]
        given = {
            "case": self.case, "lane": self.case, "referral": self.referral, "placer": self.placer,
            **POLICE_TO_REDCROSS, **data,
        }  # fmt: skip
        filled = fields(**{name: given[name] for name in fields.model_fields if name in given})
        event = kind(
            id=f"019{self._number:05x}-0000-7000-8000-{len(self.events):012x}",
            source="/stafet/" + kind.topic.split("-")[1],
            type=kind.type_name(),
            time=self.now,
            correlationid=str(getattr(filled, kind.correlation_field)),
            causationid=by.id if by else None,
            partitionkey=str(getattr(filled, kind.key_field)),
            recordedtime=self.now,
            data=filled,
        )
        self.events.append(event)
        return event

    def message(self, agency: str, name: str) -> Event:
        return self.add(inbound.MessageReceived, agency=agency, message=name, size=1850)

    def submit(self) -> Event:
        received = self.message("police", f"tx-{self._number}")
        self.add(case.CaseOpened, received, agency="police")
        return self.add(
            referral.ReferralSubmitted, received, record="rec-1", version=1, groups=("routing", "identity"),
            digest="9f2b", service="accommodation", priority="acute", age_group="adult", sex="female",
        )  # fmt: skip

    def route(self, cause: Event, recipient: str, part: str, **more: object) -> Event:
        purpose = {"notice": "referral_notice", "content": "support", "status": "referral_status"}[part]
        return self.add(
            referral.ReferralRouted, cause, recipient=recipient, part=part, purpose=purpose, rule="1", **more
        )

    def queue(self, routed: Event) -> dict[str, Any]:
        what = {name: getattr(routed.data, name) for name in ("recipient", "part", "rung")}
        what["delivery"] = f"d-{len(self.events)}"
        self.add(delivery.DeliveryQueued, routed, **what)
        return what

    def send(self, what: dict[str, Any], attempt: int = 1) -> Event:
        return self.add(delivery.DeliverySent, self.last, attempt=attempt, **what)

    def deliver(self, routed: Event) -> Event:
        what = self.queue(routed)
        if what["part"] != "status":
            self.add(
                case.DisclosureMade, self.last, recipient=what["recipient"], part=what["part"],
                purpose="support", policy="2026-1", disclosure=f"l-{len(self.events)}", groups=("routing",),
            )  # fmt: skip
        self.send(what)
        self.pause(36)
        return self.add(delivery.DeliveryDelivered, self.last, attempt=1, **what)

    def answer(self, kind: type[Event], name: str, **more: object) -> Event:
        self.pause(93_000)
        received = self.message("redcross", name)
        return self.add(kind, received, agency="redcross", message=name, **more)


def delivered(number: int, start: datetime) -> Story:
    """The Red Cross has the notice, and the police know."""
    story = Story(number, start)
    notice = story.deliver(story.route(story.submit(), "redcross", "notice"))
    reached = story.add(referral.ReferralDelivered, notice)
    story.deliver(story.route(reached, "police", "status", rung="delivered"))
    return story


def closed(number: int, start: datetime) -> Story:
    """Accepted, started, completed, and the police know the end."""
    story = delivered(number, start)
    accepted = story.add(referral.ReferralAccepted, story.answer(delivery.DeliveryAccepted, f"a-{number}"))
    content = story.route(accepted, "redcross", "content")
    status = story.route(accepted, "police", "status", rung="accepted")
    story.deliver(content)
    story.deliver(status)
    story.add(referral.ReferralStarted, story.answer(delivery.DeliveryInProgress, f"s-{number}"))
    completed = story.add(referral.ReferralCompleted, story.answer(delivery.DeliveryCompleted, f"c-{number}"))
    told = story.deliver(story.route(completed, "police", "status", rung="completed"))
    story.add(referral.ReferralLoopClosed, told, outcome="completed")
    return story


def too_late(number: int, start: datetime) -> Story:
    """Cancelled before the answer comes, which is refused; its sender is told so by its receipt."""
    story = delivered(number, start)
    story.add(course.ReferralCancelled, story.last, by="hub", reason="consent_withdrawn")
    receipt = f"01a22e2f-{number:04x}-7fff-8000-ace780513085"
    said = story.answer(delivery.DeliveryAccepted, receipt)
    refused = story.add(
        referral.ReferralRefused, said, agency="redcross", message=receipt, reason="out_of_order"
    )
    what = {"lane": receipt, "recipient": "redcross", "part": "status", "rung": "rejected", "referral": None}
    what["delivery"] = refused.id
    clock = {
        "deadline": f"t-{number}", "clock": "technical_acknowledgement", "rule": "1", "matter": receipt,
        "subject": refused.id, "owner": "hub", "due": start + timedelta(hours=1),
    }  # fmt: skip
    queued = story.add(delivery.DeliveryQueued, refused, **what)
    story.add(deadline.DeadlineSet, queued, **clock)
    sent = story.add(delivery.DeliverySent, queued, attempt=1, **what)
    taken = story.add(delivery.DeliveryDelivered, sent, attempt=1, **what)
    story.add(deadline.DeadlineMet, taken, by=taken.id, late=False, **clock)
    return story


def decided(number: int, start: datetime) -> Story:
    """Identified formally, and taken back later."""
    story = delivered(number, start)
    outcome = {"agency": "immigration", "outcome": "identified", "holds_from": "2026-11-20"}
    received = story.message("immigration", f"i-{number}")
    story.add(identification.IdentificationDecided, received, message=f"i-{number}", **outcome)
    story.pause(93_000)
    received = story.message("immigration", f"j-{number}")
    taken_back = {**outcome, "outcome": "not_identified", "reverses": f"i-{number}"}
    story.add(identification.IdentificationDecisionReversed, received, message=f"j-{number}", **taken_back)
    return story


def looked_at(number: int, start: datetime) -> Story:
    """Opened at the hub: refused, by a broken glass that was judged, by a pseudonym, and for the person."""
    story = Story(number, start)
    story.submit()
    asked = {"role": "caseworker", "purpose": "safety", "part": "reveal", "policy": "2026-1"}
    story.add(reveal.RevealBlocked, reason="no_mandate", **asked)
    story.add(reveal.RevealMade, disclosure="l-1", groups=("health", "child"), break_glass=True, **asked)
    story.add(reveal.RevealFlagged, reveal="v-1", **asked)
    shown = {"disclosure": "l-2", "groups": (), "break_glass": False}
    story.add(reveal.RevealMade, **{**asked, **shown, "role": "supervisor", "part": "review"})
    story.add(reveal.RevealReviewed, reveal="v-1", verdict="unjustified")
    story.add(reveal.RevealMade, **{**asked, **shown, "purpose": "support", "part": "person"})
    story.add(reveal.RevealMade, **{**asked, **shown, "role": "data_protection", "part": "report"})
    return story


def erased(number: int, start: datetime) -> Story:
    """Closed, and forgotten later."""
    story = closed(number, start)
    story.pause(93_000)
    story.add(case.CaseErased, reason="no_longer_needed", recipients=("redcross",))
    return story


def rejected(number: int, start: datetime, reason: str = "no_capacity") -> Story:
    """Rejected with a reason, and the police know."""
    story = delivered(number, start)
    answer = story.answer(delivery.DeliveryRejected, f"n-{number}", reason=reason)
    declined = story.add(referral.ReferralRejected, answer, reason=reason)
    told = story.deliver(story.route(declined, "police", "status", rung="rejected", reason=reason))
    story.add(referral.ReferralLoopClosed, told, outcome="rejected")
    return story


def waiting(number: int, start: datetime) -> Story:
    """The notice was put off twice."""
    story = Story(number, start)
    what = story.queue(story.route(story.submit(), "redcross", "notice"))
    for attempt in (1, 2):
        story.send(what, attempt)
        story.pause(2000)
        failure = {"failure": "retriable", "cause": "http_503", "wait_s": 2.0**attempt}
        story.add(delivery.DeliveryDeferred, story.last, attempt=attempt, **failure, **what)
    return story


def stopped(number: int, start: datetime) -> Story:
    """The notice came to a dead end."""
    story = waiting(number, start)
    what = story.last.data.model_dump(include={"delivery", "recipient", "part"})
    story.send(what, 3)
    failure = {"failure": "contract_broken", "cause": "reply_not_json"}
    story.add(delivery.DeliveryFailed, story.last, attempt=3, **failure, **what)
    return story


def unusable(number: int, start: datetime) -> Story:
    """A message without a case; the police are told which fields."""
    story = Story(number, start)
    name = f"tx-{number}"
    received = story.message("police", name)
    problems = (inbound.Problem(field="Prioritet", problem="unknown code"),)
    story.add(inbound.MessageRejected, received, agency="police", message=name, problems=problems)
    what: dict[str, Any] = {
        "delivery": "d-1", "lane": name, "referral": None, "recipient": "police", "part": "status",
        "rung": "parse_rejected",
    }  # fmt: skip
    story.add(delivery.DeliveryQueued, story.last, **what)
    story.send(what)
    story.add(delivery.DeliveryDelivered, story.last, attempt=1, **what)
    return story


def night(
    number: int, at: datetime, *, unit: str = "kc_7", free: int | None = 3, total: int | None = 12
) -> Story:
    """A shelter says how many places a unit has."""
    story = Story(number, at)
    received = story.message("shelter", f"row-{number}")
    story.add(
        support.SupportCapacityReported, received, agency="shelter", message=f"row-{number}", unit=unit,
        at=at, status="capacity" if free else "no_capacity", free=free, total=total,
        accepts=("female", "child"),
    )  # fmt: skip
    return story


def withdrawn_twice(number: int, start: datetime) -> Story:
    """A case in which the Red Cross says twice that consent is withdrawn."""
    story = delivered(number, start)
    received = story.message("redcross", f"w-{number}")
    story.add(inbound.MessageSettled, received, agency="redcross", message=f"w-{number}")
    return story
