"""The gateway's tables. Nothing of a person is readable in them; what is sealed opens in the vault alone."""

from alembic import op

from stafet_runtime.tables import RUNTIME_TABLES

revision = "gateway_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    # `message` is the id its sender gave it; the row stays, so that a repetition gets the first receipt.
    # `digest` is HMAC-SHA-256 of the content. `sealed` is the raw body until it is translated; of a message
    # that cannot be used it stays.
    """
    create table messages (
        agency text not null,
        message text not null,
        receipt uuid not null,
        digest bytea not null,
        sealed bytea,
        received_at timestamptz not null,
        primary key (agency, message)
    )
    """,
    # So that an answer, which names the referral only, finds the case.
    """
    create table referrals (
        referral text primary key,
        case_id text not null,
        sender text not null,
        receiver text not null
    )
    """,
)


def upgrade() -> None:
    """Create the tables of version 1."""
    for statement in (*RUNTIME_TABLES, *TABLES):
        op.execute(statement)
