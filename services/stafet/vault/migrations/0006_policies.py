"""The vault's table of policies."""

from alembic import op

revision = "vault_0006"
down_revision = "vault_0005"
branch_labels = None
depends_on = None

TABLES: tuple[str, ...] = (
    # Which text a version of the policy had when it was first used: the ledger names versions only.
    """
    create table policies (
        version text primary key,
        digest text not null,
        first_used_at timestamptz not null
    )
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in TABLES:
        op.execute(statement)
