"""What two policies differ in: who would see more, who less, from which day on."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Final

from stafet.vault.policy import ALWAYS, CONSENT, GROUND, NEVER, Mandate, Policy, Receiver
from stafet_runtime.dated import Dated
from stafet_schemas.groups import Group

MORE: Final = "+"
LESS: Final = "-"
OTHER: Final = "~"
"""Neither more nor less: something else opens it, such as a consent instead of a legal ground."""

Marks = frozenset[str]
Facts = Mapping[tuple[str, str], Marks]
"""What opens each thing: by who it is about and what it is; nothing opens what is not there."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `who` (a row, an organisation) sees or may `what` by the mark `now`, not `before`."""

    who: str
    what: str
    sign: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Period:
    """What is different from a day on, up to the day of the next period; nothing, if they agree then."""

    day: date
    changes: tuple[Change, ...]


def differences(old: Policy, new: Policy, on: date) -> list[Period]:
    """Compare two policies from a day on, through every day on which something in one begins or ends."""
    said: list[Period] = []
    for day in _days((old, new), on):
        changes = tuple(_compared(facts(old, day), facts(new, day)))
        if not said or said[-1].changes != changes:
            said.append(Period(day, changes))
    return said


def facts(policy: Policy, on: date) -> dict[tuple[str, str], Marks]:
    """Say what opens each field for each row, and what each organisation may do, on a day."""
    told = chain(_status(policy, on), _alerts(policy, on))
    return dict(chain(_fields(policy, on), _mandates(policy, on), _roles(policy, on), told))


def lapses(policy: Policy, on: date) -> dict[str, date]:
    """Name each group and organisation that is left with nothing in force, with the first day of that."""
    found: dict[str, date] = {}
    for day in _days((policy,), on):
        for what, dated in _all(policy):
            ended = any(each.valid_to is not None and each.valid_to <= day for each in dated)
            if ended and not any(each.holds(day) for each in dated):
                found.setdefault(what, day)
    return found


def _compared(old: Facts, new: Facts) -> Iterator[Change]:
    for key in sorted(old.keys() | new.keys()):
        before, now = (each.get(key, frozenset[str]()) for each in (old, new))
        if before != now:
            yield Change(*key, sign=_sign(before, now), before=_text(before), now=_text(now))


def _sign(before: Marks, now: Marks) -> str:
    """Weigh two sets of marks: A opens whatever c and l open, and more."""
    wider, narrower = _states(now) - _states(before), _states(before) - _states(now)
    if wider and not narrower:
        return MORE
    return LESS if narrower and not wider else OTHER


def _states(marks: Marks) -> frozenset[str]:
    opened = {CONSENT, GROUND, ALWAYS} if ALWAYS in marks else marks
    return frozenset(opened)


def _text(marks: Marks) -> str:
    return "/".join(sorted(marks)) or NEVER


def _fields(policy: Policy, on: date) -> Iterator[tuple[tuple[str, str], Marks]]:
    for code, receiver in policy.receivers.items():
        who = f"receiver {code}"
        for group in Group:
            yield from (
                (((who, f"{group}.{name}")), marks) for name, marks in _names(policy, receiver, group, on)
            )
        yield from (((who, f"purpose {each}"), frozenset({ALWAYS})) for each in receiver.purposes)


def _names(policy: Policy, receiver: Receiver, group: Group, on: date) -> Iterable[tuple[str, Marks]]:
    found: dict[str, Marks] = {}
    for cell in receiver.cells[group]:
        if cell.holds(on):
            for name in policy.names(cell, group):
                found[name] = found.get(name, frozenset()) | {cell.mark}
    return found.items()


def _mandates(policy: Policy, on: date) -> Iterator[tuple[tuple[str, str], Marks]]:
    for code in policy.organisations:
        mandate = policy.mandate(code, on)
        if mandate is not None:
            yield from (((f"organisation {code}", what), frozenset({ALWAYS})) for what in _powers(mandate))


def _powers(mandate: Mandate) -> Iterator[str]:
    yield f"what receiver {mandate.receiver} sees"
    if mandate.identify:
        yield "identify victims formally"
    yield from (f"service {each}" for each in mandate.services)


def _roles(policy: Policy, on: date) -> Iterator[tuple[tuple[str, str], Marks]]:
    for code in policy.roles:
        role = policy.role(code, on)
        if role is not None:
            yield from (((f"role {code}", f"{each}.*"), frozenset({ALWAYS})) for each in role.groups)
            yield from (((f"role {code}", f"purpose {each}"), frozenset({ALWAYS})) for each in role.purposes)


def _status(policy: Policy, on: date) -> Iterator[tuple[tuple[str, str], Marks]]:
    if policy.status.holds(on) and policy.status.mark != NEVER:
        yield ("sender", "status"), frozenset({policy.status.mark})


def _alerts(policy: Policy, on: date) -> Iterator[tuple[tuple[str, str], Marks]]:
    for code, written in policy.alerts.items():
        for each in written:
            if each.holds(on):
                yield (f"who sees {each.group}.{each.field}", f"alert {code}"), frozenset({ALWAYS})


def _days(policies: Iterable[Policy], on: date) -> list[date]:
    """List the days from `on` on which something begins or ends."""
    dated = chain.from_iterable(each for policy in policies for _, each in _all(policy))
    days = chain.from_iterable((each.valid_from, each.valid_to) for each in dated)
    return sorted({on, *(day for day in days if day is not None and day > on)})


def _all(policy: Policy) -> Iterator[tuple[str, tuple[Dated, ...]]]:
    yield "the status of the sender", (policy.status,)
    yield from ((f"alert {code}", written) for code, written in policy.alerts.items())
    for code, receiver in policy.receivers.items():
        yield from ((f"receiver {code}, {group}", cells) for group, cells in receiver.cells.items())
    yield from ((f"organisation {code}", each.mandates) for code, each in policy.organisations.items())
    yield from ((f"role {code}", terms) for code, terms in policy.roles.items())
