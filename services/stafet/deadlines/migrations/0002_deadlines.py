"""The clocks that run and ran, and what is noted of their matters. No value of a person."""

from alembic import op

from stafet_runtime.casebook import THINGS

revision = "deadlines_0002"
down_revision = "deadlines_0001"
branch_labels = None
depends_on = None

TABLES = (
    # `told` are the stages that were told: never again, whatever the clock says. `next_at`: the next one.
    """
    create table deadlines (
        deadline text primary key,
        clock text not null,
        rule text not null,
        matter text not null,
        subject text not null,
        owner text not null,
        notify text[] not null,
        cause text not null,
        starts timestamptz not null,
        due timestamptz not null,
        stages jsonb not null,
        final boolean not null,
        told text[] not null,
        ended boolean not null,
        next_at timestamptz
    )
    """,
    "create index deadlines_open on deadlines (matter) where not ended",
    "create index deadlines_next on deadlines (next_at) where next_at is not null",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in (*THINGS, *TABLES):
        op.execute(statement)
