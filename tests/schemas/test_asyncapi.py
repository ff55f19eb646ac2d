"""The AsyncAPI document holds together: references resolve, and it says what the topic files say."""

import json
import re
from typing import Any

import pytest
import yaml

from stafet_cli.generate_asyncapi import asyncapi
from stafet_cli.generate_jsonschema import Json
from stafet_schemas.codec import encode
from stafet_schemas.registry import EVENTS, events_of
from stafet_schemas.topics import Topic, topics
from tests.schemas.stored import EXAMPLES, SCHEMAS, event_of

DOCUMENT: dict[str, Any] = yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text(encoding="utf-8"))
TOPICS = topics()


def references(node: Json) -> list[str]:
    if isinstance(node, dict):
        own = [str(node["$ref"])] if "$ref" in node else []
        return own + [found for each in node.values() for found in references(each)]
    return [found for each in node for found in references(each)] if isinstance(node, list) else []


def resolved(reference: str) -> Any:  # noqa: ANN401 - any JSON value
    file, _, pointer = reference.partition("#/")
    node: Any = json.loads((SCHEMAS / file).read_text(encoding="utf-8")) if file else DOCUMENT
    for step in pointer.split("/"):
        node = node[step]
    return node


class TestDocument:
    def test_is_asyncapi_3_with_the_parts_it_wants(self) -> None:
        assert DOCUMENT["asyncapi"] == "3.0.0"
        assert {"title", "version"} <= set(DOCUMENT["info"])
        assert set(DOCUMENT) <= {
            "asyncapi",
            "info",
            "defaultContentType",
            "channels",
            "operations",
            "components",
        }

    def test_is_plain_yaml_of_what_is_generated(self) -> None:
        assert asyncapi() == DOCUMENT

    def test_resolves_all_its_references(self) -> None:
        found = references(DOCUMENT)

        assert len(found) > len(EVENTS)
        assert [each for each in found if not isinstance(resolved(each), dict)] == []

    def test_uses_names_that_the_standard_allows(self) -> None:
        parts = DOCUMENT["components"]
        names = [*DOCUMENT["channels"], *DOCUMENT["operations"], *parts["messages"], *parts["schemas"]]

        assert [name for name in names if not re.fullmatch(r"[A-Za-z0-9._-]+", name)] == []


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
class TestChannel:
    def test_carries_the_events_of_its_topic(self, topic: Topic) -> None:
        messages = DOCUMENT["channels"][topic.name]["messages"].values()

        assert [resolved(each["$ref"])["name"] for each in messages] == [
            e.type_name() for e in events_of(topic.name)
        ]

    def test_has_the_partitions_size_and_days_of_its_topic(self, topic: Topic) -> None:
        kafka = DOCUMENT["channels"][topic.name]["bindings"]["kafka"]

        assert kafka["partitions"] == topic.partitions
        assert kafka["topicConfiguration"]["retention.ms"] == topic.retention_days * 24 * 3600 * 1000
        assert kafka["topicConfiguration"]["max.message.bytes"] == topic.max_message_bytes

    def test_is_sent_and_received_by_the_services_of_its_topic(self, topic: Topic) -> None:
        here = f"#/channels/{topic.name}"
        own = {
            name: each["action"]
            for name, each in DOCUMENT["operations"].items()
            if each["channel"]["$ref"] == here
        }

        assert own == {
            **{f"{service}-send-{topic.name}": "send" for service in topic.producers},
            **{f"{service}-receive-{topic.name}": "receive" for service in topic.consumers},
        }

    def test_is_received_by_groups_named_after_their_service(self, topic: Topic) -> None:
        for service in topic.consumers:
            kafka = DOCUMENT["operations"][f"{service}-receive-{topic.name}"]["bindings"]["kafka"]
            assert kafka["groupId"]["const"] == service


class TestMessages:
    def test_are_the_events(self) -> None:
        assert sorted(each["name"] for each in DOCUMENT["components"]["messages"].values()) == sorted(EVENTS)

    @pytest.mark.parametrize("name", DOCUMENT["components"]["messages"])
    def test_have_key_payload_and_headers(self, name: str) -> None:
        message = DOCUMENT["components"]["messages"][name]

        assert message["bindings"]["kafka"]["key"]["type"] == "string"
        assert message["payload"]["$ref"] == f"./jsonschema/{name}.json#/properties/data"
        assert message["headers"]["properties"]["ce_type"]["const"] == message["name"]

    @pytest.mark.parametrize("name", EXAMPLES)
    def test_describe_the_headers_that_the_codec_writes(self, name: str) -> None:
        headers = dict(encode(event_of(EXAMPLES[name]))[1])
        described = DOCUMENT["components"]["schemas"]["CloudEventHeaders"]

        assert set(described["required"]) <= set(headers) <= set(described["properties"])
