"""The tables every service has in its schema: what it saw, must publish, and could not handle."""

from typing import Final

RUNTIME_TABLES: Final = (
    # Law 2: the primary key absorbs every redelivery.
    """
    create table inbox (
        event_id uuid primary key,
        seen_at timestamptz not null default now()
    )
    """,
    """
    create table outbox (
        id bigint generated always as identity primary key,
        topic text not null,
        key bytea not null,
        headers bytea not null,
        value bytea not null,
        written_at timestamptz not null default now()
    )
    """,
    # `holds` = later records of the same key wait behind this one (law 4).
    """
    create table parked (
        id bigint generated always as identity primary key,
        topic text not null,
        partition integer not null,
        "offset" bigint not null,
        key bytea not null,
        headers bytea not null,
        value bytea not null,
        type text not null,
        class text not null,
        reason text not null,
        holds boolean not null,
        tries integer not null default 0,
        parked_at timestamptz not null,
        retry_at timestamptz,
        -- Offsets begin again where a log was lost or moved: other bytes there are another record.
        digest bytea not null generated always as (sha256(headers || value)) stored,
        unique (topic, partition, "offset", digest)
    )
    """,
    "create index parked_by_key on parked (key, id) where holds",
)

OUTBOX_WRITER: Final = (
    # Which process wrote a row: the relay of one reads the table only where another has written to it.
    "alter table outbox add column writer text not null default ''",
    "create index outbox_by_writer on outbox (writer)",
)
