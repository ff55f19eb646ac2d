"""Referrals that were taken back: their receivers are told so, and sent nothing more of them."""

from alembic import op

revision = "dispatch_0006"
down_revision = "dispatch_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.execute("alter table referrals add column revoked boolean not null default false")
