"""What an operator reports, as it is typed; what the commands do is in `report.py`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from stafet_cli.typed import fail, output, settings_of
from stafet_runtime.clock import SystemIds

At = Annotated[datetime | None, typer.Option(help="When it was so, in this machine's zone; by default now.")]
Set = Annotated[list[str] | None, typer.Option("--set", help="field=value; may be given again.")]
Agency = Annotated[str, typer.Option(help="Who says so; by default the coordinator.")]
Key = Annotated[str, typer.Option(help="The same key again counts once.")]
Home = Annotated[Path | None, typer.Option(help="Folder of the hub's credentials.")]
At_console = Annotated[str | None, typer.Option("--console", help="The console's address.")]

operation = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Joint actions that bring many persons."
)


def step(  # noqa: PLR0913 - the options of a command are its interface
    case: Annotated[str, typer.Argument(help="The case's pseudonym.")],
    name: Annotated[str, typer.Argument(metavar="STEP", help="What happened, see `stafet steps`.")],
    *,
    about: Annotated[str, typer.Option(help="The referral, period, stay ... it is about.")] = "",
    behalf: Annotated[str, typer.Option(help="The agency that said so outside the hub.")] = "",
    at: At = None,
    fields: Set = None,
    agency: Agency = "",
    key: Key = "",
    home: Home = None,
    console: At_console = None,
) -> None:
    """Report that something happened in a case; the service that decides on it makes a fact of it."""
    words = {"step": name, "subject": about, "behalf": behalf, "agency": agency}
    path = f"/cases/{quote(case, safe='')}/steps"
    _report(path, words, at, fields, key, f"`stafet trace {case}` shows what came of it", home, console)


def steps() -> None:
    """List every step with the fields that it needs, those it may have in brackets."""
    from stafet_cli.report import kinds_listed  # noqa: PLC0415 - each command loads what it needs when run

    for line in kinds_listed():
        output.print(line, markup=False)


def contact(
    name: Annotated[str, typer.Argument(metavar="STEP", help="received, triaged, referred or closed.")],
    *,
    about: Annotated[str, typer.Option(help="The contact: the receipt that it began with.")] = "",
    at: At = None,
    fields: Set = None,
    agency: Agency = "",
    key: Key = "",
    home: Home = None,
    console: At_console = None,
) -> None:
    """Report that somebody turned to the hotline or to outreach, or what became of it. No names, no words."""
    path = f"/contacts/{quote(about, safe='')}/steps" if about else "/contacts"
    then = "go on with `stafet contact triaged --about {receipt} --set priority=...`"
    then = f"`stafet trace {about}` shows what came of it" if about else then
    _report(path, {"step": name, "agency": agency}, at, fields, key, then, home, console)


@operation.command()
def announce(
    expected: Annotated[int, typer.Option(min=1, help="How many persons.")],
    *,
    to: Annotated[list[str] | None, typer.Option(help="An agency to be ready; may be given again.")] = None,
    at: At = None,
    agency: Agency = "",
    key: Key = "",
    home: Home = None,
    console: At_console = None,
) -> None:
    """Announce a joint action, so that the agencies named can make ready."""
    words = {"expected": expected, "agencies": list(to or ()) or None, "agency": agency}
    _report("/operations", words, at, None, key, "`stafet trace {receipt}` follows it", home, console)


@operation.callback()
def _operation() -> None:
    """Keep `announce` a word of its own, for those that follow."""


def capacity(
    service: Annotated[str, typer.Argument(help="The service, e.g. accommodation.")] = "accommodation",
    *,
    persons: Annotated[int, typer.Option(min=1, help="How many places.")] = 1,
    accepts: Annotated[
        list[str] | None, typer.Option("--for", help="female, male, child, wheelchair; may be given again.")
    ] = None,
    agency: Agency = "",
    key: Key = "",
    home: Home = None,
    console: At_console = None,
) -> None:
    """Ask who has places; nothing of anybody is told."""
    words = {"service": service, "persons": persons, "accepts": list(accepts or ()) or None, "agency": agency}
    _report(
        "/capacity-queries",
        words,
        None,
        None,
        key,
        "`stafet trace {receipt}` shows the answer",
        home,
        console,
    )


def _report(  # noqa: PLR0917 - what every command hands over
    path: str,
    words: dict[str, Any],
    at: datetime | None,
    fields: list[str] | None,
    key: str,
    then: str,
    home: Path | None,
    console: str | None,
) -> None:
    from stafet_cli.report import Report, WordError, given, report_command, settings_said  # noqa: PLC0415 - see above

    try:
        said = given(at, {**words, **settings_said(fields or ())})
    except WordError as error:
        fail(str(error))
    report = Report(path, said, key or SystemIds().new(), then)
    raise typer.Exit(report_command(report, home=settings_of(home).home, console=console, output=output))
