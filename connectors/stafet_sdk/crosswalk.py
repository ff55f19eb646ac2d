"""Our code lists in the words of HTCDS 2.0 and back. Pure; the pairs are `crosswalks.toml`.

A code without an equal goes along as it is, under our own name, so two that know that name lose nothing; what
somebody who knows HTCDS alone loses is said by `losses`. A value that is not on the list is kept as it came.
Source: IOM Human Trafficking Case Data Standard 2.0 (CC BY 4.0), https://github.com/UNMigration/HTCDS
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cache
from importlib import resources
from typing import Any, Final

STANDARD: Final = "IOM Human Trafficking Case Data Standard 2.0 (CC BY 4.0)"


@dataclass(frozen=True, slots=True)
class Worded:
    """Codes in HTCDS: `values` of the picklist, and the `own` codes that have to go along."""

    values: tuple[str, ...]
    own: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """One of our code lists beside a field of HTCDS; without a `field` HTCDS has none for it.

    `codes` pairs a code with a value, `rest` is the value of all others, `many` a multiple choice; `coarser`
    are codes that say more than their value. `own` is the name under which our own codes go along.
    """

    own: str
    field: str = ""
    codes: Mapping[str, str] = dataclass_field(default_factory=dict[str, str])
    rest: str | None = None
    many: bool = False
    coarser: frozenset[str] = frozenset()

    def out(self, codes: Sequence[str]) -> Worded:
        """Word codes; a single choice that would have to say two things says none, and ours says all."""
        found = {code: self.codes.get(code, self.rest) for code in codes}
        values = tuple(dict.fromkeys(value for value in found.values() if value is not None))
        if not self.many and len(values) != 1:
            return Worded((), tuple(found))
        shared = [value for value in values if sum(each == value for each in found.values()) > 1]
        own = (
            code
            for code, value in found.items()
            if code not in self.codes or code in self.coarser or value in shared
        )
        return Worded(values, tuple(own))

    def back(self, values: Sequence[str], own: Sequence[str] = ()) -> tuple[str, ...]:
        """Read values, with the own codes that came along; what is on no list is kept as it came."""
        spoken = {self.codes.get(code, self.rest) for code in own}
        read = (self._code(value) for value in values if value not in spoken)
        return tuple(dict.fromkeys((*read, *own)))

    def losses(self, codes: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """Say for every code that HTCDS alone does not bring back what it is read as, empty for nothing."""
        read = {code: "".join(self.back(self.out([code]).values)) for code in codes}
        return tuple((code, again) for code, again in read.items() if again != code)

    def _code(self, value: str) -> str:
        return next((code for code, same in self.codes.items() if same == value), value)


@cache
def crosswalks() -> Mapping[str, Crosswalk]:
    """Read all crosswalks, by the name of our code list."""
    text = (resources.files("stafet_sdk") / "crosswalks.toml").read_text(encoding="utf-8")
    return {name: _crosswalk(section) for name, section in tomllib.loads(text).items()}


def _crosswalk(section: dict[str, Any]) -> Crosswalk:
    coarser: frozenset[str] = frozenset(section.pop("coarser", ()))
    return Crosswalk(coarser=coarser, **section)
