"""The whole course of a referral: what was asked, how both sides are reached, what was heeded."""

from alembic import op

revision = "referrals_0005"
down_revision = "referrals_0004"
branch_labels = None
depends_on = None

TABLES = (
    # `course` and `facts` are codes, dates and ids as JSON; what was asked before this is not known.
    "alter table referrals add column service text not null default 'unknown'",
    "alter table referrals add column course jsonb not null default '{}'",
    "alter table referrals add column facts jsonb not null default '{}'",
    "alter table referrals alter column service drop default",
    "alter table referrals alter column course drop default",
    "alter table referrals alter column facts drop default",
    "create index referrals_by_case on referrals (case_id)",
    # Whatever two transactions may have read: one receiver is asked once for a service of a case at a time.
    """
    create unique index referrals_open on referrals (case_id, receiver, service)
    where service <> 'unknown' and rungs[cardinality(rungs)] in (
        'routed', 'logged', 'delivered', 'info_requested', 'escalated', 'accepted', 'in_progress', 'on_hold'
    )
    """,
)


def upgrade() -> None:
    """Add the columns and the indexes."""
    for statement in TABLES:
        op.execute(statement)
