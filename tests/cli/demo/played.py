"""A demo as it would have been played: the partners' lines and the hub's events, to be spoilt by a test."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from stafet_cli.demo import records as lines
from stafet_cli.demo.hub_facts import HubFacts
from stafet_cli.demo.leak_patterns import Leak
from stafet_cli.demo.report import Judgement, LedgerFound, judge, outstanding
from stafet_cli.demo.run import RECEIVERS
from stafet_connectors.police.simulator_plan import FAULTS
from stafet_schemas import case as cases
from stafet_schemas import consent, delivery, identification, inbound, referral, support
from stafet_schemas.event import Event, EventData

T = TypeVar("T")

ALWAYS = "prs_Gender prs_PrimaryLanguage stafet_person stafet_referral"
CONSENTED = f"{ALWAYS} cas_OutgoingReferralDetails"
"""Names of fields in Red Cross's events: of what it always sees, and of that with what consent opens."""
LEDGER = LedgerFound(40)

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
REST = {
    "record": "rec", "version": 1, "groups": ("routing",), "digest": "d", "service": "health",
    "priority": "acute", "age_group": "adult", "sex": "female",
}  # fmt: skip


@dataclass(repr=False)
class Played:
    """Lines and events in the order they happened; `sent` counts the messages ordered to `receivers`."""

    police: list[lines.PoliceLine] = field(default_factory=list[lines.PoliceLine])
    redcross: list[lines.RedcrossLine] = field(default_factory=list[lines.RedcrossLine])
    others: dict[str, list[lines.OtherLine]] = field(default_factory=lambda: defaultdict(list))
    events: list[Event] = field(default_factory=list[Event])
    sent: int = 0
    receivers: Sequence[str] = RECEIVERS
    now: datetime = START

    def event(self, kind: type[Event], **data: object) -> Event:
        """Append one event of the hub, a millisecond after the last."""
        self.now += timedelta(milliseconds=1)
        fields: type[EventData] = kind.__annotations__["data"]
        filled = fields(**{name: data[name] for name in fields.model_fields if name in data})
        event = kind(
            id=f"e-{self.now.timestamp()}",
            source="/stafet/test",
            type=kind.type_name(),
            time=self.now,
            correlationid="c",
            partitionkey="k",
            recordedtime=self.now,
            data=filled,
        )
        self.events.append(event)
        return event

    def submit(
        self,
        transaction: str,
        code: str = lines.ACCEPTED,
        fault: str | None = None,
        *,
        consented: bool = False,
    ) -> None:
        """Let the police send one message and read the hub's answer."""
        self.sent += 1
        accepted = code == lines.ACCEPTED
        self.police.append(lines.Submitted(transaction, lines.FIRST, fault, consented))
        self.police.append(
            lines.Answer(transaction, lines.FIRST, code, f"r-{transaction}" if accepted else "")
        )
        if accepted:
            self.event(inbound.MessageReceived, agency="police", message=f"r-{transaction}", size=1850)

    def copy(self, transaction: str, number: int, code: str, receipt: str = "") -> None:
        """Let the police send another copy and read the answer."""
        self.police.append(lines.Submitted(transaction, number, None, consented=False))
        self.police.append(lines.Answer(transaction, number, code, receipt))

    def told(self, transaction: str, code: str, lane: str, delivered: str) -> None:
        """Queue, deliver and record a receipt."""
        what = {"delivery": delivered, "lane": lane, "recipient": "police", "part": "status"}
        self.event(delivery.DeliveryQueued, **what)
        self.event(delivery.DeliveryDelivered, attempt=1, **what)
        self.police.append(lines.Receipt(transaction, delivered, code, repeated=False))

    def release(self, name: str, part: str, case: str, seen: str = ALWAYS) -> None:
        """Have the vault release fields of the notice or the content of referral `name`."""
        purpose = "referral_notice" if part == "notice" else "support"
        groups = ("routing", "narrative") if seen == CONSENTED else ("routing",)
        to = {"case": case, "referral": name, "recipient": "redcross", "part": part, "purpose": purpose}
        self.event(cases.DisclosureMade, policy="p", disclosure=f"{name}-{part}-d", groups=groups, **to)

    def part(self, name: str, part: str, case: str, seen: str = ALWAYS) -> None:
        """Queue, release, deliver and record the notice or the content of referral `name`."""
        to = {"delivery": f"{name}-{part}", "lane": case, "recipient": "redcross"}
        what = {**to, "part": part, "referral": name}
        self.event(delivery.DeliveryQueued, **what)
        self.release(name, part, case, seen)
        self.arrive(name, part, seen)
        self.now += timedelta(milliseconds=40)
        self.event(delivery.DeliveryDelivered, attempt=1, **what)

    def arrive(self, name: str, part: str, seen: str = ALWAYS) -> None:
        """Have Red Cross take the notice or the content of referral `name`."""
        number = len(self.redcross)
        self.redcross.append(
            lines.Received(f"{name}-{part}", part, name, repeated=False, groups_seen=seen, sequence=number)
        )

    def say(self, kind: type[Event], case: str, cause: str | None = None) -> Event:
        """Have the vault record a version of the case's one consent: the narrative, for the Red Cross."""
        data: dict[str, object] = {"case": case, "consent": f"{case}-consent", "version": 1}
        data |= {"basis": "consent", "named": ("redcross",), "purposes": ("support",)}
        said = self.event(kind, groups=("narrative", "health"), recipients=("redcross",), **data)
        self.events[-1] = said.model_copy(update={"causationid": cause})
        return self.events[-1]

    def withdraw(self, name: str, case: str, *, told: bool = False) -> None:
        """Let a person withdraw consent at Red Cross, 10 ms before it takes effect; `told`: it was served."""
        heard = self.event(inbound.MessageReceived, agency="redcross", message=f"{name}-withdrawn", size=300)
        self.redcross.append(lines.Withdrawn(name, lines.TAKEN))
        self.now += timedelta(milliseconds=9)
        self.say(consent.ConsentWithdrawn, case, heard.id)
        if told:
            what = {"delivery": f"{name}-recall", "lane": case, "recipient": "redcross", "part": "withdrawal"}
            self.event(delivery.DeliveryQueued, **what)
            self.event(delivery.DeliveryDelivered, attempt=1, **what)
            self.redcross.append(lines.Recalled(f"{name}-recall", (name,)))

    def answer(self, kind: type[Event], name: str, rung: str, case: str) -> None:
        """Let Red Cross answer, and the hub know it."""
        self.redcross.append(lines.Answering(name, rung))
        self.event(
            kind, lane=case, referral=name, agency="redcross", message=f"{name}-{rung}", reason="no_capacity"
        )
        self.redcross.append(lines.Answered(name, rung, lines.TAKEN))

    def refer(
        self, number: int, *, accepted: bool = True, case: str | None = None, withdrawn: str | None = None
    ) -> None:
        """Play one sound referral `r-<number>` of message `t-<number>` to its end.

        `withdrawn`: of a person who consents, and withdraws that `early` (before the yes) or `late`.
        """
        transaction, name, case = f"t-{number}", f"r-{number}", case or f"case-{number}"
        who = {
            "case": case,
            "referral": name,
            "sender": "police",
            "receiver": "redcross",
            "placer": f"r-{transaction}",
        }
        self.submit(transaction, consented=withdrawn is not None)
        if withdrawn:
            self.say(consent.ConsentGiven, case)
        self.event(referral.ReferralSubmitted, **who, **REST)
        self.part(name, "notice", case)
        self.told(transaction, "MODTAGET", case, f"{name}-1")
        if withdrawn == "early":
            self.withdraw(name, case)
        if accepted:
            self.answer(delivery.DeliveryAccepted, name, "accepted", case)
            self.part(name, "content", case, CONSENTED if withdrawn == "late" else ALWAYS)
            if withdrawn == "late":
                self.withdraw(name, case, told=True)
            self.told(transaction, "ACCEPTERET", case, f"{name}-2")
            self.answer(delivery.DeliveryInProgress, name, "in_progress", case)
            self.answer(delivery.DeliveryCompleted, name, "completed", case)
            self.told(transaction, "AFLEVERET", case, f"{name}-3")
        else:
            self.answer(delivery.DeliveryRejected, name, "rejected", case)
            self.told(transaction, "AFVIST", case, f"{name}-2")
        self.event(referral.ReferralLoopClosed, outcome="completed" if accepted else "rejected", **who)

    def refer_to(self, receiver: str, number: int, *, reversed_: bool = False) -> None:
        """Play one sound referral to shelters or the immigration service to its end."""
        transaction, name, case = f"t-{number}", f"r-{number}", f"case-{number}"
        who = {"case": case, "referral": name, "sender": "police", "receiver": receiver}
        who["placer"] = f"r-{transaction}"
        self.submit(transaction)
        self.event(referral.ReferralSubmitted, **who, **REST)
        self.hold(receiver, name, "notice", case)
        self.told(transaction, "MODTAGET", case, f"{name}-1")
        said = {"lane": case, "referral": name, "agency": receiver}
        self.event(delivery.DeliveryAccepted, message=f"{name}-yes", **said)
        self.hold(receiver, name, "content", case)
        self.told(transaction, "ACCEPTERET", case, f"{name}-2")
        self.event(delivery.DeliveryInProgress, message=f"{name}-begun", **said)
        self.event(delivery.DeliveryCompleted, message=f"{name}-done", **said)
        if receiver == "immigration":
            decided: dict[str, object] = {"case": case, "referral": name, "agency": receiver}
            decided |= {"message": f"{name}-decided", "outcome": "identified", "holds_from": START.date()}
            self.event(identification.IdentificationDecided, **decided)
            if reversed_:
                self.others[receiver].append(lines.Listed("decisionReversed", name))
                self.event(
                    identification.IdentificationDecisionReversed, reverses=f"{name}-decided", **decided
                )
        self.told(transaction, "AFLEVERET", case, f"{name}-3")
        self.event(referral.ReferralLoopClosed, outcome="completed", **who)

    def hold(self, receiver: str, name: str, part: str, case: str) -> None:
        """Queue, deliver and record a part at another agency than the Red Cross."""
        what = {"delivery": f"{name}-{part}", "lane": case, "recipient": receiver, "part": part}
        self.event(delivery.DeliveryQueued, referral=name, **what)
        self.event(delivery.DeliveryDelivered, attempt=1, referral=name, **what)
        self.others[receiver].append(lines.Taken(part, f"{name}-{part}", name))

    def places(self) -> None:
        """Let the shelters report their places."""
        free = {"unit": "KBH-1", "status": "capacity", "at": self.now, "free": 2}
        self.event(support.SupportCapacityReported, agency="shelter", message="r-places", **free)

    def spoil(self, fault: str) -> None:
        """Play one message with a fault, refused at once or by a FEJLET receipt."""
        transaction, code = f"t-{fault}", FAULTS[fault]
        self.submit(transaction, code or lines.ACCEPTED, fault)
        if code is None:
            self.event(
                inbound.MessageRejected,
                agency="police",
                message=f"r-{transaction}",
                problems=(inbound.Problem(field="Ydelse", problem="unknown code"),),
            )
            self.told(transaction, "FEJLET", transaction, f"{transaction}-1")

    def without(self, kind: type, **having: object) -> "Played":
        """Take away the lines and events of a kind (with these fields), as if they had never come."""
        self.police = _kept(self.police, kind, having)
        self.redcross = _kept(self.redcross, kind, having)
        self.others = {agency: _kept(each, kind, having) for agency, each in self.others.items()}
        self.events = _kept(self.events, kind, having)
        return self

    @property
    def records(self) -> lines.Records:
        """All records as read."""
        others = {agency: tuple(each) for agency, each in self.others.items()}
        return lines.Records(tuple(self.police), tuple(self.redcross), others)

    @property
    def hub(self) -> HubFacts:
        """The hub's facts as gathered."""
        facts = HubFacts()
        for event in self.events:
            facts.take(event)
        return facts

    def judge(self, *leaks: Leak, ledger: LedgerFound | None = LEDGER) -> Judgement:
        """Judge it as a demo of 3.2 seconds."""
        return judge(self.records, self.hub, leaks, 3.21, self.sent, receivers=self.receivers, ledger=ledger)

    def outstanding(self) -> dict[str, int]:
        """Say what must still happen."""
        return outstanding(self.records, self.hub, self.sent, receivers=self.receivers)


def _kept(several: list[T], kind: type, having: dict[str, object]) -> list[T]:
    return [one for one in several if not (isinstance(one, kind) and _has(one, having))]


def _has(one: object, having: dict[str, object]) -> bool:
    facts = getattr(one, "data", one)
    return all(getattr(facts, name) == value for name, value in having.items())


def whole() -> Played:
    """Play a demo of six sound referrals (one rejected, two of a case, two withdrawn), faults and copies."""
    played = Played()
    played.refer(1)
    played.refer(2, accepted=False)
    played.refer(3, case="case-1")
    played.refer(4)
    played.refer(5, withdrawn="early")
    played.refer(6, withdrawn="late")
    for fault in FAULTS:
        played.spoil(fault)
    played.copy("t-1", lines.REPETITION, lines.ACCEPTED, "r-t-1")
    played.copy("t-2", lines.CONFLICTING, "conflict")
    played.places()
    played.police.append(lines.Done())
    return played


def everywhere() -> Played:
    """Play the whole demo with referrals to shelters and to the immigration service in it."""
    played = whole()
    played.refer_to("shelter", 7)
    played.refer_to("immigration", 8)
    played.refer_to("immigration", 9, reversed_=True)
    return played
