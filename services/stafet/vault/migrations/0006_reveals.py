"""The vault's tables of reveals."""

from alembic import op

revision = "vault_0006"
down_revision = "vault_0005"
branch_labels = None
depends_on = None

TABLES: tuple[str, ...] = ()


def upgrade() -> None:
    """Create the tables."""
    for statement in TABLES:
        op.execute(statement)
