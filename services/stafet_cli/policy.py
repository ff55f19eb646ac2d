"""`stafet policy`: show the disclosure matrix, compare two policies, check a file before it is used."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Final

from rich.console import Console

from stafet.vault.adapters.datafiles import load_policy
from stafet.vault.domain.policydiff import Change, differences, lapses
from stafet.vault.policy import NEVER, Cell, Mandate, Policy
from stafet.vault.settings import VaultSettings
from stafet_cli.printing import print_line
from stafet_runtime.dated import DataError
from stafet_schemas.groups import Group

DONE: Final = 0
NOT_DONE: Final = 1
WRONG: Final = 2
COLUMNS: Final = {
    Group.ROUTING: "R",
    Group.IDENTITY: "I",
    Group.CONTACT: "C",
    Group.RESIDENCE: "L",
    Group.EXPLOITATION: "X",
    Group.NARRATIVE: "N",
    Group.HEALTH: "H",
    Group.PERPETRATOR: "P",
    Group.CHILD: "B",
    Group.SUPPORT: "S",
    Group.STATISTICS: "Z",
}
"""The groups in the order and with the letters of the design's matrix."""
LEGEND: Final = (
    "A always, once accepted; c with consent; l on a recorded legal ground; - never; * some fields only"
)


def show_command(receiver: str, on: date, output: Console) -> int:
    """Print the policy in use on a day: the matrix, or one row of it with its citations.

    Returns:
        The exit code: 0 shown; 2 there is no such receiver, or no policy.
    """
    try:
        policy = load_policy(VaultSettings().policy)
    except DataError as error:
        return _say(output, WRONG, [str(error)])
    if not receiver:
        return _say(output, DONE, _matrix(policy, on))
    mandate = policy.mandate(receiver, on)
    row = mandate.receiver if mandate else receiver
    if row not in policy.receivers:
        said = f"--receiver {receiver}: no row, and no organisation with a mandate on {on}; there are"
        return _say(output, WRONG, [said, ", ".join((*policy.receivers, *policy.organisations))])
    return _say(output, DONE, _row(policy, row, on))


def diff_command(old: Path, new: Path, on: date, output: Console) -> int:
    """Print who would see more (+), less (-) or on other conditions (~) by a new policy than by an old one.

    Returns:
        The exit code: 0 compared; 2 one of them is no policy.
    """
    try:
        before, after = load_policy(old), load_policy(new)
    except DataError as error:
        return _say(output, WRONG, [str(error)])
    _say(output, DONE, [f"from {before.version} to {after.version}"])
    for period in differences(before, after, on):
        _say(output, DONE, [f"from {period.day}:", *_changes(period.changes)])
    return DONE


def check_command(path: Path, on: date, output: Console) -> int:
    """Check a policy file before the vault is given it.

    Returns:
        The exit code: 0 it can be used; 1 it cannot, with what to change.
    """
    try:
        policy, used = load_policy(path), load_policy(VaultSettings().policy)
    except DataError as error:
        return _say(output, NOT_DONE, [str(error).replace("; ", "\n")])
    if (policy.version, policy.digest) != (used.version, used.digest) and policy.version == used.version:
        said = f"version {policy.version} is in use with another text: give this one a version of its own"
        return _say(output, NOT_DONE, [said])
    counted = f"{len(policy.receivers)} receivers, {len(policy.organisations)} organisations"
    notes = (f"note: from {day} nothing is in force for {what}" for what, day in lapses(policy, on).items())
    return _say(output, DONE, [f"version {policy.version}: {counted}, SHA-256 {policy.digest}", *notes])


def cells_text(policy: Policy, group: Group, cells: Iterable[Cell]) -> str:
    """Write cells that are in force together as the matrix does: `c/l (employer)`."""
    named = tuple(cells)
    marks = "/".join(sorted(cell.mark for cell in named)) or NEVER
    narrowed = {name for cell in named if cell.fields for name in policy.names(cell, group)}
    return f"{marks} ({', '.join(sorted(narrowed))})" if narrowed else marks


def _matrix(policy: Policy, on: date) -> Iterator[str]:
    width = max(map(len, policy.receivers)) + 2
    yield f"policy {policy.version} on {on}, SHA-256 {policy.digest}"
    yield " " * width + "".join(f"{letter:<5}" for letter in COLUMNS.values()).rstrip()
    for code, receiver in policy.receivers.items():
        marks = (_marks(cell for cell in receiver.cells[group] if cell.holds(on)) for group in COLUMNS)
        yield f"{code:<{width}}" + "".join(f"{mark:<5}" for mark in marks).rstrip()
    yield LEGEND
    yield ", ".join(f"{letter} {group}" for group, letter in COLUMNS.items())
    yield from (f"{line}" for code in policy.organisations for line in _stands(policy, code, on))


def _row(policy: Policy, code: str, on: date) -> Iterator[str]:
    receiver = policy.receivers[code]
    yield f"{code}: {receiver.row}"
    yield f"{receiver.rule}. For {', '.join(sorted(receiver.purposes))}"
    for each in policy.organisations:
        mandate = policy.mandate(each, on)
        if mandate is not None and mandate.receiver == code:
            yield from _stands(policy, each, on)
    for group in COLUMNS:
        for cell in (each for each in receiver.cells[group] if each.holds(on)):
            yield f"{group:<14}{cell.mark}  {', '.join(sorted(policy.names(cell, group)))}".rstrip()
            yield f"{'':<17}{cell.citation}; {_dates(cell)}"


def _stands(policy: Policy, organisation: str, on: date) -> Iterator[str]:
    mandate = policy.mandate(organisation, on)
    if mandate is not None:
        name = policy.organisations[organisation].name
        yield f"{organisation} ({name}) stands in {mandate.receiver}, {_powers(mandate)}; {_dates(mandate)}"


def _powers(mandate: Mandate) -> str:
    services = f"may be asked for {', '.join(sorted(mandate.services)) or 'no service'}"
    return f"{'identifies formally' if mandate.identify else 'does not identify formally'}, {services}"


def _dates(dated: Cell | Mandate) -> str:
    return f"from {dated.valid_from}" + (f" to before {dated.valid_to}" if dated.valid_to else "")


def _marks(cells: Iterable[Cell]) -> str:
    named = tuple(cells)
    narrower = any(cell.fields for cell in named)
    return ("/".join(sorted(cell.mark for cell in named)) or NEVER) + ("*" if narrower else "")


def _changes(changes: tuple[Change, ...]) -> Iterator[str]:
    if not changes:
        yield "  the same is seen by all"
    yield from (f"  {each.sign} {each.who}: {each.what} ({each.before} -> {each.now})" for each in changes)


def _say(output: Console, code: int, lines: Iterable[str]) -> int:
    """Print lines; return the exit code."""
    for line in lines:
        for part in line.split("\n"):
            print_line(output, part)
    return code
