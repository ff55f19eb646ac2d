import re

import pytest

from stafet_schemas.codec import MAX_DATA_BYTES, data_class
from stafet_schemas.event import Event
from stafet_schemas.registry import EVENTS, events_of
from stafet_schemas.topics import Topic, topics
from tests.schemas.stored import ROOT

SERVICES = {each.parent.name for each in (ROOT / "services" / "stafet").glob("*/__init__.py")}
TOPICS = topics()


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
class TestTopic:
    def test_has_a_name_that_kafka_metrics_keep_apart(self, topic: Topic) -> None:
        assert re.fullmatch(r"stafet-[a-z]+-v[0-9]+", topic.name)

    def test_stands_in_the_file_of_its_name(self, topic: Topic) -> None:
        assert (ROOT / "schemas" / "stafet_schemas" / "topics" / f"{topic.name}.toml").is_file()

    def test_says_what_it_is_for(self, topic: Topic) -> None:
        assert topic.description.endswith(".")
        assert topic.dead_letter
        assert topic.key

    def test_is_owned_by_one_of_its_producers(self, topic: Topic) -> None:
        assert topic.owner in topic.producers

    def test_is_written_and_read_by_services_that_exist(self, topic: Topic) -> None:
        assert {*topic.producers, *topic.consumers} - SERVICES == set()

    def test_is_read_by_the_console(self, topic: Topic) -> None:
        assert "console" in topic.consumers

    def test_has_events(self, topic: Topic) -> None:
        assert events_of(topic.name)

    def test_takes_the_largest_event_and_its_headers(self, topic: Topic) -> None:
        assert topic.max_message_bytes >= MAX_DATA_BYTES + 16 * 1024

    def test_keeps_events_for_days_and_not_for_ever(self, topic: Topic) -> None:
        assert 1 <= topic.retention_days <= 90


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
class TestEventClass:
    def test_has_a_topic_that_exists(self, event: type[Event]) -> None:
        assert event.topic in TOPICS

    def test_has_a_key_and_a_matter_that_are_required_fields(self, event: type[Event]) -> None:
        fields = data_class(event).model_fields

        assert fields[event.key_field].is_required()
        assert fields[event.correlation_field].is_required()

    def test_has_a_type_of_subject_past_tense_and_version(self, event: type[Event]) -> None:
        past = (
            r"(([a-z]+_)*[a-z]+ed(_[a-z]+)*|([a-z]+_)?(made|given|chosen|withdrawn|sent|held|found|left|met|set|split)"
            r"|in_progress|fell_back|handed_over|missing|payment_due|reported_missing|linked_possible_duplicate)"
        )

        assert re.fullmatch(rf"dk\.cmm\.stafet\.[a-z_]+\.{past}\.v[1-9][0-9]*", event.type_name())

    def test_is_named_after_its_type(self, event: type[Event]) -> None:
        _, _, version = event.type_name().rpartition(".v")
        words = event.short_name().replace("_", ".").split(".")
        suffix = "" if version == "1" else f"V{version}"

        assert event.__name__ == "".join(word.capitalize() for word in words) + suffix

    def test_says_what_happened(self, event: type[Event]) -> None:
        assert (event.__doc__ or "").strip().endswith(".")

    def test_is_frozen_and_open_to_newer_writers(self, event: type[Event]) -> None:
        for model in (event, data_class(event)):
            assert model.model_config.get("frozen") is True
            assert model.model_config.get("extra") == "ignore"
