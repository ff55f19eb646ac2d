"""The vault's tables of keys."""

from alembic import op

from stafet_runtime.tables import OUTBOX_WRITER

revision = "vault_0002"
down_revision = "vault_0001"
branch_labels = None
depends_on = None

TABLES: tuple[str, ...] = ()


def upgrade() -> None:
    """Create the tables."""
    for statement in (*OUTBOX_WRITER, *TABLES):
        op.execute(statement)
