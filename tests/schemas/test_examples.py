"""Every example is a test: of its schema, of the class, of the codec, and of an independent reader."""

import json
import re
from collections import Counter
from datetime import datetime
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat

from jsonschema import Draft202012Validator, FormatChecker
from stafet_cli.generate_jsonschema import short_type
from stafet_schemas.codec import CONTENT_TYPE, decode, encode
from stafet_schemas.codes import CODE_LISTS
from stafet_schemas.registry import EVENTS
from tests.schemas.stored import EXAMPLES, STORED, event_of

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01")

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@pytest.mark.parametrize("name", EXAMPLES)
class TestExample:
    def test_fits_its_json_schema_with_formats(self, name: str) -> None:
        example = EXAMPLES[name]
        schema = STORED[short_type(EVENTS[example["type"]])]

        Draft202012Validator.check_schema(schema)
        # The stubs of jsonschema leave a parameter of `validate` without a type.
        Draft202012Validator(schema, format_checker=FORMATS).validate(example)  # pyright: ignore[reportUnknownMemberType]

    def test_is_filed_under_its_type(self, name: str) -> None:
        assert name.partition("/")[0] == EVENTS[EXAMPLES[name]["type"]].short_name()

    def test_survives_binary_mode_unchanged(self, name: str) -> None:
        event = event_of(EXAMPLES[name])
        key, headers, value = encode(event)

        assert decode(headers, value) == event
        assert key.decode() == EXAMPLES[name]["partitionkey"]
        assert json.loads(value) == EXAMPLES[name]["data"]

    def test_is_read_by_the_cloudevents_package_as_we_read_it(self, name: str) -> None:
        event = event_of(EXAMPLES[name])
        key, headers, value = encode(event)

        foreign = from_binary(KafkaMessage(headers=dict(headers), key=key, value=value), JSONFormat())

        attributes = foreign.get_attributes()
        assert attributes["type"] == event.type
        assert attributes["time"] == event.time
        assert attributes["partitionkey"] == event.partitionkey
        assert dict(headers)[CONTENT_TYPE].decode() == attributes["datacontenttype"]
        assert foreign.get_data() == EXAMPLES[name]["data"]

    def test_is_read_by_the_cloudevents_package_in_json_form(self, name: str) -> None:
        foreign = JSONFormat().read(None, json.dumps(EXAMPLES[name]))

        assert foreign.get_id() == EXAMPLES[name]["id"]
        assert foreign.get_data() == EXAMPLES[name]["data"]

    def test_is_written_closed(self, name: str) -> None:
        event = event_of(EXAMPLES[name])

        assert set(EXAMPLES[name]) <= set(type(event).model_fields)
        assert set(EXAMPLES[name]["data"]) == set(type(event.data).model_fields)

    def test_carries_key_matter_and_ids_as_the_runtime_fills_them(self, name: str) -> None:
        event = event_of(EXAMPLES[name])

        assert event.partitionkey == getattr(event.data, event.key_field)
        assert event.correlationid == getattr(event.data, event.correlation_field)
        assert UUID7.fullmatch(event.id)
        assert TRACEPARENT.fullmatch(event.traceparent or "")
        assert event.source.startswith("/stafet/")

    def test_uses_known_codes_only(self, name: str) -> None:
        data = EXAMPLES[name]["data"]
        marked: dict[str, Any] = STORED[short_type(EVENTS[EXAMPLES[name]["type"]])]["properties"]["data"][
            "properties"
        ]
        for field, schema in marked.items():
            codes = data[field] if isinstance(data[field], list) else [data[field]]
            if "x-codelist" in schema:
                assert all(
                    CODE_LISTS[schema["x-codelist"]].known(code) for code in codes if code is not None
                ), field


class TestExamplesTogether:
    def test_every_event_has_two_or_more(self) -> None:
        counted = Counter(example["type"] for example in EXAMPLES.values())

        assert [kind for kind in EVENTS if counted[kind] < 2] == []

    def test_every_example_belongs_to_an_event(self) -> None:
        assert {example["type"] for example in EXAMPLES.values()} <= set(EVENTS)

    def test_no_two_have_the_same_id(self) -> None:
        counted = Counter(example["id"] for example in EXAMPLES.values())

        assert [each for each, count in counted.items() if count > 1] == []

    def test_causes_that_are_examples_came_first(self) -> None:
        by_id = {example["id"]: example for example in EXAMPLES.values()}
        pairs = [(by_id[e["causationid"]], e) for e in EXAMPLES.values() if e.get("causationid") in by_id]

        assert len(pairs) > len(EVENTS)
        assert [effect["id"] for cause, effect in pairs if cause["time"] >= effect["time"]] == []
