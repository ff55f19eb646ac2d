"""`stafet policy` as it is typed; what its commands do is in `policy.py`."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from stafet_cli.typed import output

policy = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="The disclosure policy: who may see what, by which law."
)

On = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day; by default today.")]


@policy.command()
def show(
    receiver: Annotated[str, typer.Option(help="A row of the matrix, or an organisation.")] = "",
    on: On = None,
) -> None:
    """Print the matrix in use, or one receiver's row with fields, citations and dates."""
    from stafet_cli.policy import show_command  # noqa: PLC0415 - each command loads what it needs when it is run

    raise typer.Exit(show_command(receiver, _day(on), output))


@policy.command()
def diff(
    old: Annotated[Path, typer.Argument(help="The policy file as it is.")],
    new: Annotated[Path, typer.Argument(help="The policy file as it would be.")],
    on: On = None,
) -> None:
    """Say for each receiver what would be seen more or less, from a day on."""
    from stafet_cli.policy import diff_command  # noqa: PLC0415 - see above

    raise typer.Exit(diff_command(old, new, _day(on), output))


@policy.command()
def check(
    file: Annotated[Path, typer.Argument(help="The policy file.")],
    on: On = None,
) -> None:
    """Check a policy file before the vault is given it."""
    from stafet_cli.policy import check_command  # noqa: PLC0415 - see above

    raise typer.Exit(check_command(file, _day(on), output))


def _day(said: datetime | None) -> date:
    return said.date() if said else datetime.now(UTC).date()
