"""How far the messages of an agency that is asked for them have been fetched."""

from alembic import op

revision = "gateway_0005"
down_revision = "gateway_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table. `cursor` is the agency's own word for a place in its list: a time, a number, a link."""
    op.execute(
        """
        create table cursors (
            agency text primary key,
            cursor text not null,
            at timestamptz not null
        )
        """
    )
