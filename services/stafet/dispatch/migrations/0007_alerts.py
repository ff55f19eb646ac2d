"""Alerts: what an item tells of may have an end."""

from alembic import op

revision = "dispatch_0007"
down_revision = "dispatch_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; it says nothing of when the item itself is tried."""
    op.execute("alter table items add column due timestamptz")
