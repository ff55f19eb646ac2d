"""Invented people, the same for the same seed; a search for their long and unique values finds leaks.

Words are ten or more letters of syllables: no language has them, and they do not turn up by accident.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

# Ages count to this day, so that people stay the same whenever they are made.
AGES_ON: Final = date(2024, 1, 1)

_CONSONANTS: Final = "bdfghjklmnprstvxz"
_VOWELS: Final = "aeiouy"
_OLDEST: Final = 70
_SECOND_MILLENNIUM: Final = 2000


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """Nobody. `birth_date` is ISO 8601, `person_number` DDMMYY-SSSS, `phrase` is a part of `text`."""

    first_name: str
    last_name: str
    birth_date: str
    person_number: str
    phone: str
    email: str
    address: str
    phrase: str
    text: str

    def values(self) -> list[str]:
        """Every value that must never be found outside the vault."""
        return [
            self.first_name,
            self.last_name,
            self.birth_date,
            self.person_number,
            self.phone,
            self.email,
            self.address,
            self.phrase,
        ]


def people(seed: int, age_bands: Sequence[str]) -> list[Person]:
    """Make one person per age band (`9-17`, `48+`, ...); no two share a value but a birth date."""
    source = random.Random(f"people/{seed}")  # noqa: S311 - a seeded simulation, no secret
    used: set[str] = set()
    return [_person(source, band, used) for band in age_bands]


def _person(source: random.Random, band: str, used: set[str]) -> Person:
    first, last = (_fresh(source, used).capitalize() for _ in range(2))
    born = _birth_date(source, band)
    street, town, domain = (_fresh(source, used) for _ in range(3))
    phrase = " ".join(_fresh(source, used) for _ in range(3))
    return Person(
        first_name=first,
        last_name=last,
        birth_date=born.isoformat(),
        person_number=f"{born:%d%m%y}-{_serial(source, used, born)}",
        phone=f"+45 0{_digits(source, 7, used)}",
        email=f"{first.lower()}.{last.lower()}@{domain}.example",
        address=f"{street.capitalize()} Allé {source.randint(1, 99)}, {town.capitalize()}",
        phrase=phrase,
        text=f"Personen blev truffet under en kontrol og ønsker hjælp. Egne ord om stedet: {phrase}.",
    )


def _fresh(source: random.Random, used: set[str]) -> str:
    while True:
        word = "".join(source.choice(_CONSONANTS) + source.choice(_VOWELS) for _ in range(5))
        if word not in used:
            used.add(word)
            return word


def _digits(source: random.Random, count: int, used: set[str]) -> str:
    while True:
        digits = "".join(source.choice("0123456789") for _ in range(count))
        if digits not in used:
            used.add(digits)
            return digits


def _serial(source: random.Random, used: set[str], born: date) -> str:
    """Draw a CPR number's last four digits; the first is of the century of birth."""
    while True:
        first, *others = (source.choice("0123456789") for _ in range(4))
        century = 4 + int(first) % 6 if born.year >= _SECOND_MILLENNIUM else 1 + int(first) % 3
        serial = f"{century}{''.join(others)}"
        if (number := f"{born:%d%m%y}-{serial}") not in used:
            used.add(number)
            return serial


def _birth_date(source: random.Random, band: str) -> date:
    low, _, high = band.removesuffix("+").partition("-")
    youngest = int(low)
    oldest = int(high) if high else _OLDEST
    days = source.randint(youngest * 365 + youngest // 4 + 1, (oldest + 1) * 365 + oldest // 4 - 1)
    return AGES_ON - timedelta(days=days)
