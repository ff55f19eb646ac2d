"""The vault's tables of keys."""

from alembic import op

from stafet_runtime.tables import OUTBOX_WRITER

revision = "vault_0002"
down_revision = "vault_0001"
branch_labels = None
depends_on = None

# Keys of an earlier version are wrapped in a way that nothing reads now: dropping them forgets the cases.
REFUSE = """
do $$ begin
    if exists (select from cases) then
        raise exception 'this version cannot take over the keys of cases that an earlier one has stored'
            using hint = 'go on with the earlier version, or begin with an empty database and home';
    end if;
end $$
"""
TABLES: tuple[str, ...] = (
    # The only copy of a case's data keys, one for each zone, wrapped by the key-encryption key named `kek`:
    # without its row nothing of the zone opens.
    """
    create table case_keys (
        case_id text not null references cases,
        zone text not null check (zone in ('gdpr', 'led')),
        kek text not null,
        wrapped bytea not null,
        primary key (case_id, zone)
    )
    """,
    "create index case_keys_by_kek on case_keys (kek, case_id)",
    "alter table cases drop column wrapped_key",
)


def upgrade() -> None:
    """Create the tables, unless there are cases."""
    for statement in (REFUSE, *OUTBOX_WRITER, *TABLES):
        op.execute(statement)
