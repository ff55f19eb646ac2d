"""What dispatch decides, without I/O: what a failure means, how long to wait, what is due, how it is told."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from stafet_runtime.cause import Cause
from stafet_runtime.vaultport import ReleaseRequest
from stafet_schemas.deadline import DeadlineBreached, DeadlineWarned
from stafet_schemas.delivery import (
    DeliveryAttemptData,
    DeliveryData,
    DeliveryDeferred,
    DeliveryDeferredData,
    DeliveryDelivered,
    DeliveryDeliveredData,
    DeliveryFailed,
    DeliveryFailedData,
)
from stafet_schemas.event import Event, EventData
from stafet_sdk.errors import ENDPOINT_CLOSED, NO_WORD, DeliveryError, NeedsAction, NoWord

MOST_RETRY_AFTER_S: Final = 3600.0
MOST_VAULT_WAIT_S: Final = 30.0
UNNAMED: Final = "unnamed"
AWAITING: Final = "awaiting_fetch"
NOTIFIED: Final = "notified"
NOT_FETCHED: Final = "not_fetched"
HOURS: Final = 22
SCHEDULE_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 1800.0, *(3600.0,) * HOURS)
"""The waits after failed attempts where the connector has none: a partner may be away for a day."""
JITTER: Final = 0.1
"""At most this share is added to each wait, so that those that failed together do not come back together."""
HUB: Final = "stafet"
"""Who a recipient hears of a withdrawal or an erasure from: the hub, whoever has asked for it."""
RECALLS: Final[Mapping[str, str]] = {"withdrawal": "consent_withdrawn", "erasure": "erasure"}
"""Parts that tell who holds values that they may not be used, or kept, each with its purpose."""
CONTENT: Final = "content"
REVOCATION: Final = "revocation"
"""The part that takes a referral back from its receiver."""
ALERT: Final = "alert"
"""The part that tells who takes part in a case of a time limit, or of what is proposed: part and purpose."""
TAKEN_BACK: Final = frozenset({"notice", "reminder", CONTENT, ALERT})
"""Parts that a receiver is not sent any more of a referral that was taken back."""
REVOKED: Final = ("policy", "revoked")
NEVER_SENT: Final = ("policy", "never_sent")
NOT_CONCERNED: Final = ("policy", "not_concerned")
WANTS_CONSENT: Final = ("policy", "no_consent")
"""Class and cause of what the vault lets out when a consent, a duty or a ground says so, and not before."""
ENDS: Final = frozenset(
    {WANTS_CONSENT, REVOKED, NEVER_SENT, NOT_CONCERNED, ("policy", "erased"), (NoWord.failure, NO_WORD)}
)
"""Class and cause of what can never be sent, whatever a human repairs: its lane goes on without it."""

# A cause stands in tables, events and logs. A connector's mistake must not bring a partner's words there.
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Referral:
    """What dispatch keeps of a submitted referral: where its values are and who may see them on accepting."""

    referral: str
    record: str
    receiver: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing one recipient must learn.

    `delivery` is the id of the event that asked for it, and the partner sees it on every attempt: the same
    event makes no second item, and the partner can drop a repetition. `lane` is the case, or the receipt of a
    message without one. `placer` is the hub's receipt for what this is about, or the sender's own id of a
    rejected message: no item of a case holds an agency's id. `due` is the end of an alert's time limit.
    """

    delivery: str
    lane: str
    recipient: str
    case: str | None
    referral: str | None
    sender: str
    placer: str
    part: str
    purpose: str
    rung: str | None = None
    reason: str | None = None
    problems: tuple[tuple[str, str], ...] = ()
    due: datetime | None = None

    @property
    def recall(self) -> bool:
        """Say whether it goes before all that waits in its lane, or stands still there."""
        return self.part in {*RECALLS, REVOCATION}


@dataclass(frozen=True, slots=True)
class Head:
    """The first item of its lane, in its `attempt` (from 1).

    `failures` counts the earlier attempts that used up the schedule. `accepted`: the recipient has accepted.
    `notified`: it was told that it waits, and has not fetched it. `forgotten`: its case has been erased.
    `revoked`: its referral has been taken back from the receiver.
    """

    item: Item
    record: str | None
    accepted: bool
    attempt: int
    failures: int
    cause: Cause
    notified: bool = False
    forgotten: bool = False
    revoked: bool = False

    @property
    def taken_back(self) -> bool:
        """Say whether its recipient has no use for it any more."""
        return self.revoked and self.item.part in TAKEN_BACK


@dataclass(frozen=True, slots=True)
class Offer:
    """A delivery that its recipient may fetch; `open` as long as it has not been fetched."""

    head: Head
    open: bool


@dataclass(frozen=True, slots=True)
class Delivered:
    """The recipient's system took it, perhaps with a warning, or fetched it."""

    warning: str | None = None


@dataclass(frozen=True, slots=True)
class Deferred:
    """Try again after `wait_s` seconds; `counts` says whether the attempt used up a step of the schedule."""

    failure: str
    cause: str
    wait_s: float
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Closed:
    """The recipient has closed its endpoint: this and all else for it waits until a human opens it again."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A dead end: the lane stands still until a human acts, unless it `ends` the item."""

    failure: str
    cause: str

    @property
    def ends(self) -> bool:
        """Say whether nobody may ever send this: then the lane goes on with what comes after it."""
        return (self.failure, self.cause) in ENDS


Outcome = Delivered | Deferred | Closed | Failed


@dataclass(frozen=True, slots=True)
class Plan:
    """How many lanes of each recipient to begin now; `wait_s` is the time until the next one is due."""

    slots: Mapping[str, int]
    wait_s: float | None


def plan(earliest: Mapping[str, datetime], busy: Mapping[str, int], in_flight: int, now: datetime) -> Plan:
    """Give each recipient its own share of attempts, so that one that hangs takes nothing from the others.

    `earliest` is when the first head of each recipient is due, `busy` its running attempts.
    """
    free = {each: in_flight - busy.get(each, 0) for each in earliest}
    waits = {each: (due - now).total_seconds() for each, due in earliest.items() if free[each] > 0}
    later = [wait for wait in waits.values() if wait > 0]
    return Plan({each: free[each] for each, wait in waits.items() if wait <= 0}, min(later, default=None))


def schedule(
    own: Sequence[float] | None, connectors: Sequence[float], chance: Callable[[], float]
) -> list[float]:
    """Choose the waits: the hub's own if it was told some, else the connector's; `chance` is from 0 to 1."""
    return [step * (1 + JITTER * chance()) for step in own or connectors or SCHEDULE_S]


def awaiting(failures: int, fetch_s: float, schedule_s: Sequence[float]) -> Deferred:
    """Wait for the recipient to fetch; then it is reminded, ever more seldom, until a human must act."""
    step = schedule_s[min(failures, len(schedule_s) - 1)]
    return Deferred(AWAITING, NOTIFIED, max(fetch_s, step))


def after_error(
    error: DeliveryError, failures: int, schedule_s: Sequence[float]
) -> Deferred | Closed | Failed:
    """Decide what a delivery error means after so many earlier failures."""
    cause = code(error.cause)
    if isinstance(error, NeedsAction) and cause == ENDPOINT_CLOSED:
        return Closed()
    if error.final:
        return Failed(error.failure, cause)
    if failures >= len(schedule_s):
        return Failed("exhausted", cause)
    return Deferred(error.failure, cause, wait_s(schedule_s[failures], error.retry_after))


def wait_s(step_s: float, retry_after_s: float | None) -> float:
    """Wait as long as the partner asks, an hour at most; and never shorter than the schedule's own step.

    RFC 9110 10.2.3: Retry-After is the least wait. One that always says 0 would be called without a pause.
    """
    return step_s if retry_after_s is None else max(step_s, min(retry_after_s, MOST_RETRY_AFTER_S))


def vault_away(attempt: int, schedule_s: Sequence[float]) -> Deferred:
    """Wait for our own vault, for ever: the partner has no part in it, so nothing is used up."""
    step = schedule_s[min(attempt, len(schedule_s)) - 1]
    return Deferred("retriable", "vault_unavailable", min(step, MOST_VAULT_WAIT_S), counts=False)


def code(cause: str) -> str:
    """Keep a cause if it looks like a code."""
    return cause if _CODE.fullmatch(cause) else UNNAMED


def request_of(head: Head) -> ReleaseRequest:
    """Ask the vault for what this recipient may see now."""
    item = head.item
    return ReleaseRequest(
        delivery=item.delivery,
        case=item.case,
        record=head.record,
        referral=item.referral,
        sender=item.sender,
        recipient=item.recipient,
        part=item.part,
        purpose=item.purpose,
        placer=item.placer,
        accepted=head.accepted,
        rung=item.rung,
        reason=item.reason,
        problems=item.problems,
        due=item.due,
        cause=head.cause,
    )


def recalls(part: str, event: str, case: str, recipients: Sequence[str]) -> list[Item]:
    """Make an item for each recipient; the same event (by its id) makes the same deliveries."""
    return [
        Item(
            delivery=str(uuid5(UUID(event), recipient)),
            lane=case,
            recipient=recipient,
            case=case,
            referral=None,
            sender=HUB,
            placer=event,
            part=part,
            purpose=RECALLS[part],
        )
        for recipient in recipients
    ]


def alerts(
    event: DeadlineWarned | DeadlineBreached, recipients: Sequence[str], referral: str | None
) -> list[Item]:
    """Make an item for each recipient; `referral` is the one that the time limit is about, if it is one's."""
    data = event.data
    return [
        Item(
            delivery=str(uuid5(UUID(event.id), recipient)),
            lane=data.matter,
            recipient=recipient,
            case=data.matter,
            referral=referral,
            sender=HUB,
            placer=event.id,
            part=ALERT,
            purpose=ALERT,
            rung="warned" if isinstance(event, DeadlineWarned) else "breached",
            reason=data.clock,
            due=data.due,
        )
        for recipient in recipients
    ]


def wants_consent(item: Item, outcome: Outcome) -> bool:
    """Say whether a consent that comes later may let out what was blocked: it opens contents, and no more."""
    blocked = isinstance(outcome, Failed) and (outcome.failure, outcome.cause) == WANTS_CONSENT
    return blocked and item.part == CONTENT


def renewed(item: Item, consent: str) -> Item:
    """Make a blocked item anew for the event of a consent; the same event makes the same delivery."""
    return replace(item, delivery=str(uuid5(UUID(consent), item.delivery)))


def queued_data(item: Item) -> DeliveryData:
    """Word that an item stands in its lane."""
    return DeliveryData(
        delivery=item.delivery,
        lane=item.lane,
        referral=item.referral,
        recipient=item.recipient,
        part=item.part,
        rung=item.rung,
    )


def attempt_data(head: Head) -> DeliveryAttemptData:
    """Word an attempt."""
    return DeliveryAttemptData(**queued_data(head.item).model_dump(), attempt=head.attempt)


def told(head: Head, outcome: Outcome) -> tuple[type[Event], EventData]:
    """Word an outcome: the event class and its data."""
    data = attempt_data(head)
    match outcome:
        case Delivered(warning):
            return DeliveryDelivered, DeliveryDeliveredData(**data.model_dump(), warning=warning)
        case Deferred(failure, cause, wait):
            more = {"failure": failure, "cause": cause, "wait_s": wait}
            return DeliveryDeferred, DeliveryDeferredData.model_validate(data.model_dump() | more)
        case Closed():
            more = {"failure": NeedsAction.failure, "cause": ENDPOINT_CLOSED, "wait_s": 0.0}
            return DeliveryDeferred, DeliveryDeferredData.model_validate(data.model_dump() | more)
        case Failed(failure, cause):
            more = {"failure": failure, "cause": cause, "ends": outcome.ends}
            return DeliveryFailed, DeliveryFailedData.model_validate(data.model_dump() | more)
