"""The vault's tables of what proves the ledger."""

from alembic import op

revision = "vault_0004"
down_revision = "vault_0003"
branch_labels = None
depends_on = None

TABLES: tuple[str, ...] = (
    # `digest` is keyed by the case or the hub, `stamp` by the hub; both cover the whole row.
    """
    alter table disclosures
        add column keyed text not null check (keyed in ('case', 'hub')),
        add column digest bytea not null,
        add column stamp bytea not null
    """,
    # The rows in the one order of the tree, without a gap; positions count from 0. It outlives its row, so
    # that a missing one has a name.
    """
    create table leaves (
        position bigint primary key,
        lane text not null,
        number bigint not null,
        disclosure_id uuid not null,
        hash bytea not null,
        unique (lane, number)
    )
    """,
    # How many rows of each lane have a leaf: what is new is found without looking at what is old.
    """
    create table planted (
        lane text primary key,
        entries bigint not null
    )
    """,
    # `frontier` is what the tree needs to grow on from this size.
    """
    create table tree_heads (
        size bigint primary key,
        root bytea not null,
        frontier bytea[] not null,
        at timestamptz not null,
        signature bytea not null
    )
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in TABLES:
        op.execute(statement)
