"""JSON Schema 2020-12 of every event, attributes and data in one document, in the CloudEvents JSON form.

The documents are open (readers ignore what they do not know) and hold no references, so that other documents
(AsyncAPI, OpenAPI) can point into them. `x-group` and `x-codelist` are carried over from the field's mark.
Source: https://json-schema.org/draft/2020-12, https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

import json
from functools import cache
from typing import Any, Final, TypeAlias, cast

from stafet_schemas.event import PREFIX, Event
from stafet_schemas.registry import events_of
from stafet_schemas.topics import topics

Schema = dict[str, Any]
Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
ALWAYS: Final = ("specversion", "type")
"""Attributes that have a default in the class, and that CloudEvents wants in every message all the same."""


def short_type(event: type[Event]) -> str:
    """Shorten a type to what its files are called, e.g. `referral.submitted.v1`."""
    return event.type_name().removeprefix(PREFIX)


def events() -> list[type[Event]]:
    """List the event classes topic by topic, in an order that does not depend on who imported what first."""
    return [event for name in topics() for event in events_of(name)]


@cache
def event_schema(event: type[Event]) -> Schema:
    """Describe one event class as a JSON Schema document; it is made once, so leave it as it is.

    Raises:
        RecursionError: a model contains itself; such data cannot be described without references.
    """
    raw = event.model_json_schema()
    body = cast("Schema", _untitled(_inlined(raw, raw.pop("$defs", {}))))
    required = [name for name in body["properties"] if name in {*body["required"], *ALWAYS}]
    return {
        "$schema": DIALECT,
        "$id": f"urn:stafet:event:{short_type(event)}",
        "title": event.__name__,
        **{name: body[name] for name in ("description", "type", "properties")},
        "required": required,
    }


def render(schema: Schema) -> str:
    """Write a schema the way it is committed: two spaces, UTF-8, a newline at the end."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _inlined(node: Json, definitions: dict[str, dict[str, Json]]) -> Json:
    if isinstance(node, list):
        return [_inlined(each, definitions) for each in node]
    if not isinstance(node, dict):
        return node
    beside = {name: each for name, each in node.items() if name != "$ref"}
    reference = node.get("$ref")
    if isinstance(reference, str):
        return _inlined({**definitions[reference.removeprefix("#/$defs/")], **beside}, definitions)
    return {name: _inlined(each, definitions) for name, each in beside.items()}


def _untitled(node: Json) -> Json:
    """Drop the titles that pydantic derives from field names; they say nothing that the name does not."""
    if isinstance(node, list):
        return [_untitled(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        name: _untitled(each) for name, each in node.items() if name != "title" or not isinstance(each, str)
    }
