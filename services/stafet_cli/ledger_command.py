"""`stafet ledger` as it is typed; what its commands do is in `ledger.py`."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import ValidationError
from rich.console import Console

from stafet_runtime.settings import HubSettings

ledger = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The ledger: is it as it was written, and how to prove that to others.",
)

Home = Annotated[Path | None, typer.Option(help="Folder of keys and tree heads.")]
Out = Annotated[Path, typer.Option(help="The file to write.")]

UNUSABLE: Final = 2
"""The exit code without a vault or its settings."""

_output = Console(soft_wrap=True, highlight=False)


@ledger.command()
def verify(home: Home = None) -> None:
    """Audit every row and every tree head; name what was changed, removed, moved or added."""
    from stafet_cli.ledger import verify_command  # noqa: PLC0415 - each command loads what it needs when run

    _run(verify_command(_settings(home), _output))


@ledger.command()
def prove(
    disclosure: Annotated[str, typer.Argument(help="The id of a disclosure.")],
    out: Out = Path("proof.json"),
    home: Home = None,
) -> None:
    """Write a proof for the recipient of a disclosure, to be checked with no database."""
    from stafet_cli.ledger import prove_command  # noqa: PLC0415 - see above

    _run(prove_command(_settings(home), disclosure, out, _output))


@ledger.command()
def extend(
    head: Annotated[Path, typer.Argument(help="An earlier tree head, as a file.")],
    out: Out = Path("proof.json"),
    home: Home = None,
) -> None:
    """Write a proof that nothing was changed or removed since an earlier tree head."""
    from stafet_cli.ledger import extend_command  # noqa: PLC0415 - see above

    _run(extend_command(_settings(home), head, out, _output))


@ledger.command()
def check(
    file: Annotated[Path, typer.Argument(help="The proof file.")],
    key: Annotated[str, typer.Option(help="The hub's ledger_public, or its fingerprint.")] = "",
) -> None:
    """Check a proof offline."""
    from stafet_cli.ledger import check_command  # noqa: PLC0415 - see above

    raise typer.Exit(check_command(file, key, _output))


def _settings(home: Path | None) -> HubSettings:
    try:
        return HubSettings() if home is None else HubSettings(home=home.resolve())
    except ValidationError as error:
        # By name and rule only: the value may be a secret.
        said = "; ".join(f"STAFET_{each['loc'][0]}".upper() + f": {each['msg']}" for each in error.errors())
        _output.print(said, markup=False)
        raise typer.Exit(UNUSABLE) from None


def _run(work: Coroutine[Any, Any, int]) -> None:
    from stafet.vault.policy import PolicyError  # noqa: PLC0415 - see above
    from stafet_runtime.vaultport import VaultUnavailableError  # noqa: PLC0415 - see above

    try:
        code = asyncio.run(work)
    except (PolicyError, VaultUnavailableError) as error:
        _output.print(str(error), markup=False)
        raise typer.Exit(UNUSABLE) from None
    raise typer.Exit(code)
