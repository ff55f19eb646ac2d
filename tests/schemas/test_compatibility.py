"""The stored schemas are the baseline: today's classes must fit them both ways."""

from typing import Any

import pytest

from stafet_cli.compatibility import breaks
from stafet_cli.generate_jsonschema import event_schema, events, short_type
from tests.schemas.stored import STORED

REASON = {"type": "string", "x-group": "routing", "x-codelist": "rejection", "default": "unknown"}
OLD: dict[str, Any] = {
    "type": "object",
    "properties": {
        "case": {"type": "string", "x-group": "routing"},
        "reason": REASON,
        "parts": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer"}}}},
    },
    "required": ["case"],
}
NOTE = {"type": "string", "x-group": "routing"}


def with_field(
    name: str, schema: dict[str, Any] | None, *, required: tuple[str, ...] = ("case",)
) -> dict[str, Any]:
    fields = {**OLD["properties"], name: schema}
    kept = {each: field for each, field in fields.items() if field is not None}
    return {**OLD, "properties": kept, "required": list(required)}


class TestStoredSchemas:
    @pytest.mark.parametrize("event", events(), ids=short_type)
    def test_fit_the_classes_both_ways(self, event: Any) -> None:  # noqa: ANN401 - parametrised class
        problems = breaks(STORED[short_type(event)], event_schema(event))

        assert problems == [], (
            "run `python -m stafet_cli.generate`: it names the command that accepts a new version"
        )

    def test_belong_to_the_classes_one_to_one(self) -> None:
        assert sorted(STORED) == sorted(short_type(event) for event in events())


class TestAllowed:
    @pytest.mark.parametrize(
        "new",
        [
            pytest.param(OLD, id="nothing changed"),
            pytest.param(with_field("note", NOTE), id="optional field added"),
            pytest.param(with_field("reason", None), id="optional field removed"),
            pytest.param({**OLD, "description": "Another text."}, id="description changed"),
            pytest.param(
                {**OLD, "properties": dict(reversed(OLD["properties"].items()))}, id="order changed"
            ),
        ],
    )
    def test_breaks_nobody(self, new: dict[str, Any]) -> None:
        assert breaks(OLD, new) == []


FORBIDDEN: dict[str, tuple[dict[str, Any], str]] = {
    "required field added": (
        with_field("note", NOTE, required=("case", "note")),
        "note: is new and required",
    ),
    "required field removed": (with_field("case", None, required=()), "case: was required and is gone"),
    "optional becomes required": (
        with_field("reason", REASON, required=("case", "reason")),
        "reason: is now required",
    ),
    "required becomes optional": (with_field("case", NOTE, required=()), "case: was required"),
    "type changed": (
        with_field("case", {**NOTE, "type": "integer"}),
        "case: type was 'string', is 'integer'",
    ),
    "type widened": (with_field("case", {"anyOf": [NOTE, {"type": "null"}]}), "case: anyOf was absent"),
    "narrowed": (with_field("case", {**NOTE, "maxLength": 36}), "case: maxLength was absent, is 36"),
    "pattern added": (with_field("case", {**NOTE, "pattern": "^a"}), "case: pattern was absent"),
    "format added": (with_field("case", {**NOTE, "format": "uuid"}), "case: format was absent"),
    "enum added": (with_field("case", {**NOTE, "enum": ["a"]}), "case: enum was absent"),
    "group changed": (with_field("case", {**NOTE, "x-group": "residence"}), "case: x-group was 'routing'"),
    "code list changed": (
        with_field("reason", {**REASON, "x-codelist": "failure"}),
        "reason: x-codelist was",
    ),
    "default changed": (
        with_field("reason", {**REASON, "default": "other"}),
        "reason: default was 'unknown'",
    ),
    "items changed": (with_field("parts", {"type": "array", "items": NOTE}), "parts[]: type was 'object'"),
    "items left open": (with_field("parts", {"type": "array"}), "parts: the type of the items changed"),
    "closed": ({**OLD, "additionalProperties": False}, "the document: additionalProperties was absent"),
}


class TestForbidden:
    @pytest.mark.parametrize("kind", FORBIDDEN)
    def test_is_named_by_field_and_kind(self, kind: str) -> None:
        new, said = FORBIDDEN[kind]

        assert any(each.startswith(said) for each in breaks(OLD, new)), breaks(OLD, new)

    def test_is_forbidden_backwards_too_where_it_narrows_or_widens(self) -> None:
        widened = with_field("case", {**NOTE, "maxLength": 36})

        assert breaks(widened, OLD) == ["case: maxLength was 36, is absent"]

    def test_a_rename_is_a_loss_and_an_addition(self) -> None:
        renamed = with_field("case", None, required=("matter",))
        renamed["properties"]["matter"] = NOTE

        assert [each.partition(":")[0] for each in breaks(OLD, renamed)] == ["case", "matter"]
