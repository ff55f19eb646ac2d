"""The vault's tables. No column holds a value of a person, or an agency's reference, in clear."""

from alembic import op

from stafet_runtime.tables import RUNTIME_TABLES

revision = "vault_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    # The only copy of a case's data key, wrapped: without this row nothing of the case opens.
    """
    create table cases (
        case_id text primary key,
        wrapped_key bytea not null,
        opened_at timestamptz not null
    )
    """,
    # `fingerprint` is HMAC-SHA-256 of agency and reference under the index key; `reference` is ciphertext.
    """
    create table aliases (
        agency text not null,
        fingerprint bytea not null,
        case_id text not null references cases,
        reference bytea not null,
        primary key (agency, fingerprint)
    )
    """,
    "create index aliases_by_case on aliases (case_id, agency)",
    """
    create table records (
        record_id uuid not null,
        version integer not null,
        case_id text not null references cases,
        agency text not null,
        message text not null,
        groups text[] not null,
        digest text not null,
        registered_at timestamptz not null,
        primary key (record_id, version),
        unique (agency, message)
    )
    """,
    "create index records_by_case on records (case_id)",
    """
    create table record_values (
        record_id uuid not null,
        version integer not null,
        group_name text not null,
        ciphertext bytea not null,
        primary key (record_id, version, group_name),
        foreign key (record_id, version) references records
    )
    """,
    """
    create table messages (
        record_id uuid not null,
        version integer not null,
        ciphertext bytea not null,
        primary key (record_id, version),
        foreign key (record_id, version) references records
    )
    """,
    # The end of each ledger chain; its row lock puts the releases of a case in order. It outlives the key.
    """
    create table chains (
        lane text primary key,
        entries bigint not null,
        head bytea not null
    )
    """,
    "insert into chains values ('no-case', 0, decode(repeat('00', 32), 'hex'))",
    """
    create table disclosures (
        disclosure_id uuid primary key,
        lane text not null references chains,
        number bigint not null,
        case_id text,
        referral text,
        record_id text,
        version integer,
        sender text not null,
        recipient text not null,
        purpose text not null,
        part text not null,
        policy text not null,
        outcome text not null check (outcome in ('made', 'blocked')),
        reason text check ((reason is null) = (outcome = 'made')),
        groups text[] not null,
        fields text[] not null,
        delivery text not null,
        attempt integer not null,
        at timestamptz not null,
        prev_hash bytea not null,
        hash bytea not null,
        unique (lane, number)
    )
    """,
    "create index disclosures_by_delivery on disclosures (delivery)",
)


def upgrade() -> None:
    """Create the tables of version 1."""
    for statement in (*RUNTIME_TABLES, *TABLES):
        op.execute(statement)
