"""Items that will never be delivered, and whose lane goes on without them."""

from alembic import op

revision = "dispatch_0003"
down_revision = "dispatch_0002"
branch_labels = None
depends_on = None

TABLES = (
    "alter table items drop constraint items_status_check",
    # `ended`: the vault lets nothing out for it any more, and no human can change that.
    """
    alter table items add constraint items_status_check
    check (status in ('waiting', 'sending', 'delivered', 'failed', 'ended'))
    """,
    "drop index items_open",
    """
    create index items_open on items (lane, recipient, position)
    where status <> 'delivered' and status <> 'ended'
    """,
)


def upgrade() -> None:
    """Allow for the status."""
    for statement in TABLES:
        op.execute(statement)
