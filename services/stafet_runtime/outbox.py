"""The outbox: handlers emit facts, the unit of work writes them in its own commit, the relay publishes them.

Law 2: state and outbox rows commit together; nobody but the relay publishes.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from pydantic_core import from_json, to_json

from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import Connection
from stafet_runtime.handoff import Committing, Handoff, Row
from stafet_runtime.tracing import current_traceparent
from stafet_schemas.codec import MAX_DATA_BYTES, Headers, attribute_headers, data_class
from stafet_schemas.event import Event, EventData

if TYPE_CHECKING:
    from stafet_runtime.cause import Cause

# Equal notices of one transaction are one notice; where our own relay leads there is nobody to notify. A row
# that another process has committed before must leave before ours: `others` says that there is one.
INSERT = """
    with written as (
        insert into outbox (topic, key, headers, value, writer)
        select each.*, $5 from unnest($1::text[], $2::bytea[], $3::bytea[], $4::bytea[]) each
        returning id
    )
    select id,
        case when $6 then exists (select from outbox where writer < $5 or writer > $5) end as others,
        case when not $6 then pg_notify('stafet_outbox_' || current_schema(), '') end
    from written
"""


class Outbox(Protocol):
    """Where a handler puts what it wants the world to know."""

    def emit(self, kind: type[Event], data: EventData, event_id: str | None = None) -> str:
        """Emit an event and return its id; it is published if, and only if, the transaction commits.

        A fact that would come again if the log were read again brings its own `event_id` (a UUID): readers
        take it once.
        """
        ...


class UnitOutbox:
    """Collects the events of one transaction; `cause` is the event that is being handled."""

    def __init__(self, source: str, clock: Clock, ids: Ids) -> None:
        self.cause: Cause | Event | None = None
        self._source = f"/stafet/{source}"
        self._clock = clock
        self._ids = ids
        self._rows: list[tuple[str, bytes, Headers, bytes]] = []

    def emit(self, kind: type[Event], data: EventData, event_id: str | None = None) -> str:
        """Give the fact its id, times, cause, key and trace, and keep it for the commit.

        Raises:
            TypeError: data of another kind of event.
            ValueError: more data than a reader takes; published, it would stand in front of all others.
        """
        if not isinstance(data, data_class(kind)):
            raise TypeError(f"{kind.__name__} does not carry {type(data).__name__}")
        value = data.model_dump_json().encode()
        if len(value) > MAX_DATA_BYTES:
            raise ValueError(f"{kind.__name__} with more than 64 KiB")
        event_id, now = event_id or self._ids.new(), self._clock.now().isoformat()
        key = str(getattr(data, kind.key_field))
        headers = attribute_headers(
            {
                "specversion": "1.0",
                "id": event_id,
                "source": self._source,
                "type": kind.type_name(),
                "time": now,
                "correlationid": str(getattr(data, kind.correlation_field)),
                "causationid": self.cause.id if self.cause else None,
                "partitionkey": key,
                "recordedtime": now,
                "traceparent": current_traceparent(self.cause),
            }
        )
        self._rows.append((kind.topic, key.encode(), headers, value))
        return event_id

    async def write(self, connection: Connection, handoff: Handoff, committing: Committing) -> None:
        """Insert what was emitted, and announce it to this process's relay or notify another's."""
        if not self._rows:
            return
        rows, self._rows = self._rows, []
        topics, keys, headers, values = (list(column) for column in zip(*rows, strict=True))
        packed = [pack_headers(each) for each in headers]
        written = await connection.fetch(INSERT, topics, keys, packed, values, handoff.writer, handoff.leads)
        committing.written = True
        if handoff.leads and not written[0]["others"]:
            handoff.announce(
                committing, [Row(at["id"], *each) for at, each in zip(written, rows, strict=True)]
            )


def pack_headers(headers: Sequence[tuple[str, bytes]]) -> bytes:
    """Store headers as JSON pairs, each byte of a value as the character of its number, so that any fits."""
    return to_json([(name, value.decode("latin-1")) for name, value in headers])


def unpack_headers(packed: bytes) -> Headers:
    """Undo `pack_headers`."""
    return [(name, value.encode("latin-1")) for name, value in from_json(packed, cache_strings="all")]
