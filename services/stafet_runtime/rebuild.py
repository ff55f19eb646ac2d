"""Making the state of services anew from the log, all in one process that reads it once.

Reading ends where a service had read to, if its group committed that: from there it reads on by itself, and
tells what follows. A group that committed nothing, as in a new cluster, takes the whole log as told.
"""

import gc
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from stafet_runtime.atonce import at_once
from stafet_runtime.broker import REQUEST_TIMEOUT_MS, topic_partitions
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.consumer import decoded
from stafet_runtime.groups import GroupBusyError, Offsets, commit, read_by
from stafet_runtime.merging import Merge, Record
from stafet_runtime.parked import RawRecord
from stafet_runtime.rebuilder import Rebuilder, RebuildError, Rebuilt

BATCH: Final = 2_000
COLLECT_EVERY: Final = 100_000
FETCH_BYTES: Final = 256 * 1024
"""What is fetched of a partition at once: memory is bounded by the number of partitions, not by the log."""
BEGUN: Final = "select exists (select from inbox)"

Progress = Callable[[str, int, int], None]
"""Hears how many events, or matters, are done, and of how many."""


class Rebuild:
    """A log, and the services whose state is made of it; all that its methods raise is named at `run`."""

    def __init__(
        self, bootstrap: str, services: Sequence[Rebuilt], clock: Clock, ids: Ids, *, prefix: str = ""
    ) -> None:
        self._bootstrap = bootstrap
        self._services = {prefix + each.subscription.service: each for each in services}
        self._clock = clock
        self._ids = ids
        self._prefix = prefix

    async def run(self, progress: Progress) -> int:
        """Make the state; return how many records were read.

        Raises:
            RebuildError: a service is running, the log's beginning is gone, or an event cannot be handled.
            aiokafka.errors.KafkaError: the broker does not answer.
        """
        read = await read_by(self._bootstrap, list(self._services))
        for group, offsets in read.items():
            # Changes nothing, and is refused to who is not in a group that others are in.
            await self._commit(group, offsets)
        with _seldom_collecting():
            ends, count = await self._read(read, progress)
            for each in self._services.values():
                if each.subscription.anew.finish is not None:
                    await each.subscription.anew.finish(each.database, partial(progress, "matters"))
        for group in self._services:
            if not read[group]:
                await self._commit(group, self._of(group, ends))
        return count

    async def _read(self, read: Mapping[str, Offsets], progress: Progress) -> tuple[Offsets, int]:
        """Have all services take in the log; return where each place ends, and how many."""
        async with AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap.split(","), enable_auto_commit=False,
            request_timeout_ms=REQUEST_TIMEOUT_MS, max_partition_fetch_bytes=FETCH_BYTES,
        ) as consumer:  # fmt: skip
            places = await self._places()
            first, last = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
            if any(first.values()):
                await self._continue_a_backup()
            done, total = 0, sum(last.values()) - sum(first.values())
            rebuilders = [self._rebuilder(group, read[group] or last, last) for group in self._services]
            ends = {place: end for place, end in last.items() if end > first[place]}
            async with at_once([each.take for each in rebuilders]) as hand_out:
                async for batch in Merge(consumer, ends).batches(BATCH):
                    items = [decoded(self._raw(each)) for each in batch]
                    await hand_out([each.concerned(items) for each in rebuilders])
                    done += len(batch)
                    progress("events", done, total)
        return ends, done

    async def _commit(self, group: str, offsets: Offsets) -> None:
        try:
            if offsets:
                await commit(self._bootstrap, group, offsets)
        except GroupBusyError as error:
            raise RebuildError(f"{group} is running: stop the hub first") from error

    async def _places(self) -> list[TopicPartition]:
        names = {topic for each in self._services for topic in self._topics(each)}
        counts = await topic_partitions(self._bootstrap, sorted(names))
        return [TopicPartition(name, number) for name in sorted(counts) for number in range(counts[name])]

    async def _continue_a_backup(self) -> None:
        """See that where the log's beginning is gone, no state begins with what is left."""
        for group, each in self._services.items():
            if not await each.database.pool.fetchval(BEGUN):
                raise RebuildError(
                    f"the beginning of the log is gone, and {group} has no state: restore its backup first, "
                    "then run this again for what came after"
                )

    def _rebuilder(self, group: str, upto: Offsets, last: Offsets) -> Rebuilder:
        told = {place: end for place, end in last.items() if place.topic not in self._listens(group)}
        plain = {
            TopicPartition(place.topic.removeprefix(self._prefix), place.partition): end
            for place, end in {**told, **self._of(group, upto)}.items()
        }
        return Rebuilder(self._services[group], plain, self._clock, self._ids)

    def _of(self, group: str, offsets: Offsets) -> Offsets:
        topics = self._listens(group)
        return {place: offset for place, offset in offsets.items() if place.topic in topics}

    def _listens(self, group: str) -> set[str]:
        return {self._prefix + each for each in self._services[group].subscription.topics}

    def _topics(self, group: str) -> set[str]:
        own = self._services[group].subscription.anew.own
        return self._listens(group) | {self._prefix + kind.topic for kind in own}

    def _raw(self, record: Record) -> RawRecord:
        headers = [(name, value) for name, value in record.headers if value is not None]
        topic = record.topic.removeprefix(self._prefix)
        return RawRecord(
            topic, record.partition, record.offset, record.key or b"", headers, record.value or b""
        )


@contextmanager
def _seldom_collecting() -> Generator[None]:
    """Look for cycles seldom: events have none, and looking through all that is in work costs more."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
