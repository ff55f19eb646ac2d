"""Which message came in an envelope whose protocol names it: in none may another one come."""

from alembic import op

revision = "gateway_0007"
down_revision = "gateway_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; both columns are keyed digests, `message` that of `messages.key`."""
    op.execute("create table envelopes (key bytea primary key, message bytea not null)")
