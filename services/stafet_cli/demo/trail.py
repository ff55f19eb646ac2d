"""Follows each message of the police through the hub to Red Cross and back, and says where it is. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from stafet_cli.demo.disclosures import groups_of, opened_by_consent
from stafet_cli.demo.hub_facts import HubFacts
from stafet_cli.demo.records import (
    FIRST,
    TAKEN,
    Answer,
    Answered,
    Listed,
    Recalled,
    Receipt,
    Received,
    Records,
    Submitted,
    Taken,
    Withdrawn,
)
from stafet_schemas.consent import ConsentWithdrawn

SENDER: Final = "police"
REDCROSS: Final = "redcross"
SHELTER: Final = "shelter"
DECIDES: Final = "immigration"
REFUSED: Final = "FEJLET"
DECLINED: Final = "AFVIST"
DONE: Final = "AFLEVERET"
FINAL: Final = frozenset({DECLINED, DONE})

# What Red Cross says -> the receipts the police must hold in the end, and Red Cross's further answers.
RECEIPTS: Final[Mapping[str, tuple[str, ...]]] = {
    "accepted": ("MODTAGET", "ACCEPTERET", DONE),
    "rejected": ("MODTAGET", DECLINED),
}
FURTHER: Final[Mapping[str, tuple[str, ...]]] = {"accepted": ("in_progress", "completed"), "rejected": ()}


@dataclass(frozen=True, slots=True)
class Trail:
    """One transaction as all three saw it.

    `answer` is the hub's to the first copy; `received`, `told_no`, `known` (rungs), `closed` come from the
    hub's events, as does the `receiver`; `parts` from its record, and Red Cross's `answers` (rungs that the
    hub took), too; a `twin` asks what is asked already, and `cancelled` ended with the person's consent;
    `receipts` are the codes that the police got, in the order of their first arrival.
    `decided` and `reversed`: what must be known of a formal decision, and whether it is.

    Of the person's consent: `consented` by the police's form; `withdrew` by Red Cross's word that the hub
    took; `withdrawn` by the hub's events; what only consent opens came to Red Cross at all (`opened`), or
    before it said that consent is withdrawn (`served`); and it was told to use that no more (`recalled`).
    """

    transaction: str
    fault: str | None
    answer: Answer | None
    received: bool
    told_no: bool
    referral: str | None
    receiver: str
    unroutable: bool
    twin: bool
    cancelled: bool
    parts: frozenset[str]
    answers: frozenset[str]
    known: frozenset[str]
    receipts: tuple[str, ...]
    closed: bool
    decided: bool
    reversed: bool
    consented: bool
    withdrew: bool
    withdrawn: bool
    opened: bool
    served: bool
    recalled: bool

    @property
    def accepted(self) -> bool:
        """Say whether the police hold the hub's receipt."""
        return self.answer is not None and self.answer.accepted

    @property
    def rejected(self) -> bool:
        """Say whether the police were told no with a reason, at once or by a receipt."""
        return (self.answer is not None and not self.answer.accepted) or REFUSED in self.receipts

    @property
    def answered(self) -> bool:
        """Say whether the receiver's yes or no is known to the hub; Red Cross's was taken by it, too."""
        said = self.answers if self.receiver == REDCROSS else self.known
        return bool(said & self.known & RECEIPTS.keys())

    @property
    def looped(self) -> bool:
        """Say whether the police hold the final receipt and the hub has closed the loop."""
        return self.closed and not FINAL.isdisjoint(self.receipts)


@dataclass(slots=True)
class _Words:
    """Referrals by what Red Cross wrote down of consent; each set as in a Trail."""

    withdrew: set[str] = field(default_factory=set[str])
    opened: set[str] = field(default_factory=set[str])
    served: set[str] = field(default_factory=set[str])
    recalled: set[str] = field(default_factory=set[str])


def trails(records: Records, hub: HubFacts) -> list[Trail]:
    """Follow every transaction that the police sent, in the order of first sending."""
    answers = {
        each.transaction: each for each in records.police if isinstance(each, Answer) and each.copy == FIRST
    }
    receipts: dict[str, dict[str, None]] = defaultdict(dict)
    for each in records.police:
        if isinstance(each, Receipt):
            receipts[each.transaction].setdefault(each.code)
    parts: dict[str, set[str]] = defaultdict(set)
    said: dict[str, set[str]] = defaultdict(set)
    for line in records.redcross:
        if isinstance(line, Received):
            parts[line.referral].add(line.part)
        elif isinstance(line, Answered) and line.status == TAKEN:
            said[line.referral].add(line.rung)

    for lines in records.others.values():
        for other in lines:
            if isinstance(other, Taken) and other.held and other.referral:
                parts[other.referral].add(other.part)

    words, undone = _words(records, hub), taken_back(records)

    def follow(sent: Submitted) -> Trail:
        answer = answers.get(sent.transaction)
        # The hub's events name a message by the receipt that the police hold.
        message = (SENDER, answer.receipt if answer else "")
        referral = next(iter(hub.referrals.get(message, ())), None)
        return Trail(
            transaction=sent.transaction,
            fault=sent.fault,
            answer=answer,
            received=message in hub.received,
            told_no=message in hub.rejected,
            referral=referral,
            receiver=hub.receivers.get(referral or "", REDCROSS),
            unroutable=referral in hub.unroutable,
            twin=referral in hub.twins,
            cancelled=referral in hub.cancelled,
            parts=frozenset(parts.get(referral or "", ())),
            answers=frozenset(said.get(referral or "", ())),
            known=frozenset(hub.answers.get(referral or "", ())),
            receipts=tuple(receipts.get(sent.transaction, ())),
            closed=referral in hub.closed,
            decided=referral in hub.decided,
            reversed=referral not in undone or referral in hub.reversed,
            consented=sent.consented,
            withdrew=referral in words.withdrew,
            withdrawn=any(
                isinstance(each, ConsentWithdrawn)
                for each in hub.disclosing[hub.cases.get(referral or "", "")]
            ),
            opened=referral in words.opened,
            served=referral in words.served,
            recalled=referral in words.recalled,
        )

    first = (each for each in records.police if isinstance(each, Submitted) and each.copy == FIRST)
    return [follow(each) for each in first]


def _words(records: Records, hub: HubFacts) -> _Words:
    found = _Words()
    for line in records.redcross:
        match line:
            case Withdrawn(status=status) if status == TAKEN:
                found.withdrew.add(line.referral)
            case Recalled():
                found.recalled.update(line.referrals)
            case Received(part="content") if groups_of(line.groups_seen) & opened_by_consent(
                hub, line.referral
            ):
                found.opened.add(line.referral)
                found.served |= {line.referral} - found.withdrew
            case _:
                pass
    return found


def taken_back(records: Records) -> set[str]:
    """Name the referrals whose decision was taken back, by the records."""
    lines = (line for each in records.others.values() for line in each)
    return {line.about for line in lines if isinstance(line, Listed) and line.type == "decisionReversed"}


def missing(trail: Trail) -> str | None:
    """Name the first thing that should be there by the end and is not; None: the trail is complete."""
    return next((what for what, there in _steps(trail) if not there), None)


def _steps(trail: Trail) -> Iterator[tuple[str, bool]]:
    yield "the hub's answer to the police", trail.answer is not None
    if not trail.accepted:
        return
    yield "message.received at the hub", trail.received
    if trail.told_no:
        yield "the FEJLET receipt", REFUSED in trail.receipts
        return
    yield "referral.submitted or message.rejected", trail.referral is not None
    if trail.unroutable or trail.twin:
        yield "the AFVIST receipt", DECLINED in trail.receipts
    elif trail.cancelled:
        yield from _cancelled(trail)
    elif trail.receiver == REDCROSS:
        yield from _with_redcross(trail)
    else:
        yield from _with_other(trail)
    yield "referral.loop_closed at the hub", trail.closed


def _cancelled(trail: Trail) -> Iterator[tuple[str, bool]]:
    yield f"the notice at {trail.receiver}", "notice" in trail.parts
    yield "consent.withdrawn at the hub", trail.withdrawn
    if trail.served:
        yield "the notice of withdrawal at Red Cross", trail.recalled
    for code in ("MODTAGET", DECLINED):
        yield f"the {code} receipt", code in trail.receipts


def _with_redcross(trail: Trail) -> Iterator[tuple[str, bool]]:
    yield "the notice at Red Cross", "notice" in trail.parts
    decisions = sorted(trail.answers & RECEIPTS.keys())
    yield "Red Cross's yes or no", bool(decisions)
    decision = decisions[0]
    yield f"delivery.{decision} at the hub", decision in trail.known
    if decision == "accepted":
        yield "the content at Red Cross", "content" in trail.parts
    if trail.withdrew and trail.consented:
        yield "consent.withdrawn at the hub", trail.withdrawn
    if trail.withdrew and trail.served:
        yield "the notice of withdrawal at Red Cross", trail.recalled
    for rung in FURTHER[decision]:
        yield f"Red Cross's {rung}", rung in trail.answers
        yield f"delivery.{rung} at the hub", rung in trail.known
    for code in RECEIPTS[decision]:
        yield f"the {code} receipt", code in trail.receipts


def _with_other(trail: Trail) -> Iterator[tuple[str, bool]]:
    agency = trail.receiver
    yield f"the notice at {agency}", "notice" in trail.parts
    decisions = sorted(trail.known & RECEIPTS.keys())
    yield f"{agency}'s yes or no at the hub", bool(decisions)
    decision = decisions[0]
    if decision == "accepted":
        yield f"the content at {agency}", "content" in trail.parts
    if decision == "accepted" and agency == DECIDES:
        yield "identification.decided at the hub", trail.decided
        yield "identification.decision_reversed at the hub", trail.reversed
    for rung in FURTHER[decision]:
        yield f"{agency}'s {rung} at the hub", rung in trail.known
    for code in RECEIPTS[decision]:
        yield f"the {code} receipt", code in trail.receipts
