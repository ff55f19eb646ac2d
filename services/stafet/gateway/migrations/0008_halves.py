"""Halves of documents that wait for the other: the message that announces it, or its file."""

from alembic import op

revision = "gateway_0008"
down_revision = "gateway_0007"
branch_labels = None
depends_on = None

TABLES = (
    # `link` is the agency's own id of the announcing message, which its file names, too. The half itself
    # stays sealed in `messages`; the row goes when the other half comes, or does not in time.
    """
    create table halves (
        receipt uuid primary key,
        agency text not null,
        link text not null,
        half text not null check (half in ('announcement', 'file')),
        since timestamptz not null
    )
    """,
    "create index halves_by_link on halves (agency, link)",
    "create index halves_by_age on halves (since)",
)


def upgrade() -> None:
    """Create the table."""
    for statement in TABLES:
        op.execute(statement)
