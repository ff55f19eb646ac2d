"""The id that an agency gave its message, as ciphertext."""

from alembic import op

revision = "vault_0009"
down_revision = "vault_0008"
branch_labels = None
depends_on = None

# Records of an earlier version name agencies' own ids in clear, as the events of their cases do.
REFUSE = """
do $$ begin
    if exists (select from records) then
        raise exception 'this version cannot take over the records that an earlier one has stored'
            using hint = 'go on with the earlier version, or begin with empty topics, database and home';
    end if;
end $$
"""
TABLES: tuple[str, ...] = (
    # `message` of a record is the hub's receipt; `placer`, encrypted under the case's key, its sender's id.
    "alter table records add column placer bytea",
)


def upgrade() -> None:
    """Add the column, unless there are records."""
    for statement in (REFUSE, *TABLES):
        op.execute(statement)
