"""Clocks whose warnings and breach agencies are told of, too."""

from alembic import op

revision = "deadlines_0003"
down_revision = "deadlines_0002"
branch_labels = None
depends_on = None

TABLES = (
    "alter table deadlines add column tells boolean not null default false",
    # Clocks that run already are told of as those that start from now on, by the version `clocks-2`.
    """
    update deadlines set tells = true
    where not ended and clock in (
        'referral_start', 'referral_end', 'referral_hold', 'child_acute_assessment', 'child_acknowledgement',
        'representative', 'missing_child', 'missing_person', 'custody_interview', 'final_assessment',
        'period_end', 'period_extension', 'period_cap', 'reintegration', 'consent_expiry'
    )
    """,
)


def upgrade() -> None:
    """Add the column, and fill it for what runs."""
    for statement in TABLES:
        op.execute(statement)
