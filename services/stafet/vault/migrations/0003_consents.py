"""The vault's tables of consents."""

from alembic import op

revision = "vault_0003"
down_revision = "vault_0002"
branch_labels = None
depends_on = None

TABLES: tuple[str, ...] = (
    # Rows are added and never changed: the highest version of a basis is the one that counts. `told` is a
    # digest, keyed by the case, of the message that said so. `law` and `by_whom` name a document and the
    # human who answers for it, not the case's person. `entries` is how many rows the case's ledger had: none
    # of a higher number was decided without this.
    """
    create table consents (
        consent_id uuid not null,
        version integer not null,
        case_id text not null references cases,
        basis text not null check (basis in ('consent', 'duty', 'ground')),
        statement text not null check (statement in ('given', 'narrowed', 'withdrawn', 'expired')),
        recipients text[] not null,
        purposes text[] not null,
        groups text[] not null,
        valid_from timestamptz not null,
        until timestamptz,
        recorded_at timestamptz not null,
        agency text not null,
        language text,
        interpreter boolean not null,
        how text,
        law text check (law is null or basis <> 'consent'),
        by_whom text check ((by_whom is null) = (law is null)),
        told text,
        entries bigint not null,
        primary key (consent_id, version)
    )
    """,
    "create index consents_by_case on consents (case_id)",
    """
    create function refuse_change() returns trigger language plpgsql as
    $$ begin raise exception 'a version of a consent is never changed: add one'; end $$
    """,
    """
    create trigger consents_are_added_only before update or delete on consents
    for each row execute function refuse_change()
    """,
    # What may run out, for whoever looks for it.
    "create index consents_until on consents (until) where until is not null",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in TABLES:
        op.execute(statement)
