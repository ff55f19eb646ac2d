"""The places that agencies reported. Nothing of a person, and no address."""

from alembic import op

revision = "support_0002"
down_revision = "support_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of units."""
    op.execute(
        """
        create table units (
            agency text not null,
            unit text not null,
            status text not null,
            at timestamptz not null,
            free integer,
            total integer,
            accepts text[] not null,
            primary key (agency, unit)
        )
        """
    )
