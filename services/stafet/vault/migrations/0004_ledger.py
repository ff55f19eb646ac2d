"""The vault's tables of ledger."""

from alembic import op

revision = "vault_0004"
down_revision = "vault_0003"
branch_labels = None
depends_on = None

TABLES: tuple[str, ...] = ()


def upgrade() -> None:
    """Create the tables."""
    for statement in TABLES:
        op.execute(statement)
