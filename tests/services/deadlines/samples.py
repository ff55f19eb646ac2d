"""Facts of other services, and what deadlines made of them and of the time that passed."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from stafet.deadlines.adapters.ticker import Ticker
from stafet_runtime.consumer import Processor
from stafet_runtime.database import Database
from stafet_runtime.outbox import unpack_headers
from stafet_runtime.parked import RawRecord
from stafet_schemas.codec import data_class, decode, encode
from stafet_schemas.deadline import DeadlineSet
from stafet_schemas.event import Event
from stafet_schemas.registry import EVENTS
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds

NOON: Final = datetime(2026, 3, 2, 11, tzinfo=UTC)
"""Noon in Copenhagen, a Monday in winter."""
HOUR: Final = 3600
DAY: Final = 24 * HOUR
CASE: Final = "case-1"

KINDS: Final = {each.short_name(): each for each in EVENTS.values()}
REFERRAL: Final = {"case": CASE, "referral": "referral-1", "sender": "police", "placer": "rk-1"}
FACT: Final = {"case": CASE, "agency": "cmm", "message": "rk-2"}

_ids = FakeIds(space=2)


def event(name: str, at: datetime = NOON, /, **data: object) -> Event:
    """Make an event of another service, named `subject.past_tense`."""
    kind = KINDS[name]
    said = data_class(kind)
    value = said.model_validate({"at": at, **data} if "at" in said.model_fields else data)
    return kind(
        id=_ids.new(),
        source="/stafet/test",
        type=kind.type_name(),
        time=at,
        correlationid=str(getattr(value, kind.correlation_field)),
        partitionkey=str(getattr(value, kind.key_field)),
        recordedtime=at,
        data=value,
    )


def submitted(priority: str = "acute", at: datetime = NOON) -> Event:
    """Say that the police refer somebody."""
    return event(
        "referral.submitted", at, **REFERRAL, receiver="redcross", record="record-1", version=1, groups=(),
        digest="9f", service="accommodation", priority=priority, age_group="adult", sex="female",
    )  # fmt: skip


def routed(at: datetime = NOON, /, **data: object) -> Event:
    """Say that the Red Cross is to have the notice."""
    known = {
        **REFERRAL,
        "recipient": "redcross",
        "part": "notice",
        "purpose": "referral_notice",
        "rule": "r-1",
    }
    return event("referral.routed", at, **{**known, **data})


def accepted(at: datetime = NOON) -> Event:
    """Say that the Red Cross accepts."""
    return event("referral.accepted", at, **REFERRAL, receiver="redcross")


def delivery(name: str, at: datetime = NOON, /, **data: object) -> Event:
    """Say what became of the notice on its way."""
    known = {
        "delivery": "d-1",
        "lane": CASE,
        "referral": "referral-1",
        "recipient": "redcross",
        "part": "notice",
    }
    return event(f"delivery.{name}", at, **{**known, **data})


def granted(
    starts: date, until: date, cap: date, at: datetime = NOON, name: str = "period.granted", **data: object
) -> Event:
    """Say that a period runs, or what became of it."""
    known = {
        **FACT,
        "period": "p-1",
        "kind": "reflection",
        "rule": "rules-1",
        "notify": ("shelter", "immigration"),
    }
    return event(name, at, **{**known, "starts": starts, "until": until, "cap": cap, **data})


def records(events: Sequence[Event], offset: int = 0) -> list[RawRecord]:
    """Encode events as they come from Kafka."""
    encoded = [(type(each).topic, *encode(each)) for each in events]
    return [
        RawRecord(topic, 0, offset + number, key, headers, value)
        for number, (topic, key, headers, value) in enumerate(encoded)
    ]


class Desk:
    """The service on its own database: events through the runtime's processor, time through its ticker."""

    def __init__(self, processor: Processor, ticker: Ticker, database: Database, clock: FakeClock) -> None:
        self._processor = processor
        self._ticker = ticker
        self._database = database
        self._offset = 0
        self.clock = clock

    async def take(self, *events: Event) -> list[str]:
        """Process events as one batch; return what was told by it."""
        before = len(await self.emitted())
        await self._processor.process(records(events, self._offset))
        self._offset += len(events)
        return [shown(each) for each in (await self.emitted())[before:]]

    async def wait(self, seconds: float = 0) -> list[str]:
        """Let time pass and look at the clocks; return what was told by that."""
        before = len(await self.emitted())
        self.clock.advance(seconds)
        await self._ticker.tick()
        return [shown(each) for each in (await self.emitted())[before:]]

    async def emitted(self) -> list[Event]:
        """Read the outbox, oldest first."""
        rows = await self._database.pool.fetch("select headers, value from outbox order by id")
        return [decode(unpack_headers(row["headers"]), row["value"]) for row in rows]

    async def table(self) -> list[dict[str, Any]]:
        """Read every clock."""
        rows = await self._database.pool.fetch("select * from deadlines order by deadline")
        return [dict(row) for row in rows]

    async def parked(self) -> int:
        """Count the records that could not be handled."""
        return int(await self._database.pool.fetchval("select count(*) from parked"))


def shown(told: Event) -> str:
    """Write what an event says in words, e.g. `warned referral_answer half`."""
    data = told.data.model_dump()
    words = [type(told).short_name().partition(".")[2], data["clock"]]
    words += [str(data[name]) for name in ("stage", "cause") if data.get(name)]
    return " ".join([*words, *(["late"] if data.get("late") else [])])


async def dues(desk: Desk) -> dict[str, datetime]:
    """Return when each clock that was set is due."""
    return {each.data.clock: each.data.due for each in await desk.emitted() if isinstance(each, DeadlineSet)}
