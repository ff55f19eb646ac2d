"""What its recipient fetches, whose requests count once; recipients that take nothing any more."""

from alembic import op

revision = "dispatch_0005"
down_revision = "dispatch_0004"
branch_labels = None
depends_on = None

TABLES = (
    # `forgotten`: its case has been erased, so its recipient is not told any more that it waits.
    "alter table items add forgotten boolean not null default false",
    # Signed requests that were taken, until their signatures expire.
    """
    create table nonces (
        agency text not null,
        nonce text not null,
        expires_at timestamptz not null,
        primary key (agency, nonce)
    )
    """,
    "create index nonces_expired on nonces (expires_at)",
    # Recipients that have closed their endpoint: nothing is sent there until a human opens it again.
    "create table closed (recipient text primary key, since timestamptz not null)",
)


def upgrade() -> None:
    """Add the column and the tables."""
    for statement in TABLES:
        op.execute(statement)
