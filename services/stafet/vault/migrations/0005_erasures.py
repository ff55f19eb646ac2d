"""The vault's tables of erasures."""

from alembic import op

revision = "vault_0005"
down_revision = "vault_0004"
branch_labels = None
depends_on = None

TABLES: tuple[str, ...] = (
    # The row of an erased case stays, so that its pseudonym is known and nothing is added to it again.
    "alter table cases add column erased_at timestamptz",
    # `placed_by`, `why` and `lifted_by` name humans and documents of those who decide, not the case's person.
    """
    create table holds (
        hold_id uuid primary key,
        case_id text not null references cases,
        kind text not null check (kind in ('archive', 'duty', 'claim', 'evidence')),
        why text not null,
        placed_by text not null,
        placed_at timestamptz not null,
        until date,
        lifted_by text,
        lifted_at timestamptz check ((lifted_at is null) = (lifted_by is null))
    )
    """,
    "create index holds_by_case on holds (case_id) where lifted_at is null",
    # `held` waits for a hold; `shredded` has its certificate, as written to the file.
    """
    create table erasures (
        erasure_id uuid primary key,
        case_id text not null references cases,
        reason text not null,
        requested_by text not null,
        requested_at timestamptz not null,
        state text not null check (state in ('held', 'shredded')),
        shredded_at timestamptz check ((shredded_at is null) = (state = 'held')),
        certificate text check ((certificate is null) = (state = 'held'))
    )
    """,
    "create unique index erasures_held on erasures (case_id) where state = 'held'",
    "create index erasures_by_case on erasures (case_id, shredded_at)",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in TABLES:
        op.execute(statement)
