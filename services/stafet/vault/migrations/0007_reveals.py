"""The vault's tables of who was shown what at the hub, and of recipients' pseudonyms."""

from alembic import op

revision = "vault_0007"
down_revision = "vault_0006"
branch_labels = None
depends_on = None

TABLES: tuple[str, ...] = (
    # `by_whom`, `second` and `reviewed_by` name humans at the hub. `why` is ciphertext of the case's: a
    # reason in free words may name anybody. `blocked` is why nothing was shown; without a case there is none.
    """
    create table reveals (
        reveal_id uuid primary key,
        case_id text references cases,
        part text not null check (part in ('reveal', 'person', 'report')),
        role text not null,
        purpose text not null,
        groups text[] not null,
        why bytea,
        by_whom text not null,
        second text,
        break_glass boolean not null,
        at timestamptz not null,
        until timestamptz,
        blocked text,
        verdict text check (verdict in ('justified', 'unjustified')),
        reviewed_by text check (reviewed_by <> by_whom),
        reviewed_at timestamptz,
        check ((verdict is null) = (reviewed_by is null) and (verdict is null) = (reviewed_at is null))
    )
    """,
    "create index reveals_by_whom on reveals (by_whom, at)",
    "create index reveals_by_case on reveals (case_id)",
    "create index reveals_by_time on reveals (at)",
    # The way back from a recipient's pseudonym of a person. `fingerprint` is HMAC-SHA-256 of recipient and
    # pseudonym under the index key: a dump alone leads nowhere.
    """
    create table persons (
        recipient text not null,
        fingerprint bytea not null,
        case_id text not null references cases,
        primary key (recipient, fingerprint)
    )
    """,
    "create index persons_by_case on persons (case_id, recipient)",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in TABLES:
        op.execute(statement)
