"""Recipients that could not be reached when something was last sent there."""

from alembic import op

revision = "dispatch_0008"
down_revision = "dispatch_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.execute("create table away (recipient text primary key)")
