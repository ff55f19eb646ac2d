"""What the hub routes by: reports of places, what was sent where for whom, dangers, joint actions."""

from alembic import op

revision = "referrals_0004"
down_revision = "referrals_0003"
branch_labels = None
depends_on = None

TABLES = (
    # The newest report of each unit; `accepts` for whom its places are, empty: for all.
    """
    create table capacity (
        agency text not null,
        unit text not null,
        status text not null,
        free integer,
        accepts text[] not null,
        at timestamptz not null,
        primary key (agency, unit)
    )
    """,
    # What was asked for, in codes, and what the referral is to the unit that it was sent to, since `at`.
    """
    create table routings (
        referral text primary key,
        case_id text not null,
        sender text not null,
        service text not null,
        asked_at timestamptz not null,
        age_group text not null,
        sex text not null,
        language text not null,
        interpreter boolean not null,
        residence text not null,
        agency text not null,
        unit text,
        standing text not null check (standing in ('open', 'taken', 'released')),
        at timestamptz not null,
        operation text
    )
    """,
    "create index routings_by_case on routings (case_id)",
    "create index routings_open on routings (agency, unit) where standing = 'open'",
    "create index routings_taken on routings (agency, unit, at) where standing = 'taken'",
    "create index routings_by_operation on routings (operation) where operation is not null",
    # The person of the case must not be sent to the agency.
    """
    create table dangers (
        case_id text not null,
        agency text not null,
        primary key (case_id, agency)
    )
    """,
    """
    create table operations (
        operation text primary key,
        agency text not null,
        expected integer not null,
        agencies text[] not null,
        at timestamptz not null
    )
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in TABLES:
        op.execute(statement)
