"""The consumer groups of services from outside: how far they had read, and that nobody reads."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import IllegalGenerationError, KafkaError, RebalanceInProgressError, UnknownMemberIdError
from aiokafka.structs import OffsetAndMetadata

from stafet_runtime.broker import REQUEST_TIMEOUT_MS

PATIENCE_S: Final = 15.0
COORDINATOR_AWAY: Final = 15
"""Kafka's number for `COORDINATOR_NOT_AVAILABLE`."""
PAUSE_S: Final = 0.1

Offsets = Mapping[TopicPartition, int]
TAKEN = (UnknownMemberIdError, IllegalGenerationError, RebalanceInProgressError)
"""What Kafka answers who commits for a group that others are in."""


class GroupBusyError(Exception):
    """Somebody is in the group."""


async def read_by(bootstrap: str, groups: Sequence[str]) -> dict[str, Offsets]:
    """Return how far each group has committed.

    Raises:
        aiokafka.errors.KafkaError: the broker does not answer.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap.split(","), request_timeout_ms=REQUEST_TIMEOUT_MS)
    await admin.start()
    try:
        offsets = {each: await _offsets(admin, each) for each in groups}
    finally:
        await admin.close()
    return {
        group: {place: each.offset for place, each in found.items() if each.offset >= 0}
        for group, found in offsets.items()
    }


async def _offsets(admin: AIOKafkaAdminClient, group: str) -> Mapping[TopicPartition, OffsetAndMetadata]:
    """Ask with patience: who asks a new cluster first has it make the place where offsets are kept."""
    begun = time.monotonic()
    while True:
        try:
            return await admin.list_consumer_group_offsets(group)
        except KafkaError as error:
            if error.errno != COORDINATOR_AWAY or time.monotonic() - begun > PATIENCE_S:
                raise
        await asyncio.sleep(PAUSE_S)


async def commit(bootstrap: str, group: str, ends: Offsets) -> None:
    """Say for a group that nobody is in how far it has read.

    Raises:
        GroupBusyError: somebody is in it.
        aiokafka.errors.KafkaError: the broker does not answer.
    """
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap.split(","), group_id=group, enable_auto_commit=False
    ) as consumer:
        consumer.assign(list(ends))
        try:
            await consumer.commit(dict(ends))
        except TAKEN as error:
            raise GroupBusyError from error
