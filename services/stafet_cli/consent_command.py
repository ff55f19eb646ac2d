"""`stafet consent` as it is typed; what its commands do is in `consent.py`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from stafet_cli.typed import exit_with, output, settings_of
from stafet_runtime.clock import SystemIds

consent = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Consent, the duty to notify about a child, and legal grounds: who may see what of a case.",
)

Case = Annotated[str, typer.Argument(help="The case's pseudonym.")]
To = Annotated[list[str] | None, typer.Option("--to", help="An agency; may be given again.")]
Purpose = Annotated[list[str] | None, typer.Option(help="A purpose of the policy; may be given again.")]
Group = Annotated[list[str] | None, typer.Option(help="A field group; may be given again.")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day without it.")]
Basis = Annotated[str, typer.Option(help="consent, duty or ground.")]
Which = Annotated[str, typer.Option("--consent", help="Its id, where there are several.")]
Home = Annotated[Path | None, typer.Option(help="Folder of keys.")]


@consent.command()
def give(  # noqa: PLR0913 - the options of a command are its interface
    case: Case,
    to: To = None,
    purpose: Purpose = None,
    group: Group = None,
    until: Until = None,
    *,
    basis: Basis = "consent",
    language: Annotated[str, typer.Option(help="In which language it was asked, e.g. vie.")] = "",
    interpreter: Annotated[bool, typer.Option("--interpreter", help="Through an interpreter.")] = False,
    how: Annotated[str, typer.Option(help="oral or written.")] = "",
    law: Annotated[str, typer.Option(help="Of a duty or ground: the legal reference.")] = "",
    by: Annotated[str, typer.Option(help="Of a duty or ground: the human who answers for it.")] = "",
    home: Home = None,
) -> None:
    """Record that a person consents, or a duty or ground, from now on."""
    said = _said("given", case, basis) | _scope(to, purpose, group, until)
    words = {"language": language, "interpreter": interpreter, "how": how, "law": law, "by": by}
    _record(said | {name: word for name, word in words.items() if word}, home)


@consent.command()
def narrow(
    case: Case,
    to: To = None,
    purpose: Purpose = None,
    group: Group = None,
    until: Until = None,
    *,
    basis: Basis = "consent",
    which: Which = "",
    home: Home = None,
) -> None:
    """Leave less of it: name what stays; a part that is not named stays as it is."""
    said = _said("narrowed", case, basis) | _scope(to, purpose, group, until)
    _record(said | {"consent": which or None}, home)


@consent.command()
def withdraw(case: Case, basis: Basis = "consent", which: Which = "", home: Home = None) -> None:
    """Withdraw all consents of a case (or one, or a duty or ground): nothing leaves by them from now on."""
    _record(_said("withdrawn", case, basis) | {"consent": which or None}, home)


@consent.command()
def show(
    case: Case,
    known_at: Annotated[
        datetime | None, typer.Option("--known-at", help="What the hub knew then (UTC).")
    ] = None,
    home: Home = None,
) -> None:
    """Print what was said, what is in force, and who still holds what."""
    from stafet_cli.consent import show_command  # noqa: PLC0415 - each command loads what it needs when run

    at = known_at.replace(tzinfo=UTC) if known_at else None
    exit_with(show_command(settings_of(home), case, at, output))


def _said(statement: str, case: str, basis: str) -> dict[str, Any]:
    message = SystemIds().new()
    return {
        "statement": statement, "agency": "operator", "message": message, "case": case, "basis": basis,
    }  # fmt: skip


def _scope(
    to: list[str] | None, purpose: list[str] | None, group: list[str] | None, until: datetime | None
) -> dict[str, Any]:
    return {
        "recipients": tuple(to or ()),
        "purposes": tuple(purpose or ()),
        "groups": tuple(group or ()),
        "until": until.replace(tzinfo=UTC) if until else None,
    }


def _record(said: dict[str, Any], home: Path | None) -> None:
    from stafet_cli.consent import record_command  # noqa: PLC0415 - see above
    from stafet_runtime.vaultport import ConsentOrder  # noqa: PLC0415 - see above

    exit_with(record_command(settings_of(home), ConsentOrder(**said), output))
