"""`stafet partner` as it is typed; what its commands do is in `partner.py`."""

from pathlib import Path
from typing import Annotated

import typer

from stafet_cli.typed import exit_with, output, settings_of

partner = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Agencies that have closed their endpoint."
)

Home = Annotated[
    Path | None, typer.Option(help="Folder of keys, partners, logs and the embedded servers' data.")
]


@partner.command("list")
def show(home: Home = None) -> None:
    """List the agencies that take nothing; exit 1 if there are any."""
    from stafet_cli.partner import list_command  # noqa: PLC0415 - each command loads what it needs when it is run

    exit_with(list_command(settings_of(home), output))


@partner.command()
def enable(
    agency: Annotated[str, typer.Argument(help="Its code, for example redcross.")], home: Home = None
) -> None:
    """Send to an agency again, all that waits first."""
    from stafet_cli.partner import enable_command  # noqa: PLC0415 - see above

    exit_with(enable_command(settings_of(home), agency, output))
