"""A message is named by its receipt; what leads from an agency's own id to a case can be forgotten."""

from alembic import op

revision = "gateway_0004"
down_revision = "gateway_0003"
branch_labels = None
depends_on = None

# Events of an earlier version name agencies' own ids, and stay on their topics as they are.
REFUSE = """
do $$ begin
    if exists (select from messages) then
        raise exception 'this version cannot take over the messages that an earlier one has accepted'
            using hint = 'go on with the earlier version, or begin with empty topics, database and home';
    end if;
end $$
"""
TABLES = (
    # `key` is HMAC-SHA-256 of agency and message id. Of a message whose case was erased only agency, key and
    # digest stay: enough to know a repetition. `message` is the id its sender gave it: here and nowhere else.
    "alter table messages drop constraint messages_pkey",
    "alter table messages add column key bytea primary key, add column case_id text",
    """
    alter table messages alter column message drop not null, alter column receipt drop not null,
        alter column received_at drop not null
    """,
    """
    alter table messages add constraint messages_forgotten check (
        (receipt is null) = (message is null) and (receipt is null) = (received_at is null)
        and (receipt is not null or (sealed is null and case_id is null))
    )
    """,
    "create unique index messages_by_receipt on messages (receipt)",
    "create index messages_by_case on messages (case_id) where case_id is not null",
    # The receiver's own id of a referral.
    "alter table referrals add column filler text",
    "create index referrals_by_case on referrals (case_id)",
    # A message about a case may be translated while the case is erased: it is forgotten then, too.
    "create table erased (case_id text primary key)",
)


def upgrade() -> None:
    """Change the tables, unless there are messages."""
    for statement in (REFUSE, *TABLES):
        op.execute(statement)
