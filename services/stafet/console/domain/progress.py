"""Where a case stands, folded from its events one by one.

Every fold is a union, an earliest or a latest: events may come twice and in any order, with the same result.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from stafet.console.domain.steps import Step
from stafet.console.domain.threads import Thread, with_thread
from stafet.console.domain.words import describe

ENDS: Final = ("withdrawn", "cancelled", "failed", "entered_in_error", "expired", "redirected")
"""How a referral ends beside its ladder: each reached by the event of that name."""
REACHED_BY: Final[Mapping[str, str]] = {
    "referral.submitted": "submitted",
    "referral.delivered": "delivered",
    "referral.accepted": "accepted",
    "referral.rejected": "rejected",
    "referral.started": "in_progress",
    "referral.completed": "completed",
    "referral.loop_closed": "loop_closed",
    "referral.handed_over": "handed_over",
    **{f"referral.{each}": each for each in ENDS},
}
LADDER: Final = ("submitted", "delivered", "accepted", "in_progress", "completed", "loop_closed")
RANK: Final[Mapping[str, int]] = {
    "submitted": 0, "delivered": 1, "handed_over": 1, "accepted": 2, "rejected": 2, "in_progress": 3,
    "completed": 4,
    "refused": 5, "loop_closed": 6, **dict.fromkeys(ENDS, 5),
}  # fmt: skip
UNROUTABLE: Final = "no_recipient"
HUB: Final = "hub"
"""Named as receiver by a sender that leaves the choice to the hub; later events name whom it chose."""
ATTEMPT_STEPS: Final = (
    "delivery.queued",
    "delivery.sent",
    "delivery.deferred",
    "delivery.failed",
    "delivery.delivered",
)
SETTLING: Final = frozenset({"support.capacity_reported"})
"""What ends a message that belongs to no case: nothing is left to do about it."""
RELEASE_STEPS: Final = ("disclosure.blocked", "disclosure.made")


class Latest(BaseModel):
    """The newest step about one thing (delivery, release, message), with what it takes to speak of it."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    order: int
    step: str
    text: str
    referral: str | None = None
    agency: str | None = None
    part: str | None = None
    attempt: int | None = None
    rung: str | None = None
    reason: str | None = None


class ReferralProgress(BaseModel):
    """What one referral has reached, and when first; `sender` and `receiver` are agency codes."""

    model_config = ConfigDict(frozen=True)

    sender: str | None = None
    receiver: str | None = None
    placer: str | None = None
    reason: str | None = None
    reached: dict[str, datetime] = {}
    notes: dict[str, Latest] = {}

    @property
    def state(self) -> str:
        """The furthest state reached; `opened` if only side events are known yet."""
        return max(self.reached, key=lambda each: RANK.get(each, -1), default="opened")


class Progress(BaseModel):
    """Where a matter stands: its referrals, deliveries, releases and messages, its first and last step."""

    model_config = ConfigDict(frozen=True)

    first: datetime
    last: Latest
    last_id: str
    opened: bool = False
    erased: bool = False
    settled: bool = False
    agencies: tuple[str, ...] = ()
    referrals: dict[str, ReferralProgress] = {}
    deliveries: dict[str, Latest] = {}
    releases: dict[str, Latest] = {}
    messages: dict[str, Latest] = {}
    threads: dict[str, Thread] = {}

    @property
    def known(self) -> bool:
        """Say whether it is a case; else it is a message that waits for one."""
        return self.opened or bool(self.referrals)


def advance(progress: Progress | None, step: Step) -> Progress:
    """Fold one step in."""
    now = _latest(step, 0)
    if progress is None:
        progress = Progress(first=step.time, last=now, last_id=step.id)
    newer = (step.time, step.id) > (progress.last.at, progress.last_id)
    advanced = progress.model_copy(
        update={
            "first": min(progress.first, step.time),
            "last": now if newer else progress.last,
            "last_id": step.id if newer else progress.last_id,
            "opened": progress.opened or step.type == "case.opened",
            "erased": progress.erased or step.type == "case.erased",
            "settled": progress.settled or step.type in SETTLING,
            "agencies": tuple(sorted({*progress.agencies, *_agencies(step)})),
            "referrals": _with_referral(progress.referrals, step),
            "deliveries": _with_latest(progress.deliveries, step, ATTEMPT_STEPS, step.data.get("delivery")),
            "releases": _with_latest(
                progress.releases, step, RELEASE_STEPS, f"{step.referral} {step.agency} {step.part}"
            ),
            "messages": _with_latest(
                progress.messages,
                step,
                ("message.received", "message.rejected"),
                f"{step.agency} {step.message}",
            ),
            "threads": with_thread(progress.threads, step),
        }
    )
    return _forgotten(advanced) if advanced.erased else advanced


def _forgotten(progress: Progress) -> Progress:
    """Of an erased case keep no receipt: who holds it would be led from its own log to the case."""
    referrals = {name: each.model_copy(update={"placer": None}) for name, each in progress.referrals.items()}
    return progress.model_copy(update={"referrals": referrals, "messages": {}, "threads": {}})


def _agencies(step: Step) -> set[str]:
    named = (step.agency, step.data.get("sender"), step.data.get("receiver"))
    return {each for each in named if each and each != HUB}


def _latest(step: Step, order: int) -> Latest:
    return Latest(
        at=step.time,
        order=order,
        step=step.type,
        text=describe(step),
        referral=step.referral,
        agency=step.agency,
        part=step.part,
        attempt=step.data.get("attempt"),
        rung=step.rung,
        reason=step.reason,
    )


def _with_latest(
    known: dict[str, Latest], step: Step, kinds: tuple[str, ...], key: str | None
) -> dict[str, Latest]:
    """Keep the newest of the kinds under `key`; at the same instant the later kind of the list wins."""
    if step.type not in kinds or key is None:
        return known
    fresh, old = _latest(step, kinds.index(step.type)), known.get(key)
    if old is not None and (old.at, old.order, old.text) >= (fresh.at, fresh.order, fresh.text):
        return known
    return {**known, key: fresh}


def _with_referral(known: dict[str, ReferralProgress], step: Step) -> dict[str, ReferralProgress]:
    if step.referral is None or not step.type.startswith("referral."):
        return known
    old = known.get(step.referral, ReferralProgress())
    reached, notes = dict(old.reached), dict(old.notes)
    state = REACHED_BY.get(step.type)
    if step.type == "referral.refused":
        state = "refused" if step.reason == UNROUTABLE else None
        notes[step.id] = _latest(step, 0)
    if state is not None:
        reached[state] = min(step.time, reached.get(state, step.time))
    rejected_now = step.type == "referral.rejected"
    return {
        **known,
        step.referral: ReferralProgress(
            sender=old.sender or step.data.get("sender"),
            receiver=_receiver(old.receiver, step.data.get("receiver")),
            placer=old.placer or step.data.get("placer"),
            reason=step.reason if rejected_now and step.time == reached["rejected"] else old.reason,
            reached=reached,
            notes=notes,
        ),
    }


def _receiver(known: str | None, said: str | None) -> str | None:
    """Keep whom the sender named, or whom the hub chose in its own place; their order does not matter."""
    return said if known in {None, HUB} and said else known
