"""Which fields of an event carry which group, nested ones included."""

from collections.abc import Iterator
from typing import Any

from stafet_cli.generate_jsonschema import event_schema
from stafet_schemas.event import Event
from stafet_schemas.groups import CODED, GROUP_KEYWORD, Group

Schema = dict[str, Any]


def group_problems(event: type[Event]) -> list[str]:
    """Name each field of the data without a group, with an unknown one, or with one of the vault alone."""
    data: Schema = event_schema(event)["properties"]["data"]
    return [f"{event.__name__}.{path}: {said}" for path, said in _problems(data, "")]


def _problems(schema: Schema, prefix: str) -> Iterator[tuple[str, str]]:
    if schema.get("additionalProperties"):
        yield prefix.rstrip("."), "a mapping with free keys cannot be marked field by field"
    for name, field in schema.get("properties", {}).items():
        path = f"{prefix}{name}"
        group = field.get(GROUP_KEYWORD)
        if group is None:
            yield path, "carries no group; mark it as in stafet_schemas/groups.py"
        elif group not in set(Group):
            yield path, f"carries a group that does not exist: {group}"
        elif group not in CODED:
            yield path, f"belongs to the vault alone ({group}); events carry references"
        for part in (field, field.get("items", {}), *field.get("anyOf", ())):
            yield from _problems(part, f"{path}.")
