"""What the operator must know about a case at a glance: its state, and what holds it up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

from stafet.console.domain.progress import ENDS, LADDER, RANK, Latest, Progress, ReferralProgress
from stafet.console.domain.threads import is_closed, needing

REMEDIES: Final = {
    "delivery.deferred": "The hub tries again by itself; later messages for this agency wait behind it.",
    "delivery.failed": "Fix the cause, skip it with a notice, or send it another way: a person must act.",
    "disclosure.blocked": "Nothing left the vault. Check the policy, the mandate and the recipient.",
    "referral.refused": "The hub did not act on it. Ask the agency what it meant.",
    "message.rejected": "The sender is told which fields. Nothing was stored.",
}

NO_CONSENT: Final = "no_consent"
PASSING: Final = ("no_word", "in_progress")
"""Cause and rung of what a sender cannot be told and need not: it knows of the yes, and will of the end."""
CAUSED: Final = {
    "no_word": "Tell them by telephone: nothing can be sent, because their protocol has no word for it.",
    "endpoint_closed": "Ask the agency why it takes nothing, then `stafet partner enable`: all for it waits.",
    "notified": "The agency was told that it waits; it fetches it, and is reminded if it does not.",
    "not_fetched": "Call the agency: it was told again and again and fetched nothing. It still may.",
    NO_CONSENT: "It goes out by itself when a consent, a duty or a ground that opens it is recorded.",
}
"""What to do about a dead end for some causes; for all others it is the remedy of its kind."""
RECALL_OF_ERASED: Final = "erasure"
"""What is still to be told about an erased case."""


NOTED: Final = "noted"
"""A message that needs no case and asks for nothing any more: it is in no list."""


APART: Final = frozenset({"contact", "operation", "query"})
ANSWERED: Final = "capacity.answered"


class Trouble(IntEnum):
    """How much attention a case needs."""

    NONE = 0
    WAITING = 1
    STOPPED = 2


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that holds a case up, since when, and what to do about it."""

    level: Trouble
    kind: str
    text: str
    since: datetime
    remedy: str


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of a referral's ladder; `at` is None as long as it is not reached."""

    state: str
    at: datetime | None
    bad: bool = False


def state_of(progress: Progress) -> str:
    """Name the state of the matter: of several referrals, the one that still has furthest to go."""
    if progress.erased:
        return "erased"
    if is_closed(progress.threads):
        return "closed"
    if progress.referrals:
        return min(
            (each.state for each in progress.referrals.values()), key=lambda state: RANK.get(state, -1)
        )
    if any(each.step == "message.rejected" for each in progress.messages.values()):
        told = any(each.step == "delivery.delivered" for each in progress.deliveries.values())
        return "sender_told" if told else "message_rejected"
    if progress.opened:
        return "opened"
    return _apart(progress) or (NOTED if progress.settled else "received")


def _apart(progress: Progress) -> str:
    """Name the state of a matter that is no case: a contact, an operation, a question for places."""
    of_these = [each for each in progress.threads.values() if each.kind in APART]
    if not of_these:
        return ""
    newest = max(of_these, key=lambda each: (each.at, each.id))
    state = newest.step.replace("capacity.", "query_").replace(".", "_")
    return NOTED if newest.step == ANSWERED else state


def marks(progress: Progress) -> list[Mark]:
    """List what holds the matter up, the worst first; of an erased one, what is not yet told of that."""
    found = _undelivered(progress)
    if not progress.erased:
        found += _held_up(progress)
    return sorted(found, key=lambda each: (-each.level, each.since, each.text))


def _undelivered(progress: Progress) -> list[Mark]:
    return [
        _mark(
            Trouble.STOPPED if each.step == "delivery.failed" else Trouble.WAITING,
            each.step,
            each.text,
            each.at,
            each.reason,
        )
        for each in progress.deliveries.values()
        if each.step in {"delivery.failed", "delivery.deferred"}
        and (not progress.erased or each.part == RECALL_OF_ERASED)
        and (each.reason, each.rung) != PASSING
        and not _renewed(each, progress)
    ]


def _renewed(blocked: Latest, progress: Progress) -> bool:
    """Say whether what was blocked for want of a consent has been tried anew since."""
    return blocked.reason == NO_CONSENT and any(
        (each.referral, each.agency, each.part) == (blocked.referral, blocked.agency, blocked.part)
        and each.at > blocked.at
        for each in progress.deliveries.values()
    )


def _held_up(progress: Progress) -> list[Mark]:
    found = [
        _mark(Trouble.STOPPED, each.step, each.text, each.at, each.reason)
        for each in progress.releases.values()
        if each.step == "disclosure.blocked"
    ]
    if state_of(progress) == "message_rejected":
        found += [
            _mark(Trouble.WAITING, each.step, each.text, each.at)
            for each in progress.messages.values()
            if each.step == "message.rejected"
        ]
    for referral in progress.referrals.values():
        found += _refusals(referral)
    found += [
        Mark(Trouble[each.words.needs.upper()], each.step, each.text, each.at, each.words.remedy)
        for each in needing(progress.threads)
    ]
    return found


def worst(found: Sequence[Mark]) -> Trouble:
    """Return the worst of some marks."""
    return max((each.level for each in found), default=Trouble.NONE)


def ladder(referral: ReferralProgress) -> list[Rung]:
    """Return the rungs of a referral in order; a rejected or refused one ends there and in the loop."""
    reached = referral.reached
    for stop in ("rejected", "refused", *ENDS):
        if stop in reached:
            done = [each for each in LADDER[:-1] if each in reached and RANK[each] < RANK[stop]]
            return [
                *(Rung(each, reached[each]) for each in done),
                Rung(stop, reached[stop], bad=True),
                Rung("loop_closed", reached.get("loop_closed")),
            ]
    return [Rung(each, reached.get(each)) for each in LADDER]


def _refusals(referral: ReferralProgress) -> list[Mark]:
    """A refusal stays a mark until the sender knows the end."""
    if referral.state == "loop_closed":
        return []
    level = Trouble.STOPPED if "refused" in referral.reached else Trouble.WAITING
    return [_mark(level, each.step, each.text, each.at) for each in referral.notes.values()]


def _mark(level: Trouble, kind: str, text: str, since: datetime, reason: str | None = None) -> Mark:
    return Mark(level, kind, text, since, CAUSED.get(reason or "") or REMEDIES[kind])
