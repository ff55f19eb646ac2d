"""Dispatch's tables: lanes, items, attempts, and where a referral's values are. No value of a person."""

from alembic import op

from stafet_runtime.tables import RUNTIME_TABLES

revision = "dispatch_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """
    create table referrals (
        referral text primary key,
        record text not null,
        receiver text not null,
        accepted boolean not null default false
    )
    """,
    # `depth` counts the items that are not delivered. `due_at` is when the head may be tried: null while it
    # is being tried, at a dead end, and when the lane is empty. Whoever adds or settles locks this row.
    """
    create table lanes (
        lane text not null,
        recipient text not null,
        depth integer not null check (depth >= 0),
        due_at timestamptz,
        primary key (lane, recipient)
    )
    """,
    "create index lanes_due on lanes (recipient, due_at, lane) where due_at is not null",
    # `position` is the order in the lane, `delivery` the id of the event that asked for it, `failures` the
    # steps of the schedule that are used up. `failure` and `cause` are those of the last attempt that failed.
    """
    create table items (
        position bigint generated always as identity primary key,
        delivery uuid not null unique,
        lane text not null,
        recipient text not null,
        case_id text,
        referral text,
        sender text not null,
        placer text not null,
        part text not null,
        purpose text not null,
        rung text,
        reason text,
        problems jsonb not null,
        status text not null default 'waiting'
            check (status in ('waiting', 'sending', 'delivered', 'failed')),
        attempts integer not null default 0,
        failures integer not null default 0,
        failure text,
        cause text,
        caused_by uuid not null,
        traceparent text,
        queued_at timestamptz not null
    )
    """,
    "create index items_open on items (lane, recipient, position) where status <> 'delivered'",
    # Written before anything leaves and again after; `unknown`: the worker was stopped in between.
    """
    create table attempts (
        delivery uuid not null references items (delivery),
        attempt integer not null,
        began_at timestamptz not null,
        ended_at timestamptz,
        outcome text check (outcome in ('delivered', 'deferred', 'failed', 'unknown')),
        failure text,
        cause text,
        wait_s double precision,
        primary key (delivery, attempt),
        check ((ended_at is null) = (outcome is null))
    )
    """,
    "create index attempts_running on attempts (delivery) where ended_at is null",
)


def upgrade() -> None:
    """Create the tables of version 1."""
    for statement in (*RUNTIME_TABLES, *TABLES):
        op.execute(statement)
