"""A referral's life as events from the other services, and what the service made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from stafet.referrals.domain.state import Answer, Decision, Delivery, Referral
from stafet_runtime.consumer import Processor
from stafet_runtime.database import Database
from stafet_runtime.outbox import unpack_headers
from stafet_runtime.parked import RawRecord
from stafet_schemas import delivery, referral
from stafet_schemas.codec import decode, encode
from stafet_schemas.event import Event, EventData
from tests.fakes.ids import FakeIds

NOON: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
ANSWERS: Final[dict[str, type[Event]]] = {
    "accepted": delivery.DeliveryAccepted,
    "rejected": delivery.DeliveryRejected,
    "in_progress": delivery.DeliveryInProgress,
    "completed": delivery.DeliveryCompleted,
}

_ids = FakeIds(space=1)


@dataclass(frozen=True)
class Life:
    """One referral from the police to the Red Cross; every event has a new id."""

    number: int
    case: str = "case-1"

    @property
    def referral(self) -> str:
        return f"referral-{self.number}"

    @property
    def placer(self) -> str:
        return f"POL-{self.number}"

    def submitted(self, receiver: str = "redcross", service: str = "accommodation") -> Event:
        data = referral.ReferralSubmittedData(
            case=self.case,
            referral=self.referral,
            sender="police",
            placer=self.placer,
            receiver=receiver,
            record="record-1",
            version=1,
            groups=("identity", "routing"),
            digest="9f2b",
            service=service,
            priority="acute",
            age_group="adult",
            sex="female",
        )
        return event_of(referral.ReferralSubmitted, data)

    def delivered(
        self, part: str, recipient: str = "redcross", rung: str | None = None, lane: str | None = None
    ) -> Event:
        data = delivery.DeliveryDeliveredData(
            delivery=f"{self.referral}-{part}-{rung}",
            lane=lane or self.case,
            referral=self.referral,
            recipient=recipient,
            part=part,
            rung=rung,
            attempt=1,
        )
        return event_of(delivery.DeliveryDelivered, data)

    def told(self, rung: str) -> Event:
        """Make the news that the police have a status."""
        return self.delivered("status", "police", rung)

    def answered(self, rung: str, agency: str = "redcross", reason: str = "no_capacity") -> Event:
        message = f"rk-{self.number}-{rung}"
        data = delivery.AnswerData(lane=self.case, referral=self.referral, agency=agency, message=message)
        if rung == "rejected":
            data = delivery.AnswerRejectedData(**data.model_dump(), reason=reason)
        return event_of(ANSWERS[rung], data)

    def completed(self) -> list[Event]:
        """Make the whole of a referral that went well, in order."""
        return [
            self.submitted(),
            self.delivered("notice"),
            self.told("delivered"),
            self.answered("accepted"),
            self.told("accepted"),
            self.delivered("content"),
            self.answered("in_progress"),
            self.answered("completed"),
            self.told("completed"),
        ]


def event_of(kind: type[Event], data: EventData) -> Event:
    """Make an event of another service."""
    return kind(
        id=_ids.new(),
        source="/stafet/test",
        type=kind.type_name(),
        time=NOON,
        correlationid=str(getattr(data, kind.correlation_field)),
        partitionkey=str(getattr(data, kind.key_field)),
        recordedtime=NOON,
        data=data,
    )


def records(events: Sequence[Event], offset: int = 0) -> list[RawRecord]:
    """Encode events as they come from Kafka."""
    encoded = [(type(each).topic, *encode(each)) for each in events]
    return [
        RawRecord(topic, 0, offset + number, key, headers, value)
        for number, (topic, key, headers, value) in enumerate(encoded)
    ]


class Desk:
    """The service on its own database, taken through the runtime's processor as Kafka would."""

    def __init__(self, processor: Processor, database: Database) -> None:
        self._processor = processor
        self._database = database
        self._offset = 0

    async def take(self, *events: Event) -> list[str]:
        """Process events as one batch; return what was emitted by it."""
        before = len(await self.emitted())
        await self._processor.process(records(events, self._offset))
        self._offset += len(events)
        return [shown(each) for each in (await self.emitted())[before:]]

    async def emitted(self) -> list[Event]:
        """Read the outbox, oldest first."""
        rows = await self._database.pool.fetch("select headers, value from outbox order by id")
        return [decode(unpack_headers(row["headers"]), row["value"]) for row in rows]

    async def states(self) -> dict[str, tuple[list[str], bool]]:
        """Read every referral's rungs, and whether its loop is closed."""
        rows = await self._database.pool.fetch("select referral, rungs, closed from referrals")
        return {row["referral"]: (row["rungs"], row["closed"]) for row in rows}

    async def units(self) -> dict[str, str | None]:
        """Read in which unit each referral stands."""
        rows = await self._database.pool.fetch("select referral, unit from routings")
        return {row["referral"]: row["unit"] for row in rows}

    async def parked(self) -> int:
        """Count the records that could not be handled."""
        return int(await self._database.pool.fetchval("select count(*) from parked"))


def shown(event: Event) -> str:
    """Write what an event says in words, e.g. `routed police status rejected no_capacity`."""
    fields = ("recipient", "agency", "part", "rung", "outcome", "reason")
    data = event.data.model_dump()
    said = [str(data[name]) for name in fields if data.get(name)] + [*data.get("candidates", ())]
    return " ".join([type(event).short_name().partition(".")[2], *said])


def said(decision: Decision) -> list[str]:
    """Write what a decision tells others in words."""
    return [shown(event_of(effect.kind, effect.data)) for effect in decision.effects]


def state(*rungs: str, closed: bool = False) -> Referral:
    """Give a referral from the police to the Red Cross that reached some rungs."""
    return Referral(
        "case-1", "referral-1", "police", "POL-1", "redcross", "routing-3/asylum_centre", rungs,
        closed=closed, service="accommodation",
    )  # fmt: skip


def answer(rung: str, agency: str = "redcross") -> Answer:
    """Give an answer about that referral."""
    return Answer("case-1", "referral-1", agency, f"rk-{rung}", rung, "no_capacity")


def status(rung: str | None, recipient: str = "police", lane: str = "case-1") -> Delivery:
    """Say that a status about that referral was delivered."""
    return Delivery(lane, recipient, "status", rung)
