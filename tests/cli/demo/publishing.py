"""Puts events and raw records on real topics, as the relay would."""

from collections.abc import Sequence

from stafet_runtime.broker import create_topics, make_producer
from stafet_schemas.codec import encode
from stafet_schemas.event import Event
from stafet_schemas.topics import topics


async def make_topics(bootstrap: str, prefix: str) -> None:
    """Create all topics of the hub."""
    await create_topics(bootstrap, topics().values(), prefix=prefix)


async def publish(bootstrap: str, prefix: str, events: Sequence[Event]) -> None:
    """Append events to their topics, each as the codec writes it."""
    async with make_producer(bootstrap, "test") as producer:
        for event in events:
            key, headers, value = encode(event)
            await producer.send_and_wait(prefix + event.topic, value, key=key, headers=headers)
