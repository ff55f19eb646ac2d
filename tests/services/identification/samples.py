"""What agencies say about the identification of one person, and what the service makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

from stafet.identification.adapters import load_rules, load_vocabularies
from stafet.identification.domain.context import Context
from stafet.identification.domain.deciding import decide
from stafet.identification.domain.decision import Decision
from stafet_runtime.consumer import Processor
from stafet_runtime.database import Database
from stafet_runtime.outbox import unpack_headers
from stafet_runtime.parked import RawRecord
from stafet_schemas.codec import decode, encode
from stafet_schemas.event import Event, EventData
from stafet_schemas.step import StepReported, StepReportedData
from tests.fakes.book import FakeBook
from tests.fakes.ids import FakeIds

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
CASE: Final = "case-1"
RULES: Final = load_rules()
VOCABULARIES: Final = load_vocabularies()

_ids = FakeIds(space=2)


def said(step: str, **fields: object) -> StepReportedData:
    """Make a step that CMM reports at noon, under a receipt of its name, unless the fields say otherwise."""
    usual = {"case": CASE, "agency": "cmm", "message": f"m-{step}", "at": NOON}
    return StepReportedData.model_validate({**usual, "step": step, **fields})


@dataclass
class File:
    """One case in memory; steps are decided on one by one."""

    book: FakeBook = field(default_factory=FakeBook)

    def context(self, now: datetime = NOON) -> Context:
        """Give what a decision is made with."""
        return Context(self.book, RULES, VOCABULARIES, now)

    def say(self, step: str, **fields: object) -> list[str]:
        """Decide on a step that was told when it was so; return what it led to, in words."""
        data = said(step, **fields)
        return self.take(decide(data, self.context(data.at)))

    def take(self, decision: Decision) -> list[str]:
        """Keep what a decision changed; return what it tells."""
        for thing in decision.things:
            self.book.put(thing)
        return [shown(event_of(each.kind, each.data)) for each in decision.effects]

    def state(self, kind: str, name: str | None = None) -> str:
        """Say how far a thing is."""
        return self.book.get(CASE, kind, name or kind).state


def shown(event: Event) -> str:
    """Write a fact in words, e.g. `final_assessment.decided immigration positive`."""
    data = event.data.model_dump(mode="json")
    fields = ("step", "authority", "outcome", "residence", "starts", "until", "reason", "field", "law")
    return " ".join([type(event).short_name(), *(str(data[name]) for name in fields if data.get(name))])


def event_of(kind: type[Event], data: EventData, time: datetime = NOON) -> Event:
    """Make an event of some service."""
    return kind(
        id=_ids.new(),
        source="/stafet/test",
        type=kind.type_name(),
        time=time,
        correlationid=str(getattr(data, kind.correlation_field)),
        partitionkey=str(getattr(data, kind.key_field)),
        recordedtime=time,
        data=data,
    )


def step(name: str, **fields: object) -> Event:
    """Make the event of a step, told when it was so."""
    data = said(name, **fields)
    return event_of(StepReported, data, data.at)


def day(number: int) -> datetime:
    """Give noon of the day that is so many days after the first."""
    return NOON + timedelta(days=number)


def iso(number: int) -> str:
    """Give that day as text."""
    return date.isoformat(day(number).date())


class Hub:
    """The service on its own database, taken through the runtime's processor as Kafka would."""

    def __init__(self, processor: Processor, database: Database) -> None:
        self._processor = processor
        self._database = database
        self._offset = 0

    async def take(self, *events: Event) -> list[str]:
        """Process events as one batch; return what was emitted by it, in words."""
        before = len(await self.emitted())
        await self._processor.process(self._records(events))
        return [shown(each) for each in (await self.emitted())[before:]]

    async def emitted(self) -> list[Event]:
        """Read the outbox, oldest first."""
        rows = await self._database.pool.fetch("select headers, value from outbox order by id")
        return [decode(unpack_headers(row["headers"]), row["value"]) for row in rows]

    async def things(self) -> dict[tuple[str, str], str]:
        """Read how far every thing is, by kind and id."""
        rows = await self._database.pool.fetch("select kind, id, state from things")
        return {(row["kind"], row["id"]): row["state"] for row in rows}

    async def parked(self) -> int:
        """Count the records that could not be handled."""
        return int(await self._database.pool.fetchval("select count(*) from parked"))

    def _records(self, events: Sequence[Event]) -> list[RawRecord]:
        encoded = [(type(each).topic, *encode(each)) for each in events]
        self._offset += len(events)
        return [
            RawRecord(topic, 0, self._offset + number, key, headers, value)
            for number, (topic, key, headers, value) in enumerate(encoded)
        ]
