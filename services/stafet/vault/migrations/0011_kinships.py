"""Signs of cases as blind indexes, what cases are to each other, and which are closed."""

from alembic import op

revision = "vault_0011"
down_revision = "vault_0010"
branch_labels = None
depends_on = None

TABLES: tuple[str, ...] = (
    # `token` is HMAC-SHA-256 of a normalised reading under the index key: equal for equal ones, and no more.
    """
    create table signs (
        case_id text not null references cases,
        sign text not null,
        token bytea not null,
        primary key (sign, token, case_id)
    )
    """,
    "create index signs_by_case on signs (case_id)",
    """
    create table kinships (
        first text not null references cases,
        second text not null references cases,
        state text not null,
        score smallint not null,
        primary key (first, second),
        check (first < second)
    )
    """,
    "create index kinships_by_second on kinships (second)",
    # `state_by` is the receipt of the step that led to the state.
    "alter table cases add column state text not null default 'open'",
    "alter table cases add column state_by text",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in TABLES:
        op.execute(statement)
