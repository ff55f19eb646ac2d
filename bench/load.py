"""The load: referrals of 1.85 KB on the wire, drawn with a seed, in one topic of four partitions."""

import random
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from aiokafka import AIOKafkaProducer

from stafet_schemas.codec import Headers, encode
from stafet_schemas.codes import EXPLOITATION, PRIORITIES, SERVICES, SEXES
from stafet_schemas.groups import Group
from stafet_schemas.referral import ReferralSubmitted, ReferralSubmittedData
from stafet_schemas.topics import Topic

SEED: Final = 1
CASES: Final = 2_000
WIRE_BYTES: Final = 1_850
PARTITIONS: Final = 4
BEGUN: Final = datetime(2026, 11, 24, 9, tzinfo=UTC)
GROUPS: Final = tuple(each.value for each in Group)

Record = tuple[bytes, Headers, bytes]


def topic(name: str) -> Topic:
    """Describe a topic of the bench: four partitions, the limits of the hub's own."""
    return Topic(
        name=name,
        description="measured by the bench, on its own broker",
        owner="bench",
        producers=("bench",),
        consumers=("bench",),
        key="case",
        partitions=PARTITIONS,
        retention_days=1,
        max_message_bytes=1024 * 1024,
        dead_letter="nothing is kept: the broker ends with the bench",
    )


def referrals(count: int) -> list[Record]:
    """Draw `count` referrals of `CASES` cases, each `WIRE_BYTES` long as key, headers and value."""
    draw = random.Random(SEED)
    cases = [_uuid(draw) for _ in range(CASES)]
    return [_referral(draw, draw.choice(cases)) for _ in range(count)]


async def fill(bootstrap: str, name: str, records: Sequence[Record]) -> None:
    """Append the records to a topic and wait until the broker has them."""
    async with AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        max_batch_size=256 * 1024,
    ) as producer:
        sent = [await producer.send(name, value, key=key, headers=headers) for key, headers, value in records]
        for each in sent:
            await each


def wire_size(record: Record) -> int:
    """Return the bytes of key, header names, header values and value."""
    key, headers, value = record
    return len(key) + sum(len(name) + len(raw) for name, raw in headers) + len(value)


def _uuid(draw: random.Random) -> str:
    return str(uuid.UUID(int=draw.getrandbits(128)))


def _referral(draw: random.Random, case: str) -> Record:
    """Encode one; the placer's own id is as long as it takes, every other field has its natural length."""
    key, headers, value = encode(_submitted(draw, case))
    missing = WIRE_BYTES - wire_size((key, headers, value))
    padding = f"{draw.getrandbits(4 * missing):0{missing}x}".encode()
    return key, headers, value.replace(b'"police-', b'"police-' + padding, 1)


def _submitted(draw: random.Random, case: str) -> ReferralSubmitted:
    return ReferralSubmitted(
        id=_uuid(draw),
        source="/stafet/gateway",
        time=BEGUN,
        correlationid=case,
        causationid=_uuid(draw),
        partitionkey=case,
        recordedtime=BEGUN,
        traceparent=f"00-{draw.getrandbits(128):032x}-{draw.getrandbits(64):016x}-01",
        data=ReferralSubmittedData(
            case=case,
            referral=_uuid(draw),
            sender="police",
            placer="police-" + _uuid(draw),
            receiver="redcross",
            record=_uuid(draw),
            version=1,
            groups=GROUPS,
            digest=f"{draw.getrandbits(256):064x}",
            service=draw.choice(sorted(SERVICES.codes)),
            priority=draw.choice(sorted(PRIORITIES.codes)),
            age_group="adult",
            sex=draw.choice(sorted(SEXES.codes)),
            language="ron",
            interpreter=True,
            risk=draw.random() < 0.2,
            safe_contact=True,
            residence="none",
            exploitation=tuple(sorted(EXPLOITATION.codes)),
        ),
    )
