"""A contact's life as reports, and what the service made of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from stafet_runtime.consumer import Processor
from stafet_runtime.database import Database
from stafet_runtime.outbox import unpack_headers
from stafet_runtime.parked import RawRecord
from stafet_schemas.codec import decode, encode
from stafet_schemas.contact import ContactReported, ContactReportedData
from stafet_schemas.event import Event
from tests.fakes.ids import FakeIds

MONDAY_NOON: Final = datetime(2026, 3, 2, 11, tzinfo=UTC)
NIGHT: Final = datetime(2026, 3, 2, 22, tzinfo=UTC)

_ids = FakeIds(space=3)


def said(contact: str, step: str, *, at: datetime = MONDAY_NOON, **facts: Any) -> ContactReportedData:  # noqa: ANN401 - fields of the event
    """Say something about a contact, under a message id of its own."""
    told: dict[str, Any] = {"agency": "hotline", "message": _ids.new(), **facts}
    return ContactReportedData(contact=contact, step=step, at=at, **told)


@dataclass(frozen=True)
class Desk:
    """The service as the runtime runs it."""

    processor: Processor
    database: Database

    async def hear(self, *reports: ContactReportedData) -> list[Event]:
        """Let the service handle reports; return all that it has told so far, in order."""
        records: list[RawRecord] = []
        for offset, data in enumerate(reports):
            event = ContactReported(
                id=_ids.new(),
                source="/stafet/console",
                time=data.at,
                recordedtime=data.at,
                correlationid=data.contact,
                partitionkey=data.contact,
                data=data,
                type="dk.cmm.stafet.contact.reported.v1",
            )
            key, headers, value = encode(event)
            records.append(RawRecord(event.topic, 0, offset, key, headers, value))
        await self.processor.process(records)
        rows = await self.database.pool.fetch("select headers, value from outbox order by id")
        return [decode(unpack_headers(row["headers"]), row["value"]) for row in rows]
