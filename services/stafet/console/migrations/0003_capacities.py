"""What agencies said last of their places; messages that need no case leave the list of cases."""

from alembic import op

revision = "console_0003"
down_revision = "console_0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    # `event` tells two words of the same time apart, so that the order they come in does not matter.
    """
    create table capacities (
        agency text not null,
        unit text not null,
        at timestamptz not null,
        event uuid not null,
        status text not null,
        free integer,
        total integer,
        accepts jsonb not null,
        primary key (agency, unit)
    )
    """,
    "drop index cases_newest",
    "create index cases_newest on cases (opened desc, matter desc) where state <> 'noted'",
)


def upgrade() -> None:
    """Create the table and the narrower index."""
    for statement in STATEMENTS:
        op.execute(statement)
