"""The tables of contacts. No value of a person."""

from alembic import op

from stafet_runtime.casebook import THINGS
from stafet_runtime.tables import OUTBOX_WRITER, RUNTIME_TABLES

revision = "contacts_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of version 1."""
    for statement in (*RUNTIME_TABLES, *OUTBOX_WRITER, *THINGS):
        op.execute(statement)
