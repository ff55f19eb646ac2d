"""Several partitions read as one log: their records in the order in which they were written.

Each partition keeps its own order; between partitions the broker's time decides, then the time at which the
hub wrote the event down. So an effect comes after its cause, and the same log gives the same order each time.
"""

from collections import deque
from collections.abc import AsyncGenerator, Mapping
from heapq import heappop, heappush, heapreplace
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

Record = ConsumerRecord[bytes | None, bytes | None]
Ends = Mapping[TopicPartition, int]
Head = tuple[int, bytes, TopicPartition]

RECORDED: Final = "ce_recordedtime"
POLL_MS: Final = 1000
AHEAD: Final = 500
"""A partition of which so many records wait here is not fetched on."""


class Merge:
    """Reads what stands below `ends` in each partition; what waits here is bounded, not what was read."""

    def __init__(self, consumer: AIOKafkaConsumer, ends: Ends) -> None:
        self._consumer = consumer
        self._ends = ends
        self._waiting: dict[TopicPartition, deque[Record]] = {each: deque() for each in ends}
        self._heads: list[Head] = []

    async def batches(self, size: int) -> AsyncGenerator[list[Record]]:
        """Yield all records, `size` at a time.

        Raises:
            aiokafka.errors.KafkaError: the broker does not answer.
        """
        if not self._ends:
            return
        self._consumer.assign(list(self._ends))
        await self._consumer.seek_to_beginning(*self._ends)
        for place, waiting in self._waiting.items():
            if await self._more(place):
                heappush(self._heads, _head(waiting[0], place))
        batch: list[Record] = []
        while self._heads:
            place = self._heads[0][-1]
            waiting = self._waiting[place]
            batch.append(waiting.popleft())
            if waiting or await self._more(place):
                heapreplace(self._heads, _head(waiting[0], place))
            else:
                heappop(self._heads)
            if len(batch) == size:
                yield batch
                batch = []
        if batch:
            yield batch

    async def _more(self, place: TopicPartition) -> bool:
        """Wait for the next record of a partition; at its end take leave of it, and say False."""
        while not self._waiting[place]:
            if await self._consumer.position(place) >= self._ends[place]:
                self._consumer.pause(place)
                return False
            await self._fetch()
        return True

    async def _fetch(self) -> None:
        for place, waiting in self._waiting.items():
            (self._consumer.pause if self._full(place, waiting) else self._consumer.resume)(place)
        for place, records in (await self._consumer.getmany(timeout_ms=POLL_MS)).items():
            self._waiting[place].extend(each for each in records if each.offset < self._ends[place])

    def _full(self, place: TopicPartition, waiting: deque[Record]) -> bool:
        return len(waiting) >= AHEAD or (bool(waiting) and waiting[-1].offset + 1 >= self._ends[place])


def _head(record: Record, place: TopicPartition) -> Head:
    recorded = next((value for name, value in record.headers if name == RECORDED), None)
    return record.timestamp, recorded or b"", place
