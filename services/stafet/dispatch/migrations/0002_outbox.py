"""Which process wrote a row of the outbox."""

from alembic import op

from stafet_runtime.tables import OUTBOX_WRITER

revision = "dispatch_0002"
down_revision = "dispatch_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and its index."""
    for statement in OUTBOX_WRITER:
        op.execute(statement)
