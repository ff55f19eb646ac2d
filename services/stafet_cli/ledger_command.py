"""`stafet ledger` as it is typed; what its commands do is in `ledger.py`."""

from pathlib import Path
from typing import Annotated

import typer

from stafet_cli.typed import exit_with, output, settings_of

ledger = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The ledger: is it as it was written, and how to prove that to others.",
)

Home = Annotated[Path | None, typer.Option(help="Folder of keys and tree heads.")]
Out = Annotated[Path, typer.Option(help="The file to write.")]


@ledger.command()
def verify(home: Home = None) -> None:
    """Audit every row and every tree head; name what was changed, removed, moved or added."""
    from stafet_cli.ledger import verify_command  # noqa: PLC0415 - each command loads what it needs when run

    exit_with(verify_command(settings_of(home), output))


@ledger.command()
def prove(
    disclosure: Annotated[str, typer.Argument(help="The id of a disclosure.")],
    out: Out = Path("proof.json"),
    home: Home = None,
) -> None:
    """Write a proof for the recipient of a disclosure, to be checked with no database."""
    from stafet_cli.ledger import prove_command  # noqa: PLC0415 - see above

    exit_with(prove_command(settings_of(home), disclosure, out, output))


@ledger.command()
def extend(
    head: Annotated[Path, typer.Argument(help="An earlier tree head, as a file.")],
    out: Out = Path("proof.json"),
    home: Home = None,
) -> None:
    """Write a proof that nothing was changed or removed since an earlier tree head."""
    from stafet_cli.ledger import extend_command  # noqa: PLC0415 - see above

    exit_with(extend_command(settings_of(home), head, out, output))


@ledger.command()
def check(
    file: Annotated[Path, typer.Argument(help="The proof file.")],
    key: Annotated[str, typer.Option(help="The hub's ledger_public, or its fingerprint.")] = "",
) -> None:
    """Check a proof offline."""
    from stafet_cli.ledger import check_command  # noqa: PLC0415 - see above

    raise typer.Exit(check_command(file, key, output))
