"""`stafet consent`: record what was said, and show what is in force and who still holds what."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from rich.console import Console

from stafet.vault.app.consents import ConsentBook
from stafet.vault.app.local import LocalVault
from stafet.vault.domain.consent import Scope, Version
from stafet.vault.handlers.holding import Standing
from stafet_cli.printing import print_line
from stafet_cli.seat import vault_seat
from stafet_runtime.settings import HubSettings
from stafet_runtime.vaultport import ConsentOrder, ConsentRecord, ConsentRefusedError

DONE: Final = 0
NOT_DONE: Final = 1
WRONG: Final = 2
OPTIONS: Final = {"recipients": "--to", "purposes": "--purpose", "groups": "--group", "case": "CASE"}
"""How a field of an order is typed."""


async def record_command(settings: HubSettings, order: ConsentOrder, output: Console) -> int:
    """Record a statement and print what came of it; an order without a message gets an id of its own.

    Returns:
        The exit code: 0 recorded, or so already; 1 no such case, or erased; 2 a word is missing or wrong.
    """
    async with vault_seat(settings) as session:
        vault, book = LocalVault(session), ConsentBook(session)
        try:
            record = await vault.record_consent(order)
        except ConsentRefusedError as refused:
            for field, problem in refused.problems:
                print_line(output, f"{OPTIONS.get(field, '--' + field)}: {problem}")
            return NOT_DONE if {field for field, _ in refused.problems} == {"case"} else WRONG
        standing = await book.show(record.case)
    _print_record(order, record, output)
    if standing is not None:
        _print_beyond(standing, output)
    return DONE


async def show_command(settings: HubSettings, case: str, known_at: datetime | None, output: Console) -> int:
    """Print the bases of a case, by what was known at a time, and who still holds what.

    Returns:
        The exit code: 0; 1 there is no such case.
    """
    async with vault_seat(settings) as session:
        standing = await ConsentBook(session).show(case, known_at)
    if standing is None:
        print_line(output, f"no case {case}: `stafet trace` finds a case by referral or message")
        return NOT_DONE
    known = [each for each in standing.history if known_at is None or each.recorded_at <= known_at]
    holding = {each.consent: each.number for each in standing.in_force}
    for each in known:
        _print_version(each, output, in_force=holding.get(each.consent) == each.number)
    if not known:
        print_line(output, "no consent, duty or ground is recorded: what needs one stays shut")
    for held, _ in standing.held:
        print_line(output, f"{held.recipient} holds for {held.purpose}: {_listed(held.groups)}")
    _print_beyond(standing, output)
    return DONE


def _print_record(order: ConsentOrder, record: ConsentRecord, output: Console) -> None:
    if not record.consents:
        print_line(output, "nothing to change: it stands so already")
    for each in record.consents:
        print_line(output, f"{order.basis} {each} {order.statement}")


def _print_beyond(standing: Standing, output: Console) -> None:
    for held, beyond in standing.held:
        if beyond:
            print_line(output, f"{held.recipient} may not use any more: {_listed(beyond)}")


def _print_version(version: Version, output: Console, *, in_force: bool) -> None:
    state = "  in force" if in_force else ""
    print_line(output, f"{version.consent}  {version.basis} {version.number}  {version.statement}{state}")
    words = (version.how, version.language, "with interpreter" if version.interpreter else None)
    law = f"{version.law}, by {version.by}" if version.law else None
    lines = (
        ("opens", _scope(version.scope)),
        ("from", f"{version.valid_from.isoformat()}, recorded {version.recorded_at.isoformat()}"),
        ("until", version.scope.until.isoformat() if version.scope.until else "withdrawn"),
        ("said", ", ".join(each for each in words if each)),
        ("law", law),
        ("told by", version.agency),
    )
    for name, text in lines:
        if text:
            print_line(output, f"  {name:<9}{text}")


def _scope(scope: Scope) -> str:
    return f"{_listed(scope.groups)} to {_listed(scope.recipients)} for {_listed(scope.purposes)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
