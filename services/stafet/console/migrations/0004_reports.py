"""The receipts of what operators reported, so that a repetition tells nothing more."""

from alembic import op

revision = "console_0004"
down_revision = "console_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.execute("create table reports (receipt uuid primary key, digest bytea not null)")
