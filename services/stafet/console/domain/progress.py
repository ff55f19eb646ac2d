"""Where a case stands, folded from its events one by one.

Every fold is a union, an earliest or a latest: events may come twice and in any order, with the same result.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from stafet.console.domain.steps import Step, latest_order
from stafet.console.domain.threads import Thread, keep_thread
from stafet.console.domain.words import describe
from stafet_schemas.codes import LEFT_TO_HUB


def _ordered(*names: str, of: str) -> dict[str, int]:
    """Give each event of a subject its place."""
    return {f"{of}.{name}": place for place, name in enumerate(names)}


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
ATTEMPT_STEPS: Final = _ordered("queued", "sent", "deferred", "failed", "delivered", of="delivery")
MESSAGE_STEPS: Final = _ordered("received", "rejected", of="message")
RELEASE_STEPS: Final = _ordered("blocked", "made", of="disclosure")
SETTLING: Final = frozenset({"support.capacity_reported"})
"""What ends a message that belongs to no case: nothing is left to do about it."""


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
    """Where a matter stands: its referrals, deliveries, releases and messages, its first and last step.

    The last step is no clock's, unless there are only clocks.
    """

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


def advance(progress: Progress | None, steps: Sequence[Step]) -> Progress:
    """Fold steps in, at least one; their order is of no consequence."""
    # The newest first: what is older than what is known then needs no words.
    ordered = sorted(steps, key=latest_order, reverse=True)
    oldest = ordered[-1]
    newest = max(ordered, key=_telling)
    last = _latest(newest, _telling(newest)[0])
    if progress is None:
        progress = Progress(first=oldest.time, last=last, last_id=newest.id)
    newer = _telling(newest) > (progress.last.order, progress.last.at, progress.last_id)
    types = {each.type for each in ordered}
    referrals, deliveries, releases = (
        dict(progress.referrals),
        dict(progress.deliveries),
        dict(progress.releases),
    )
    messages, threads, agencies = dict(progress.messages), dict(progress.threads), set(progress.agencies)
    for step in ordered:
        agencies.update(filter(None, (step.agency, step.data.get("sender"), step.data.get("receiver"))))
        _keep_latest(deliveries, step, ATTEMPT_STEPS, step.data.get("delivery"))
        _keep_latest(releases, step, RELEASE_STEPS, f"{step.referral} {step.agency} {step.part}")
        _keep_latest(messages, step, MESSAGE_STEPS, f"{step.agency} {step.message}")
        _keep_referral(referrals, step)
        keep_thread(threads, step)
    advanced = progress.model_copy(
        update={
            "first": min(progress.first, oldest.time),
            "last": last if newer else progress.last,
            "last_id": newest.id if newer else progress.last_id,
            "opened": progress.opened or "case.opened" in types,
            "erased": progress.erased or "case.erased" in types,
            "settled": progress.settled or not types.isdisjoint(SETTLING),
            "agencies": tuple(sorted(agencies - {LEFT_TO_HUB})),
            "referrals": referrals,
            "deliveries": deliveries,
            "releases": releases,
            "messages": messages,
            "threads": threads,
        }
    )
    return _forgotten(advanced) if advanced.erased else advanced


def _telling(step: Step) -> tuple[int, datetime, str]:
    """Sort a matter's steps by how much they tell of where it stands: clocks come and go by themselves."""
    return int(not step.type.startswith("deadline.")), *latest_order(step)


def _forgotten(progress: Progress) -> Progress:
    """Of an erased case keep no receipt: who holds it would be led from its own log to the case."""
    referrals = {name: each.model_copy(update={"placer": None}) for name, each in progress.referrals.items()}
    return progress.model_copy(update={"referrals": referrals, "messages": {}, "threads": {}})


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


def _keep_latest(known: dict[str, Latest], step: Step, order: Mapping[str, int], key: str | None) -> None:
    """Keep the newest of the kinds under `key`; at the same instant the later kind of the order wins."""
    if step.type not in order or key is None:
        return
    place, old = order[step.type], known.get(key)
    if old is None or (old.at, old.order) <= (step.time, place):
        fresh = _latest(step, place)
        if old is None or (old.at, old.order, old.text) < (fresh.at, fresh.order, fresh.text):
            known[key] = fresh


def _keep_referral(known: dict[str, ReferralProgress], step: Step) -> None:
    if step.referral is None or not step.type.startswith("referral."):
        return
    old = known.get(step.referral, ReferralProgress())
    reached, notes = dict(old.reached), dict(old.notes)
    state = REACHED_BY.get(step.type)
    if step.type == "referral.refused":
        state = "refused" if step.reason == UNROUTABLE else None
        notes[step.id] = _latest(step, 0)
    if state is not None:
        reached[state] = min(step.time, reached.get(state, step.time))
    rejected_now = step.type == "referral.rejected"
    known[step.referral] = ReferralProgress(
        sender=old.sender or step.data.get("sender"),
        receiver=_receiver(old.receiver, step.data.get("receiver")),
        placer=old.placer or step.data.get("placer"),
        reason=step.reason if rejected_now and step.time == reached["rejected"] else old.reason,
        reached=reached,
        notes=notes,
    )


def _receiver(known: str | None, said: str | None) -> str | None:
    """Keep whom the sender named, or whom the hub chose in its own place; their order does not matter."""
    return said if known in {None, LEFT_TO_HUB} and said else known
