"""Which receipt an agency's own id of a decision belongs to, so that its reversal finds it."""

from alembic import op

revision = "gateway_0006"
down_revision = "gateway_0005"
branch_labels = None
depends_on = None

TABLES = (
    # `decision` is the agency's own id: here and nowhere else, and gone when the case is erased.
    """
    create table decisions (
        agency text not null,
        decision text not null,
        receipt uuid not null,
        case_id text not null,
        primary key (agency, decision)
    )
    """,
    "create index decisions_by_case on decisions (case_id)",
)


def upgrade() -> None:
    """Create the table."""
    for statement in TABLES:
        op.execute(statement)
