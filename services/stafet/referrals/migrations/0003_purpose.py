"""What the content of a referral leaves for, by the rule that allowed it."""

from alembic import op

revision = "referrals_0003"
down_revision = "referrals_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; all referrals before it were for support."""
    op.execute("alter table referrals add column purpose text not null default 'support'")
    op.execute("alter table referrals alter column purpose drop default")
