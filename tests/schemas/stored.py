"""What is stored beside the contract, read for the tests: examples and schemas by their names."""

import json
from pathlib import Path
from typing import Any, Final

from stafet_schemas.event import Event
from stafet_schemas.registry import EVENTS

ROOT: Final = Path(__file__).parents[2]
SCHEMAS: Final = ROOT / "schemas"

EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    f"{file.parent.name}/{file.stem}": json.loads(file.read_text(encoding="utf-8"))
    for file in sorted(SCHEMAS.glob("examples/*/*.json"))
}
"""CloudEvents in JSON form, by `subject.past_tense/number`."""

STORED: Final[dict[str, dict[str, Any]]] = {
    file.stem: json.loads(file.read_text(encoding="utf-8"))
    for file in sorted(SCHEMAS.glob("jsonschema/*.json"))
}
"""JSON Schema documents, by `subject.past_tense.vN`."""


def event_of(example: dict[str, Any]) -> Event:
    """Read an example in JSON form as its event class does.

    Raises:
        KeyError: no event class has its type.
        ValidationError: it does not fit.
    """
    return EVENTS[example["type"]].model_validate_json(json.dumps(example))
