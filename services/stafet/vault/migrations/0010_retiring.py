"""Which versions of the key-encryption key old dumps need, and which are gone for good."""

from alembic import op

revision = "vault_0010"
down_revision = "vault_0009"
branch_labels = None
depends_on = None

TABLES: tuple[str, ...] = (
    # The versions that a data key was wrapped under before: a dump from then still has it so.
    "alter table case_keys add column earlier text[] not null default '{}'",
    # Nothing may be wrapped under these any more, whoever has not noticed yet.
    "create table retired_keks (kek text primary key, retired_at timestamptz not null)",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in TABLES:
        op.execute(statement)
