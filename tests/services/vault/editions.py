"""Versions of the policy, each with the matrix that it must come to, said again by hand."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from importlib import resources
from itertools import chain
from typing import Any, Final

from stafet.vault.adapters.datafiles import load_policy
from stafet.vault.policy import Cell, Mandate, Policy
from stafet_schemas.codes import SERVICES
from stafet_schemas.groups import Group
from tests.services.vault.matrix import BEGIN, COLUMNS, FIELDS, PHRASES, ROWS, staffed

CHANGED: Final = date(2027, 1, 1)
MOVED: Final = date(2027, 3, 1)
LEFT: Final = date(2027, 4, 1)

Cells = Mapping[tuple[str, Group], str]
Seen = dict[Group, frozenset[str]]

CHANGES: Final[Cells] = {
    ("childrens_centre", Group.HEALTH): "A",
    ("childrens_centre", Group.IDENTITY): "c",
    ("childrens_centre", Group.CHILD): "-",
    ("childrens_centre", Group.NARRATIVE): "c/l",
    ("childrens_centre", Group.CONTACT): "destination c",
    ("police", Group.IDENTITY): "-",
    ("police", Group.RESIDENCE): "l",
    ("shelter", Group.CONTACT): "c",
    ("cmm", Group.SUPPORT): "dates",
    ("prison_service", Group.ROUTING): "-",
    ("statistics", Group.EXPLOITATION): "code only",
}
"""Cells of the second version from `CHANGED` on."""
LAPSED: Final = ("cmm", Group.NARRATIVE)
"""A cell of it that ends then, with nothing after it."""


@dataclass(frozen=True)
class Stay:
    """A mandate as a test expects it: the row of an organisation and its services, up to a day."""

    row: str
    services: frozenset[str]
    begin: date = BEGIN
    end: date = date.max


@dataclass(frozen=True)
class Edition:
    """A policy, and by hand: who stands where, which rows are sent what, which cells are changed.

    `referred` are the rows that are asked, `contents` those that are sent content, by purpose.
    """

    name: str
    policy: Policy
    stays: Mapping[str, Sequence[Stay]]
    referred: frozenset[str]
    contents: Mapping[str, frozenset[str]]
    changes: Cells = field(default_factory=dict[tuple[str, Group], str])
    found: dict[object, Seen] = field(default_factory=dict[object, Seen], compare=False, repr=False)

    def stay(self, organisation: str, on: date) -> Stay | None:
        """Say where an organisation stands on a day."""
        return next((each for each in self.stays[organisation] if each.begin <= on < each.end), None)

    def seen(self, row: str, on: date, consented: frozenset[Group], grounded: frozenset[Group]) -> Seen:
        """Say which fields a row sees on a day."""
        key = (row, on, consented, grounded)
        if key not in self.found:
            self.found[key] = dict(self._seen(row, on, consented, grounded)) if on >= BEGIN else {}
        return self.found[key]

    def days(self) -> list[date]:
        """List every day on which a cell begins or ends."""
        rows = self.policy.receivers.values()
        return _turns(
            [
                self.policy.status,
                *chain.from_iterable(chain.from_iterable(row.cells.values()) for row in rows),
            ]
        )

    def other_days(self) -> list[date]:
        """List the days before these, and every day on which a mandate begins or ends."""
        agencies = self.policy.organisations.values()
        moved = _turns(chain.from_iterable(each.mandates for each in agencies))
        eves = {day - timedelta(days=1) for day in (*self.days(), *moved)}
        return sorted((eves | {*moved}) - {*self.days()})

    def _seen(
        self, row: str, on: date, consented: frozenset[Group], grounded: frozenset[Group]
    ) -> Iterator[tuple[Group, frozenset[str]]]:
        cells = dict(zip(COLUMNS, ROWS[_title(row)].split(" | "), strict=True))
        for group, first in cells.items():
            marks, fields = PHRASES[self.changes.get((row, group), first) if on >= CHANGED else first]
            if "A" in marks or ("c" in marks and group in consented) or ("l" in marks and group in grounded):
                yield group, fields or frozenset(FIELDS[group].split())


EVERY: Final = SERVICES.codes
OWN: Final[Mapping[str, Stay]] = {
    "police": Stay("police", frozenset({"protection"})),
    "redcross": Stay(
        "childrens_centre",
        frozenset({"accommodation", "asylum_support", "contact_person", "health", "legal_aid"}),
    ),
    "shelter": Stay("shelter", frozenset({"accommodation"})),
    "cmm": Stay("cmm", frozenset({"contact_person"})),
    "immigration": Stay("immigration_service", frozenset({"identification"})),
    "siri": Stay("siri", frozenset()),
    "return_agency": Stay("return_agency", frozenset({"prepared_return"})),
    "drc": Stay("return_partner", frozenset({"prepared_return"})),
    "union": Stay("inspection_sender", frozenset()),
    "hotline": Stay("outreach_sender", frozenset()),
}
"""The mandates as shipped."""
REFERRED: Final = frozenset({
    "childrens_centre", "cmm", "health", "immigration_service", "inspection", "legal_aid", "municipality",
    "police", "shelter", "siri",
})  # fmt: skip
"""The rows that are asked whether they take a referral, as shipped."""

CONTENTS: Final[Mapping[str, frozenset[str]]] = {
    "support": frozenset({"cmm", "police", "shelter", "childrens_centre"}),
    "formal_assessment": frozenset({"immigration_service", "siri"}),
    "investigation": frozenset({"police", "prosecution"}),
    "prepared_return": frozenset({"return_agency", "return_partner"}),
}
"""The rows that are sent content, by purpose, as shipped."""


@cache
def shipped() -> Edition:
    """Return the policy as shipped; in each row that has no organisation of its code stands one."""
    policy = load_policy()
    organisations = {**staffed(policy).organisations, **policy.organisations}
    return Edition(
        "shipped",
        policy.model_copy(update={"organisations": organisations}),
        {code: [OWN.get(code) or Stay(code, EVERY, date.min)] for code in organisations},
        referred=REFERRED,
        contents=CONTENTS,
    )


@cache
def edited() -> Edition:
    """Return a second version, in which cells and mandates change, and each row is sent notice and content.

    The Red Cross is asked for beds only from `MOVED` on, and for nothing from `LEFT` on.
    """
    said: dict[str, Any] = tomllib.loads(
        (resources.files("stafet.vault") / "policy.toml").read_text(encoding="utf-8")
    )
    for receiver in said["receivers"].values():
        receiver["purposes"] = sorted({*receiver["purposes"], "support", "referral_notice"})
    for (row, group), phrase in {**CHANGES, LAPSED: "-"}.items():
        _change(said["receivers"][row]["cells"][group], phrase, ends=(row, group) == LAPSED)
    first = said["organisations"]["redcross"]["mandates"][0]
    first["valid_to"] = MOVED
    after = {"receiver": "shelter", "services": ["accommodation"], "valid_from": MOVED, "valid_to": LEFT}
    said["organisations"]["redcross"]["mandates"].append({**first, **after})
    policy = Policy.model_validate({**said, "version": "second", "digest": "0"})
    own = {code: policy.organisations[code] for code in ("redcross", "immigration")}
    organisations = {**staffed(policy).organisations, **own}
    stays = {code: [Stay(code, EVERY, date.min)] for code in organisations}
    stays["immigration"] = [OWN["immigration"]]
    stays["redcross"] = [
        replace(OWN["redcross"], end=MOVED),
        Stay("shelter", frozenset({"accommodation"}), MOVED, LEFT),
    ]
    rows = frozenset(policy.receivers)
    return Edition(
        "second",
        policy.model_copy(update={"organisations": organisations}),
        stays,
        referred=rows,
        contents={**CONTENTS, "support": rows},
        changes={**CHANGES, LAPSED: "-"},
    )


def _turns(dated: Iterable[Cell] | Iterable[Mandate]) -> list[date]:
    turns = {day for each in dated for day in (each.valid_from, each.valid_to)}
    return sorted(day for day in turns if day and day > date.min)


def _change(cells: list[dict[str, Any]], phrase: str, *, ends: bool) -> None:
    """End the cells of a group, and write what comes after them."""
    for cell in cells:
        cell["valid_to"] = CHANGED
    marks, fields = PHRASES[phrase]
    if not ends:
        after = {"citation": "test", "valid_from": CHANGED, **({"fields": sorted(fields)} if fields else {})}
        cells += [{"mark": mark, **after} for mark in marks or "-"]


def _title(row: str) -> str:
    return shipped().policy.receivers[row].row
