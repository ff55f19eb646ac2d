"""Steps as rows of the table `events`, both ways."""

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any, Final

import asyncpg
from pydantic_core import from_json, to_json

from stafet.console.domain.steps import Step

COLUMNS: Final[Mapping[str, str]] = {
    "id": "uuid",
    "type": "text",
    "topic": "text",
    "time": "timestamptz",
    "recorded": "timestamptz",
    "source": "text",
    "correlation": "text",
    "causation": "uuid",
    "matter": "text",
    "anchored": "boolean",
    "message": "text",
    "referral": "text",
    "agency": "text",
    "rung": "text",
    "reason": "text",
    "part": "text",
    "data": "jsonb",
}
NAMES: Final = ", ".join(COLUMNS)
VALUES: Final = attrgetter(*list(COLUMNS)[:-1])
ARRAYS: Final = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(COLUMNS.values(), 1))


def to_rows(steps: Iterable[Step]) -> list[tuple[Any, ...]]:
    """Turn steps into rows with the values of all COLUMNS."""
    return [(*VALUES(step), to_json(step.data).decode()) for step in steps]


def to_step(row: asyncpg.Record) -> Step:
    """Turn a row with all COLUMNS into its step."""
    values: dict[str, Any] = dict(row)
    values["id"] = str(values["id"])
    values["causation"] = values["causation"] and str(values["causation"])
    values["data"] = from_json(values["data"])
    return Step(**values)
