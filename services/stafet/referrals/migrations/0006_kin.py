"""Which cases a human said are about one person, and which were erased."""

from alembic import op

from stafet_runtime.casebook import THINGS

revision = "referrals_0006"
down_revision = "referrals_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    for statement in THINGS:
        op.execute(statement)
