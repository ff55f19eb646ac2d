"""Steps as rows of the table `events`, both ways."""

from collections.abc import Mapping, Sequence
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
ARRAYS: Final = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(COLUMNS.values(), 1))


def to_columns(steps: Sequence[Step]) -> list[list[Any]]:
    """Turn steps into one array per column, in the order of COLUMNS."""
    return [[_value(step, name) for step in steps] for name in COLUMNS]


def to_step(row: asyncpg.Record) -> Step:
    """Turn a row with all COLUMNS into its step."""
    values: dict[str, Any] = {name: row[name] for name in COLUMNS}
    values["id"] = str(values["id"])
    values["causation"] = values["causation"] and str(values["causation"])
    values["data"] = from_json(values["data"])
    return Step(**values)


def _value(step: Step, name: str) -> Any:  # noqa: ANN401 - whatever the column holds
    value = getattr(step, name)
    return to_json(value).decode() if name == "data" else value
