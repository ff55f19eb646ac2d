"""The outbox: handlers emit facts, the unit of work writes them in its own commit, the relay publishes them.

Law 2: state and outbox rows commit together; nobody but the relay publishes.
"""

import json
from collections.abc import Sequence
from typing import Protocol

from opentelemetry import trace

from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import Connection
from stafet_runtime.tracing import current_traceparent
from stafet_schemas.codec import Headers, encode
from stafet_schemas.event import Event, EventData

INSERT = """
    with written as (
        insert into outbox (topic, key, headers, value)
        select * from unnest($1::text[], $2::bytea[], $3::bytea[], $4::bytea[])
    )
    select pg_notify('stafet_outbox_' || current_schema(), '')
"""


class Outbox(Protocol):
    """Where a handler puts what it wants the world to know."""

    def emit(self, kind: type[Event], data: EventData) -> str:
        """Emit an event and return its id; it is published if, and only if, the transaction commits."""
        ...


class UnitOutbox:
    """Collects the events of one transaction; `cause` is the event that is being handled."""

    def __init__(self, source: str, clock: Clock, ids: Ids) -> None:
        self.cause: Event | None = None
        self._source = f"/stafet/{source}"
        self._clock = clock
        self._ids = ids
        self._rows: list[tuple[str, bytes, bytes, bytes]] = []

    def emit(self, kind: type[Event], data: EventData) -> str:
        """Build the event with its id, times, cause, key and trace, and keep it for the commit."""
        now = self._clock.now()
        event = kind(
            id=self._ids.new(),
            source=self._source,
            type=kind.type_name(),
            time=now,
            correlationid=str(getattr(data, kind.correlation_field)),
            causationid=self.cause.id if self.cause else None,
            partitionkey=str(getattr(data, kind.key_field)),
            recordedtime=now,
            traceparent=current_traceparent(trace.get_current_span(), self.cause),
            data=data,
        )
        key, headers, value = encode(event)
        self._rows.append((kind.topic, key, pack_headers(headers), value))
        return event.id

    async def write(self, connection: Connection) -> bool:
        """Insert what was emitted; say whether there was anything."""
        if not self._rows:
            return False
        rows, self._rows = self._rows, []
        await connection.execute(INSERT, *(list(column) for column in zip(*rows, strict=True)))
        return True


def pack_headers(headers: Sequence[tuple[str, bytes]]) -> bytes:
    """Store headers as JSON pairs; ours are UTF-8, a foreign byte survives by surrogate escape."""
    return json.dumps([(name, value.decode(errors="surrogateescape")) for name, value in headers]).encode()


def unpack_headers(packed: bytes) -> Headers:
    """Undo `pack_headers`."""
    return [(name, value.encode(errors="surrogateescape")) for name, value in json.loads(packed)]
