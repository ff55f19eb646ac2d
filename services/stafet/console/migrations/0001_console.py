"""The console's tables: every event once, and where each case stands."""

from alembic import op

from stafet_runtime.tables import RUNTIME_TABLES

revision = "console_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    # No foreign keys: an effect may be recorded before its cause. `matter` is the case, or the message id as
    # long as no case is known; `anchored` events name it themselves, the others follow what they caused.
    """
    create table events (
        id uuid primary key,
        type text not null,
        topic text not null,
        time timestamptz not null,
        recorded timestamptz not null,
        source text not null,
        correlation text not null,
        causation uuid,
        matter text not null,
        anchored boolean not null,
        message text,
        referral text,
        agency text,
        rung text,
        reason text,
        part text,
        data jsonb not null
    )
    """,
    "create index events_by_matter on events (matter, time, id)",
    "create index events_by_cause on events (causation) where causation is not null",
    "create index events_by_referral on events (referral) where referral is not null",
    "create index events_by_message on events (message, agency) where message is not null",
    # `trouble`: 0 none, 1 waiting, 2 stopped. `progress` is the fold of the matter's events.
    """
    create table cases (
        matter text primary key,
        opened timestamptz not null,
        last timestamptz not null,
        events integer not null,
        referrals integer not null,
        state text not null,
        trouble smallint not null,
        progress jsonb not null
    )
    """,
    "create index cases_newest on cases (opened desc, matter desc)",
    "create index cases_in_trouble on cases (opened desc, matter desc, trouble) where trouble > 0",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in (*RUNTIME_TABLES, *TABLES):
        op.execute(statement)
