"""Vocabularies of indicators as data: codes with a weight in a dimension, and the rule to read them by."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from stafet.identification.domain.rules import Code, Text
from stafet_runtime.dated import DataError, Strict, parse

Weight = Literal["strong", "medium", "weak", "none"]


class Label(Strict):
    """A name for people, in Danish and English."""

    da: Text
    en: Text


class Indicator(Label):
    """One sign; `profiles` are the weights of profiles that give it another one."""

    weight: Weight
    profiles: Mapping[Code, Weight] = Field(default_factory=dict[str, Weight])


class Dimension(Label):
    """A part of the definition of trafficking, and its signs by code."""

    codes: Mapping[Code, Indicator]


class Condition(Strict):
    """How many signs of each weight; `other` are those below strong, `signs` those of any weight."""

    strong: int = 0
    medium: int = 0
    weak: int = 0
    other: int = 0
    signs: int = 0

    def holds(self, weights: Iterable[Weight]) -> bool:
        """Say whether signs of these weights suffice."""
        found = list(weights)
        return (
            found.count("strong") >= self.strong
            and found.count("medium") >= self.medium
            and found.count("weak") >= self.weak
            and found.count("medium") + found.count("weak") >= self.other
            and len(found) >= self.signs
        )


class Profile(Label):
    """For whom the signs are read: indicated if of each group in `needs` one dimension is positive."""

    needs: tuple[frozenset[Code], ...] = Field(min_length=1)


class Vocabulary(Strict):
    """One version of a set of indicators, in force from a day. Without `rule` nothing is advised.

    `source` says where the signs are from, `note` how far to trust them. The first profile is the usual one.
    """

    set: Code
    version: Text
    valid_from: date
    source: Text
    note: Text
    label: Label
    rule: tuple[Condition, ...] = ()
    profiles: Mapping[Code, Profile]
    dimensions: Mapping[Code, Dimension]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        signs = [pair for each in self.dimensions.values() for pair in each.codes.items()]
        codes = [code for code, _ in signs]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        needed = {name for each in self.profiles.values() for group in each.needs for name in group}
        weighed = {name for _, sign in signs for name in sign.profiles}
        lost = sorted(needed - self.dimensions.keys()) + sorted(weighed - self.profiles.keys())
        if twice or lost:
            raise ValueError(f"named twice: {', '.join(twice)}; named and not there: {', '.join(lost)}")
        if self.rule and not self.profiles:
            raise ValueError("a rule needs a profile to advise for")
        return self

    @property
    def name(self) -> str:
        """The set and its version, e.g. `unodc@2009`."""
        return f"{self.set}@{self.version}"

    def known(self, code: str) -> bool:
        """Say whether it has a sign by this code."""
        return any(code in each.codes for each in self.dimensions.values())


class Vocabularies:
    """All vocabularies, every version of each."""

    def __init__(self, loaded: Iterable[Vocabulary]) -> None:
        self._newest_first = sorted(loaded, key=lambda each: each.valid_from, reverse=True)
        names = [each.name for each in self._newest_first]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise DataError(f"two vocabularies of one name: {', '.join(twice)}")

    def find(self, name: str, on: date) -> Vocabulary | None:
        """Find a version by `set@version`, or by the set alone the one in force on a day."""
        for each in self._newest_first:
            if name == each.name or (name == each.set and each.valid_from <= on):
                return each
        return None


parse_vocabulary: Final = partial(parse, Vocabulary, "vocabulary")
