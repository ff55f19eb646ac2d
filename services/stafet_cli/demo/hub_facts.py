"""The hub's side of the demo: its events, gathered into what the judge asks about. Pure.

An event that the relay published twice (same id) counts once: consumers drop it too.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from stafet_schemas import case as case_events
from stafet_schemas import consent, course, delivery, identification, inbound, referral, support
from stafet_schemas.event import Event
from stafet_sdk.errors import NO_WORD

Message = tuple[str, str]
"""The sending agency and the receipt that it got for the message."""
Lane = tuple[str, str]
"""The case (or message) and the recipient."""

WORDLESS: Final = (NO_WORD, "in_progress")
"""Cause and rung of what some senders cannot be told: that work on their referral has begun."""


@dataclass(slots=True)
class HubFacts:
    """What the hub says happened.

    `received`: time of message.received. `referrals`: the hub's ids made of one message (more than one is a
    double). `unroutable`: referrals that no agency receives. `twins`: those refused because the same is
    asked already, with the event that asked; `told_again`: deliveries that say once more how far the first
    one is. `cancelled`: referrals that ended with the person's consent. `refused`: reasons of other
    refusals. `answers`: rungs the hub knows of each referral. `notices`: time of the first
    delivery.delivered of the notice. `lanes`: deliveries in the order they were queued. `failed`: dead ends
    with their cause. `wordless`: words of a beginning that the recipient's protocol cannot say, and that
    end so. `revoked`: contents that their referral's end came before, with the referral. `heard`: time of
    message.received by the event's id. `cases`: the case of each referral, `receivers`: whom it is meant
    for. `decided`, `reversed`: referrals about which a formal decision came, and was taken back.
    `capacities`: how many reports of places came, by agency. `disclosing`: consents and disclosures of each
    case, in their order.
    """

    received: dict[Message, datetime] = field(default_factory=dict[Message, datetime])
    rejected: set[Message] = field(default_factory=set[Message])
    referrals: dict[Message, list[str]] = field(default_factory=lambda: defaultdict(list))
    unroutable: set[str] = field(default_factory=set[str])
    twins: dict[str, str | None] = field(default_factory=dict[str, str | None])
    told_again: set[str] = field(default_factory=set[str])
    cancelled: set[str] = field(default_factory=set[str])
    refused: list[str] = field(default_factory=list[str])
    answers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    receivers: dict[str, str] = field(default_factory=dict[str, str])
    decided: set[str] = field(default_factory=set[str])
    reversed: set[str] = field(default_factory=set[str])
    capacities: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    closed: set[str] = field(default_factory=set[str])
    notices: dict[str, datetime] = field(default_factory=dict[str, datetime])
    lanes: dict[Lane, list[str]] = field(default_factory=lambda: defaultdict(list))
    delivered: set[str] = field(default_factory=set[str])
    failed: dict[str, str] = field(default_factory=dict[str, str])
    wordless: set[str] = field(default_factory=set[str])
    revoked: dict[str, str] = field(default_factory=dict[str, str])
    heard: dict[str, datetime] = field(default_factory=dict[str, datetime])
    cases: dict[str, str] = field(default_factory=dict[str, str])
    disclosing: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    undecodable: list[str] = field(default_factory=list[str])
    _seen: set[str] = field(default_factory=set[str])

    def take(self, event: Event) -> None:
        """Add one event; events of one key must come in their order."""
        if event.id in self._seen:
            return
        self._seen.add(event.id)
        match event:
            case inbound.InboundEvent():
                self._take_inbound(event)
            case referral.ReferralEvent():
                self._take_referral(event)
            case delivery.DeliveryEvent():
                self._take_delivery(event)
            case (
                case_events.DisclosureMade(data=data)
                | case_events.DisclosureBlocked(data=data)
                | consent.ConsentGiven(data=data)
                | consent.ConsentNarrowed(data=data)
                | consent.ConsentWithdrawn(data=data)
                | consent.ConsentExpired(data=data)
            ):
                self.disclosing[data.case].append(event)
            case identification.IdentificationDecided(data=data):
                self.decided.add(data.referral)
            case identification.IdentificationDecisionReversed(data=data):
                self.reversed.add(data.referral)
            case support.SupportCapacityReported(data=data):
                self.capacities[data.agency] += 1
            case _:
                pass

    def waiting(self) -> int:
        """Count what stands in lanes and is not delivered, dead ends included."""
        ended = self.delivered | self.wordless | self.revoked.keys()
        return sum(len(set(queued) - ended) for queued in self.lanes.values())

    def _take_inbound(self, event: inbound.InboundEvent) -> None:
        match event:
            case inbound.MessageReceived(data=data):
                self.heard[event.id] = event.time
                self.received.setdefault((data.agency, data.message), event.time)
            case inbound.MessageRejected(data=data):
                self.rejected.add((data.agency, data.message))
            case _:
                pass

    def _take_referral(self, event: referral.ReferralEvent) -> None:
        match event:
            case referral.ReferralSubmitted(data=data):
                self.cases[data.referral] = data.case
                self.receivers[data.referral] = data.receiver
                made = self.referrals[data.sender, data.placer]
                if data.referral not in made:
                    made.append(data.referral)
            case referral.ReferralRefused(data=data) if data.reason == "no_recipient":
                self.unroutable.add(data.referral)
            case referral.ReferralRefused(data=data) if data.reason == "already_open":
                self.twins[data.referral] = event.causationid
            case referral.ReferralRefused(data=data) if data.referral in self.cancelled:
                # The receiver answered before it heard of the end.
                pass
            case referral.ReferralRefused(data=data):
                self.refused.append(data.reason)
            case referral.ReferralRouted(data=data) if data.part == "status":
                again = data.referral not in self.twins and event.causationid in self.twins.values()
                self.told_again |= {event.id} if again else set()
            case course.ReferralCancelled(data=data):
                self.cancelled.add(data.referral)
            case referral.ReferralLoopClosed(data=data):
                self.closed.add(data.referral)
            case _:
                pass

    def _take_delivery(self, event: delivery.DeliveryEvent) -> None:
        match event:
            case delivery.DeliveryQueued(data=data):
                self.lanes[data.lane, data.recipient].append(data.delivery)
            case delivery.DeliveryDelivered(data=data):
                self.delivered.add(data.delivery)
                if data.part == "notice" and data.referral is not None:
                    self.notices.setdefault(data.referral, event.time)
            case delivery.DeliveryFailed(data=data) if (data.cause, data.rung) == WORDLESS:
                self.wordless.add(data.delivery)
            case delivery.DeliveryFailed(data=data) if data.cause == "revoked" and data.referral:
                self.revoked[data.delivery] = data.referral
            case delivery.DeliveryFailed(data=data):
                self.failed[data.delivery] = data.cause
            case _:
                self._take_answer(event)

    def _take_answer(self, event: delivery.DeliveryEvent) -> None:
        match event:
            case delivery.DeliveryAccepted(data=data):
                self.answers[data.referral].add("accepted")
            case delivery.DeliveryRejected(data=data):
                self.answers[data.referral].add("rejected")
            case delivery.DeliveryInProgress(data=data):
                self.answers[data.referral].add("in_progress")
            case delivery.DeliveryCompleted(data=data):
                self.answers[data.referral].add("completed")
            case _:
                pass
