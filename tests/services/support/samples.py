"""What agencies say of a person's support, as events, and what the service made of it in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

from stafet_runtime.consumer import Processor
from stafet_runtime.database import Database
from stafet_runtime.outbox import unpack_headers
from stafet_runtime.parked import RawRecord
from stafet_schemas import consent, course, referral, support
from stafet_schemas.case import CaseErased, CaseErasedData
from stafet_schemas.codec import data_class, decode, encode
from stafet_schemas.event import Event, EventData
from stafet_schemas.step import StepReported, StepReportedData
from tests.fakes.ids import FakeIds

NOON: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
CASE: Final = "case-1"
COURSE: Final[dict[str, type[Event]]] = {
    "accepted": referral.ReferralAccepted,
    "started": referral.ReferralStarted,
    "completed": referral.ReferralCompleted,
    "cancelled": course.ReferralCancelled,
    "failed": course.ReferralFailed,
    "entered_in_error": course.ReferralEnteredInError,
}
CUTS: Final[dict[str, type[Event]]] = {
    "narrowed": consent.ConsentNarrowed,
    "withdrawn": consent.ConsentWithdrawn,
    "expired": consent.ConsentExpired,
}

_ids = FakeIds(space=1)
_receipts = count(1)


def step(kind: str, /, agency: str = "cmm", *, hours: float = 0, **said: object) -> Event:
    """Say a step of the case, some hours after noon, under a receipt of its own unless one is given."""
    at = NOON + timedelta(hours=hours)
    told = {"step": kind, "agency": agency, "message": f"m-{next(_receipts)}", "case": CASE, "at": at, **said}
    return event_of(StepReported, StepReportedData.model_validate(told), max(at, NOON))


def submitted(number: int = 1, case: str = CASE, **said: object) -> Event:
    """Submit a referral from the police for a bed at the shelter."""
    facts = {
        "receiver": "shelter", "record": "r-1", "version": 1, "groups": (), "digest": "d",
        "priority": "acute", "service": "accommodation", "age_group": "adult", "sex": "female",
        **_who(number, case), **said,
    }  # fmt: skip
    return event_of(referral.ReferralSubmitted, referral.ReferralSubmittedData.model_validate(facts))


def went(state: str, number: int = 1, case: str = CASE, reason: str = "other", by: str = "shelter") -> Event:
    """Say that a referral reached a state with the shelter."""
    kind = COURSE[state]
    told = {**_who(number, case), "receiver": "shelter", "reason": reason, "by": by}
    return event_of(kind, data_class(kind).model_validate(told))


def given(name: str = "c-1", *, purposes: Sequence[str] = ("prepared_return",), **said: object) -> Event:
    """Give a consent, by default to a prepared return."""
    return event_of(
        consent.ConsentGiven, consent.ConsentGivenData.model_validate(_basis(name, 1, purposes, said))
    )


def cut(state: str, name: str = "c-1", *, purposes: Sequence[str] = (), **said: object) -> Event:
    """Narrow, withdraw or end a consent; it opens `purposes` from now on."""
    told = {**_basis(name, 2, purposes, said), "recipients": ()}
    return event_of(CUTS[state], consent.ConsentCutData.model_validate(told))


def capacity(unit: str, free: int | None, *accepts: str, hours: float = 0, **said: object) -> Event:
    """Report the places of a unit of the shelter."""
    told = {
        "message": "m-0", "agency": "shelter", "unit": unit, "free": free, "accepts": accepts,
        "status": "capacity" if free != 0 else "no_capacity", "at": NOON + timedelta(hours=hours), **said,
    }  # fmt: skip
    return event_of(support.SupportCapacityReported, support.CapacityReportedData.model_validate(told))


def query(*accepts: str, service: str = "accommodation", persons: int = 1) -> Event:
    """Ask who has places."""
    data = support.CapacityQueriedData(
        query="q-1", agency="cmm", at=NOON, service=service, accepts=accepts, persons=persons
    )
    return event_of(support.CapacityQueried, data)


def erased(case: str = CASE) -> Event:
    """Say that the case was erased."""
    return event_of(CaseErased, CaseErasedData(case=case, reason="objection", recipients=()))


def event_of(kind: type[Event], data: EventData, time: datetime = NOON) -> Event:
    """Make an event of another service."""
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


def records(events: Sequence[Event], offset: int = 0) -> list[RawRecord]:
    """Encode events as they come from Kafka."""
    encoded = [(type(each).topic, *encode(each)) for each in events]
    return [
        RawRecord(topic, 0, offset + number, key, headers, value)
        for number, (topic, key, headers, value) in enumerate(encoded)
    ]


@dataclass
class Desk:
    """The service on its own database, taken through the runtime's processor as Kafka would."""

    processor: Processor
    database: Database
    offset: int = 0

    async def take(self, *events: Event) -> list[str]:
        """Process events as one batch; return what was emitted by it."""
        before = len(await self.emitted())
        await self.processor.process(records(events, self.offset))
        self.offset += len(events)
        assert await self.database.pool.fetchval("select count(*) from parked") == 0
        return [shown(each) for each in (await self.emitted())[before:]]

    async def emitted(self) -> list[Event]:
        """Read the outbox, oldest first."""
        rows = await self.database.pool.fetch("select headers, value from outbox order by id")
        return [decode(unpack_headers(row["headers"]), row["value"]) for row in rows]

    async def last(self) -> dict[str, Any]:
        """Read what the newest event says."""
        return (await self.emitted())[-1].data.model_dump()

    async def states(self) -> dict[str, str]:
        """Read the state of each thing, by kind and id."""
        rows = await self.database.pool.fetch("select kind, id, state from things")
        return {f"{row['kind']} {row['id']}": row["state"] for row in rows}


def shown(event: Event) -> str:
    """Write what an event says in words, e.g. `accommodation.declined shelter no_capacity`."""
    fields = ("provider", "receiver", "authority", "partner", "finder", "service", "step", "reason", "field")
    data = event.data.model_dump()
    return " ".join([event.short_name(), *(str(data[name]) for name in fields if data.get(name))])


def _who(number: int, case: str) -> dict[str, object]:
    return {"case": case, "referral": f"ref-{number}", "sender": "police", "placer": f"POL-{number}"}


def _basis(name: str, version: int, purposes: Sequence[str], said: dict[str, object]) -> dict[str, object]:
    told = {"case": CASE, "consent": name, "version": version, "basis": "consent", "named": ("drc",)}
    return {**told, "purposes": tuple(purposes), "groups": ("identity",), **said}
