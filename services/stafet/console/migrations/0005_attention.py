"""What needs somebody now, over all cases."""

from alembic import op

revision = "console_0005"
down_revision = "console_0004"
branch_labels = None
depends_on = None

STATEMENTS = (
    # `level`: 1 waiting, 2 stopped. The rows of a case are written anew with it: no key of their own.
    """
    create table attention (
        matter text not null,
        level smallint not null,
        kind text not null,
        text text not null,
        since timestamptz not null,
        remedy text not null
    )
    """,
    "create index attention_of_matter on attention (matter)",
    "create index attention_oldest on attention (level desc, since, matter, text)",
)


def upgrade() -> None:
    """Create the table; a case that moved before is in it as soon as it moves again."""
    for statement in STATEMENTS:
        op.execute(statement)
