"""Real case profiles without persons, from the Counter-Trafficking Data Collaborative.

Source: ctdatacollaborative.org; see the README beside this file.
"""

import csv
import random
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

_FILE: Final = "profiles.csv"


@dataclass(frozen=True, slots=True)
class Profile:
    """One row of the dataset in the words of the source; `age_band` without the word Age: `9-17`."""

    year: int
    source: str
    gender: str
    citizenship: str
    control: str
    recruiter: str
    exploitation: str
    labour: str
    age_band: str


@cache
def all_profiles() -> tuple[Profile, ...]:
    """Read every profile in the order of the file (622)."""
    text = (resources.files("stafet_sdk.synthetic") / _FILE).read_text(encoding="utf-8")
    return tuple(_profile(row) for row in csv.DictReader(text.splitlines()))


def profiles(seed: int, count: int) -> list[Profile]:
    """Draw `count` profiles: a shuffle of all by `seed`, begun again when it is used up."""
    shuffled = list(all_profiles())
    random.Random(f"profiles/{seed}").shuffle(shuffled)  # noqa: S311 - a seeded simulation, no secret
    return [shuffled[index % len(shuffled)] for index in range(count)]


def _profile(row: dict[str, str]) -> Profile:
    return Profile(
        year=int(row["yearOfRegistration"]),
        source=row["Datasource"],
        gender=row["gender"],
        citizenship=row["citizenship"],
        control=row["ControlCategory"],
        recruiter=row["RecruiterCategory"],
        exploitation=row["ExploitType"],
        labour=row["Labor_Type"],
        age_band=row["ageCategories"].removeprefix("Age "),
    )
