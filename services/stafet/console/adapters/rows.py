"""Steps as rows of the table `events`, both ways."""

from collections.abc import Iterable, Mapping
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
# A driver's UUID is no text, and to make one of it costs more than all else about a row.
SELECTED: Final = ", ".join(f"{name}::text" if kind == "uuid" else name for name, kind in COLUMNS.items())
ARRAYS: Final = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(COLUMNS.values(), 1))


def to_rows(steps: Iterable[Step]) -> list[tuple[Any, ...]]:
    """Turn steps into rows with the values of all COLUMNS."""
    return [(*step[:-1], to_json(step.data).decode()) for step in steps]


def to_step(row: asyncpg.Record) -> Step:
    """Turn a row with SELECTED into its step: they are the columns, in the order of its fields."""
    *values, data = row.values()
    return Step._make((*values, from_json(data)))
