"""Likeness: which signs of two cases are equal, and whether that is enough to ask a human.

Signs are compared by blind index, so that no value is opened for it; the hub never merges by itself.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Self

from pydantic import Field, model_validator

from stafet_runtime.dated import Strict, parse
from stafet_schemas.groups import Group
from stafet_sdk.draft import Fields

MOST: Final = 100
_DROPPED: Final = re.compile(r"[^a-z0-9]+")
_WRITTEN_AS: Final = (("æ", "ae"), ("ø", "o"), ("oe", "o"), ("aa", "a"))
"""Danish letters as people write them who have none; both ways of writing become one."""


class Sign(Strict):
    """Fields (`group.name`) that must all be there and be equal; `weight` from 1 to 100."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    fields: tuple[str, ...] = Field(min_length=1)
    weight: int = Field(ge=1, le=MOST)

    @model_validator(mode="after")
    def _names_fields(self) -> Self:
        groups = {each.partition(".")[0] for each in self.fields}
        unknown = groups - {str(each) for each in Group}
        if unknown or not all("." in each for each in self.fields):
            raise ValueError(f"not a field: {', '.join(self.fields)}")
        return self

    def reading(self, values: Mapping[Group, Fields]) -> str | None:
        """Return what the fields say, normalised; None if one of them says nothing."""
        said = [_normal(values, each) for each in self.fields]
        return "\n".join(said) if all(said) else None


class Matching(Strict):
    """The signs of one version."""

    version: str
    threshold: int = Field(ge=1)
    common: int = Field(ge=1)
    signs: tuple[Sign, ...] = Field(min_length=1)

    def readings(self, values: Mapping[Group, Fields]) -> dict[str, str]:
        """Return what each sign says in a message, by its name."""
        said = {each.name: each.reading(values) for each in self.signs}
        return {name: reading for name, reading in said.items() if reading is not None}

    def alike(self, shared: Iterable[tuple[str, str]]) -> list["Likeness"]:
        """Say which cases are alike enough, of (sign, other case) pairs; the likest first."""
        pairs = set(shared)
        counted = {sign: sum(1 for name, _ in pairs if name == sign) for sign, _ in pairs}
        weights = {each.name: each.weight for each in self.signs if counted.get(each.name, 0) <= self.common}
        found: dict[str, list[str]] = {}
        for sign, other in sorted(pairs):
            if sign in weights:
                found.setdefault(other, []).append(sign)
        scored = [
            Likeness(other, tuple(signs), min(MOST, sum(weights[each] for each in signs)))
            for other, signs in found.items()
        ]
        return sorted((each for each in scored if each.score >= self.threshold), key=_likest)


@dataclass(frozen=True, slots=True)
class Likeness:
    """A case that may be about the same person: the signs that are equal, and their weight, at most 100."""

    other: str
    signs: tuple[str, ...]
    score: int


def _normal(values: Mapping[Group, Fields], field: str) -> str:
    group, _, name = field.partition(".")
    value = values.get(Group(group), {}).get(name)
    text = unicodedata.normalize("NFKD", str(value or "")).casefold()
    plain = "".join(each for each in text if not unicodedata.combining(each))
    for letters, others in _WRITTEN_AS:
        plain = plain.replace(letters, others)
    return _DROPPED.sub("", plain)


def _likest(likeness: Likeness) -> tuple[int, str]:
    return -likeness.score, likeness.other


parse_matching: Final = partial(parse, Matching, "signs")
