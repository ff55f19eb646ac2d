"""The referrals' table: how far each one is. No value of a person."""

from alembic import op

from stafet_runtime.tables import RUNTIME_TABLES

revision = "referrals_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    # `rungs` it reached, the newest last; the first is routed or refused. `closed`: the sender knows the end.
    """
    create table referrals (
        referral text primary key,
        case_id text not null,
        sender text not null,
        placer text not null,
        receiver text not null,
        rule text not null,
        rungs text[] not null check (cardinality(rungs) > 0),
        closed boolean not null
    )
    """,
)


def upgrade() -> None:
    """Create the tables of version 1."""
    for statement in (*RUNTIME_TABLES, *TABLES):
        op.execute(statement)
