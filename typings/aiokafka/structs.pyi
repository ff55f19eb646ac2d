from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

_KeyT_co = TypeVar("_KeyT_co", covariant=True)
_ValueT_co = TypeVar("_ValueT_co", covariant=True)

class TopicPartition(NamedTuple):
    topic: str
    partition: int

class OffsetAndMetadata(NamedTuple):
    offset: int
    metadata: str

class OffsetAndTimestamp(NamedTuple):
    offset: int
    timestamp: int | None

class RecordMetadata(NamedTuple):
    topic: str
    partition: int
    topic_partition: TopicPartition
    offset: int
    timestamp: int | None
    timestamp_type: int
    log_start_offset: int | None

# A header's value may be null on the wire; aiokafka's own annotation leaves that out.
@dataclass(frozen=True)
class ConsumerRecord(Generic[_KeyT_co, _ValueT_co]):
    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: int
    key: _KeyT_co | None
    value: _ValueT_co | None
    checksum: int | None
    serialized_key_size: int
    serialized_value_size: int
    headers: Sequence[tuple[str, bytes | None]]
