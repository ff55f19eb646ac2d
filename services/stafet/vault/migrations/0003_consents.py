"""The vault's tables of consents."""

from alembic import op

revision = "vault_0003"
down_revision = "vault_0002"
branch_labels = None
depends_on = None

TABLES: tuple[str, ...] = ()


def upgrade() -> None:
    """Create the tables."""
    for statement in TABLES:
        op.execute(statement)
