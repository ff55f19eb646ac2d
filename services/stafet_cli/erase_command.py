"""`stafet erase` and `stafet hold` as they are typed; what they do is in `erase.py`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from stafet_cli.login import who
from stafet_cli.typed import exit_with, fail, output, settings_of

Case = Annotated[str, typer.Argument(help="The case's pseudonym.")]
By = Annotated[str, typer.Option(help="Who decided; by default who is logged in.")]
Home = Annotated[Path | None, typer.Option(help="Folder of keys and certificates.")]


def erase(
    case: Case = "",
    *,
    reason: Annotated[str, typer.Option(help="Why, as a code of the list `erasure`.")] = "",
    by: By = "",
    replay: Annotated[bool, typer.Option("--replay", help="Shred again what a backup brought back.")] = False,
    check: Annotated[Path | None, typer.Option(help="Check a certificate offline.")] = None,
    home: Home = None,
) -> None:
    """Forget a case for good, print what was destroyed and write a signed certificate."""
    from stafet_cli import erase as erasing  # noqa: PLC0415 - each command loads what it needs when run

    if check is not None:
        raise typer.Exit(erasing.check_command(check, case or None, output))
    if replay == bool(case):
        fail("name a case and its --reason, or --replay, or --check FILE")
    settings, decided = settings_of(home), by or who()
    work = (
        erasing.replay_command(settings, output)
        if replay
        else erasing.erase_command(settings, case, reason=reason, by=decided, output=output)
    )
    exit_with(work)


def hold(
    case: Case,
    *,
    kind: Annotated[str, typer.Option(help="archive, duty, claim, or evidence.")] = "",
    why: Annotated[str, typer.Option(help="The document that asks for it.")] = "",
    by: By = "",
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its last day.")] = None,
    lift: Annotated[str, typer.Option(help="End this hold.")] = "",
    home: Home = None,
) -> None:
    """Keep a case from being erased, end that, or (with the case alone) list what keeps it."""
    from stafet_cli import erase as erasing  # noqa: PLC0415 - see above

    settings, decided = settings_of(home), by or who()
    if lift:
        work = erasing.lift_command(settings, lift, by=decided, output=output)
    elif kind:
        order = erasing.Order(kind, why, decided, until.date() if until else None)
        work = erasing.hold_command(settings, case, order, output)
    else:
        work = erasing.holds_command(settings, case, output)
    exit_with(work)
