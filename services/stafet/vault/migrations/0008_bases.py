"""The vault's column of what a disclosure was opened by."""

from alembic import op

revision = "vault_0008"
down_revision = "vault_0007"
branch_labels = None
depends_on = None

# A row's digest covers every column: one that was written without this column would not verify with it.
REFUSE = """
do $$ begin
    if exists (select from disclosures) then
        raise exception 'this version cannot take over the ledger that an earlier one has written'
            using hint = 'go on with the earlier version, or begin with an empty database and home';
    end if;
end $$
"""
TABLES: tuple[str, ...] = (
    # The consents, duties and grounds in force that opened something: basis, consent id and version.
    "alter table disclosures add column bases text[] not null",
)


def upgrade() -> None:
    """Add the column, unless there are rows."""
    for statement in (REFUSE, *TABLES):
        op.execute(statement)
