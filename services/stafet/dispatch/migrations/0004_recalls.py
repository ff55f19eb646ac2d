"""Recalls go first in their lane; what was blocked for want of a consent is queued again when one comes."""

from alembic import op

revision = "dispatch_0004"
down_revision = "dispatch_0003"
branch_labels = None
depends_on = None

TABLES = (
    # `recall`: it tells who holds values that they may not be used, or kept. `due_at`: its own next try.
    "alter table items add recall boolean not null default false",
    "alter table items add due_at timestamptz",
    "update items set recall = true where part in ('withdrawal', 'erasure')",
    """
    update items i set due_at = l.due_at from lanes l
    where l.lane = i.lane and l.recipient = i.recipient and i.status = 'waiting' and i.attempts > 0
    """,
    "create index items_content on items (lane, recipient, referral, position) where part = 'content'",
    # `sending`: its head is under way. `roused`: something has come meanwhile that goes first.
    # `consent`: the event of a consent that was given meanwhile.
    "alter table lanes add sending boolean not null default false",
    "alter table lanes add roused boolean not null default false",
    "alter table lanes add consent uuid",
    """
    update lanes l set sending = true from items i
    where l.lane = i.lane and l.recipient = i.recipient and i.status = 'sending'
    """,
)


def upgrade() -> None:
    """Add the columns, and fill them from what is there."""
    for statement in TABLES:
        op.execute(statement)
