from datetime import timedelta

import pytest

from stafet_cli.demo.topic_reader import hub_reader, reading
from tests.cli.demo.played import START, Played, whole
from tests.cli.demo.publishing import make_topics, publish
from tests.fakes.kafka_client import create_topic, send


class TestHubReader:
    async def test_gathers_the_events_of_all_topics(self, kafka: str, topic_prefix: str) -> None:
        played = whole()
        await make_topics(kafka, topic_prefix)
        await publish(kafka, topic_prefix, played.events)

        async with hub_reader(kafka, topic_prefix) as hub:
            facts = await hub.read()

        assert facts == played.hub
        assert facts.received["police", "r-t-1"] == START + timedelta(milliseconds=1)

    async def test_goes_on_where_it_was(self, kafka: str, topic_prefix: str) -> None:
        played = Played()
        await make_topics(kafka, topic_prefix)
        async with hub_reader(kafka, topic_prefix) as hub:
            assert (await hub.read()).received == {}
            played.refer(1)
            await publish(kafka, topic_prefix, played.events)
            assert (await hub.read()).closed == {"r-1"}
            before = len(played.events)
            played.refer(2)
            await publish(kafka, topic_prefix, played.events[before - 2 :])
            assert await hub.read() == played.hub

    async def test_names_the_place_of_a_record_that_is_no_event(self, kafka: str, topic_prefix: str) -> None:
        await make_topics(kafka, topic_prefix)
        await send(kafka, f"{topic_prefix}stafet-case-v1", b"{}")

        async with hub_reader(kafka, topic_prefix) as hub:
            [place] = (await hub.read()).undecodable

        assert place.startswith(f"{topic_prefix}stafet-case-v1/")

    async def test_leaves_the_topics_of_others_alone(self, kafka: str, topic_prefix: str) -> None:
        await make_topics(kafka, topic_prefix)
        await create_topic(kafka, f"other-{topic_prefix}")
        await send(kafka, f"other-{topic_prefix}", b"{}")

        async with hub_reader(kafka, topic_prefix) as hub:
            assert (await hub.read()).undecodable == []


class TestReading:
    async def test_gives_the_records_of_a_key_in_their_order(self, kafka: str, topic_prefix: str) -> None:
        await create_topic(kafka, f"{topic_prefix}x", partitions=3)
        values = [str(number).encode() for number in range(1200)]
        await send(kafka, f"{topic_prefix}x", *values)

        async with reading(kafka, topic_prefix) as topics:
            assert [record.value async for record in topics.new()] == values

    async def test_of_no_topic_is_refused(self, kafka: str, topic_prefix: str) -> None:
        with pytest.raises(LookupError, match="no topic"):
            async with reading(kafka, f"none-{topic_prefix}"):
                raise AssertionError
