"""By which keys messages lie sealed."""

from alembic import op

revision = "gateway_0003"
down_revision = "gateway_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the messages that still lie sealed: the others are many."""
    op.execute(
        "create index messages_sealed on messages (substring(sealed from 2 for 8)) where sealed is not null"
    )
