"""`stafet connector` as it is typed; what its commands do is in the modules beside it."""

from pathlib import Path
from typing import Annotated

import typer

from stafet_cli.typed import output

connector = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Connectors: begin one, list them, check their files, certify them.",
)


@connector.command("list")
def list_() -> None:
    """Print every installed connector: agency, transport, the tier it claims, version."""
    from stafet_cli.connector_list import list_command  # noqa: PLC0415 - each command loads what it needs when it is run

    raise typer.Exit(list_command(output))


@connector.command()
def new(
    agency: Annotated[str, typer.Argument(help="Its code: a-z 0-9 _, for example `tax`.")],
    transport: Annotated[str, typer.Option(help="webhook, http-push, http-poll, sftp or soap.")],
    out_of_tree: Annotated[
        Path | None,
        typer.Option("--out-of-tree", metavar="FOLDER", help="Write a project of its own there."),
    ] = None,
) -> None:
    """Write a new connector that holds up to `check` as it is; nothing is ever written over."""
    from stafet_cli.connector_new import new_command  # noqa: PLC0415 - see above

    raise typer.Exit(new_command(agency, transport, out_of_tree, output))


@connector.command()
def golden(
    agency: Annotated[str, typer.Argument(help="An installed connector's agency.")],
) -> None:
    """Write down the golden pairs that are missing, from its samples: then read what was written."""
    from stafet_cli.connector_golden import golden_command  # noqa: PLC0415 - see above

    raise typer.Exit(golden_command(agency, output))


@connector.command()
def check(
    what: Annotated[
        str | None, typer.Argument(metavar="[AGENCY|FOLDER]", help="By default every installed connector.")
    ] = None,
    *,
    fix: Annotated[bool, typer.Option("--fix", help="Repair what can be.")] = False,
) -> None:
    """Check a connector's files without running it: exit 1 if something is wrong."""
    from stafet_cli.connector_check import check_command  # noqa: PLC0415 - see above

    raise typer.Exit(check_command(what, fix=fix, output=output))


@connector.command()
def certify(
    agency: Annotated[str, typer.Argument(help="An installed connector's agency.")],
    json: Annotated[Path | None, typer.Option("--json", help="Where to write the report.")] = None,
    *,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Without the simulator's process and figures."),
    ] = False,
) -> None:
    """Run every check on a connector and compute the tier it earned: exit 1 if it claims more."""
    from stafet_cli.connector_certify import certify_command  # noqa: PLC0415 - see above

    raise typer.Exit(certify_command(agency, json, quick=quick, output=output))
