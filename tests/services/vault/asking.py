"""Every event on which dispatch asks the vault for something, and what it then asks for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from stafet.deadlines.adapters.clocksfile import load_plan
from stafet.dispatch.domain import Head, Item, Referral, request_of
from stafet.dispatch.subscribers import subscription
from stafet_runtime.cause import Cause
from stafet_runtime.vaultport import ReleaseRequest
from stafet_schemas.case import CaseDocumentReceived, CaseErased
from stafet_schemas.codes import REFUSALS, RUNGS
from stafet_schemas.consent import ConsentGiven, ConsentNarrowed, ConsentWithdrawn
from stafet_schemas.deadline import DeadlineBreached, DeadlineWarned
from stafet_schemas.event import Event
from stafet_schemas.inbound import MessageRejected, Problem
from stafet_schemas.referral import ReferralAccepted, ReferralRefused, ReferralRouted, ReferralSubmitted
from stafet_schemas.step import StepRefused
from tests.fakes.one_case import CASE, RECORD, OneCase
from tests.services.dispatch.samples import cut, erased, event

if TYPE_CHECKING:
    from stafet_runtime.consumer import Work

SENDER: Final = "cmm"
REFERRAL: Final = "0192f3a0-0000-7000-8000-000000000001"
PLACER: Final = "6b1f3a52-1111-4000-8000-000000000001"
AT: Final = datetime(2026, 12, 24, 23, tzinfo=UTC)
CONTENT_PURPOSES: Final = ("support", "formal_assessment", "investigation", "prepared_return")
"""What a content may be sent for at all."""
CLOCKS: Final = load_plan().clocks.clocks


@dataclass
class Queue:
    """What dispatch's handlers queue; `stopped` is content that was blocked before."""

    stopped: Sequence[Item] = ()
    items: list[Item] = field(default_factory=list[Item])

    def remember(self, referral: Referral) -> None:
        """Know the record: there is one only."""
        assert referral.record == RECORD

    def accept(self, referral: str, receiver: str) -> None:
        """Know it: each content is asked for both ways."""
        assert referral == REFERRAL
        assert receiver

    def revoke(self, item: Item) -> None:
        """Know what is taken back."""
        assert item.part == "revocation"

    def queue(self, item: Item, cause: Cause) -> None:
        """Keep the item."""
        assert cause.id
        self.items.append(item)

    def blocked(self, case: str, *_named: Sequence[str]) -> Sequence[Item]:
        """Return what was blocked of the case."""
        return self.stopped if case == CASE else ()

    def served(self, case: str, agencies: Sequence[str]) -> Sequence[str]:
        """Take everybody for one that was brought something: the vault knows better."""
        return agencies if case == CASE else ()

    def referral(self, subject: str) -> str | None:
        """Know the referral."""
        return subject if subject == REFERRAL else None

    def forget(self, case: str) -> None:
        """Forget the case."""
        assert case == CASE


def _about(kind: type[Event], **data: object) -> Event:
    who: dict[str, Any] = {"case": CASE, "referral": REFERRAL, "sender": SENDER, "placer": PLACER}
    return event(kind, **{**who, **data})


def _submitted(recipient: str) -> list[Event]:
    coded = {"service": "health", "priority": "urgent", "age_group": "adult", "sex": "female"}
    return [
        _about(
            ReferralSubmitted, receiver=recipient, record=RECORD, version=1, groups=(), digest="d", **coded
        )
    ]


def _routed(recipient: str) -> list[Event]:
    def routed(part: str, purpose: str, **more: object) -> Event:
        return _about(ReferralRouted, recipient=recipient, part=part, purpose=purpose, rule="1", **more)

    parts = {
        "notice": ("referral_notice", "formal_assessment"),
        "reminder": ("referral_notice",),
        "revocation": ("referral_status",),
        "content": CONTENT_PURPOSES,
        "status": ("referral_status",),
        "alert": ("alert",),
        "all": ("support",),
    }
    over = {"revocation": "withdrawn", "alert": "handover_proposed"}
    # Each part for its own purposes and for another, a status to somebody else, and each rung to the sender.
    crossed = [
        routed(part, purpose, rung=over.get(part)) for part in parts for purpose in (*parts[part], "safety")
    ]
    rungs = [
        routed("status", "referral_status", sender=recipient, rung=rung, reason=reason)
        for rung in sorted(RUNGS.codes)
        for reason in ({None, "no_capacity"} if rung == "rejected" else {None})
    ]
    return [*crossed, *rungs]


def _refused(recipient: str) -> list[Event]:
    return [
        _about(ReferralRefused, agency=recipient, reason=reason, message=message)
        for reason in sorted(REFUSALS.codes)
        for message in (PLACER, None)
    ]


def _step(recipient: str) -> list[Event]:
    said = {"case": CASE, "agency": recipient, "message": PLACER, "at": AT, "step": "period_extended"}
    return [
        event(StepRefused, **said, reason="over_cap", field=field, connected=connected)
        for field in ("until", None)
        for connected in (True, False)
    ]


def _deadline(kind: type[Event], recipient: str) -> list[Event]:
    """Tell of every clock once, of one that nobody knows, and of a referral's; the breach is told like it."""
    said = {"deadline": PLACER, "rule": "clocks-2", "matter": CASE, "owner": recipient, "due": AT}
    stage = {"stage": "half"} if kind is DeadlineWarned else {}
    clocks = {each.clock: each.tells for each in CLOCKS} | {"unheard_of": True}
    if kind is DeadlineBreached:
        clocks = {"period_end": True, "retention": False}
    about = dict.fromkeys(clocks, PLACER) | {"referral_start": REFERRAL}
    return [
        event(kind, **said, **stage, clock=clock, subject=about[clock], tells=tells)
        for clock, tells in clocks.items()
    ]


def _document(recipient: str) -> list[Event]:
    said = {"case": CASE, "record": RECORD, "agency": recipient, "message": REFERRAL, "announcement": PLACER}
    return [event(CaseDocumentReceived, **said, size=1, media="pdf")]


def _given(recipient: str) -> list[Event]:
    said = {"case": CASE, "consent": REFERRAL, "version": 1, "basis": "consent", "named": (recipient,)}
    return [event(ConsentGiven, **said, purposes=("support",), groups=("health",))]


def _rejected(recipient: str) -> list[Event]:
    problems = (Problem(field="Prioritet", problem="unknown code"),)
    return [event(MessageRejected, agency=recipient, message=PLACER, problems=problems)]


EVENTS: Final[Mapping[type[Event], Callable[[str], list[Event]]]] = {
    ReferralSubmitted: _submitted,
    ReferralAccepted: lambda recipient: [_about(ReferralAccepted, receiver=recipient)],
    ReferralRouted: _routed,
    ReferralRefused: _refused,
    StepRefused: _step,
    DeadlineWarned: partial(_deadline, DeadlineWarned),
    DeadlineBreached: partial(_deadline, DeadlineBreached),
    MessageRejected: _rejected,
    CaseDocumentReceived: _document,
    ConsentGiven: _given,
    ConsentNarrowed: lambda recipient: [cut(ConsentNarrowed, CASE, recipient)],
    ConsentWithdrawn: lambda recipient: [cut(ConsentWithdrawn, CASE, recipient)],
    CaseErased: lambda recipient: [erased(CASE, recipient)],
}
"""Every event type that dispatch listens to, with all that it may say about a recipient."""
SILENT: Final = frozenset({ReferralSubmitted, ReferralAccepted})
"""Event types that dispatch only takes note of."""


async def requests(kind: type[Event], recipient: str) -> list[ReleaseRequest]:
    """Hand the events of a type to dispatch, and return what it then asks the vault for."""
    stopped = Item(PLACER, CASE, recipient, CASE, REFERRAL, SENDER, PLACER, part="content", purpose="support")
    queue, route = Queue((stopped,)), subscription().routes[kind]
    outbox = OneCase(datetime.min.replace(tzinfo=UTC)).tools.outbox
    for each in EVENTS[kind](recipient):
        await route(each, cast("Work", queue), outbox)
    return [
        request_of(Head(item, RECORD if item.referral else None, accepted, 1, 0, Cause(PLACER, None)))
        for item in queue.items
        for accepted in ((True, False) if item.part == "content" else (True,))
    ]
