"""Watches the hub's topics as a process of its own, so that the hub does not pay for it.

`python -m bench.watcher BOOTSTRAP COUNT` ends after COUNT notices of messages that came since it began were
delivered, and prints as JSON: for each, in their order, the seconds from its message.received to the arrival
of its delivery.delivered on Kafka (`took_s`), and from the first of those to the last of these (`lasted_s`).
"""

import asyncio
import json
import sys
import time

from aiokafka import AIOKafkaConsumer

from stafet_schemas.codec import decode, kind_of
from stafet_schemas.delivery import DeliveryDelivered
from stafet_schemas.inbound import MessageReceived
from stafet_schemas.referral import ReferralSubmitted

WATCHED = (MessageReceived, ReferralSubmitted, DeliveryDelivered)


async def main(bootstrap: str, count: int) -> None:
    """Watch until all has come."""
    begun = now = time.time()
    received: dict[str, float] = {}
    began: dict[str, float] = {}
    times: list[float] = []
    names = {kind.topic for kind in WATCHED}
    async with AIOKafkaConsumer(
        *names, bootstrap_servers=bootstrap, auto_offset_reset="earliest"
    ) as consumer:
        while len(times) < count:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                now = time.time()
                for record in records:
                    if kind_of(record.headers) not in WATCHED or record.timestamp < begun * 1000:
                        continue
                    event = decode(record.headers, record.value)
                    if isinstance(event, MessageReceived):
                        received[event.data.message] = event.time.timestamp()
                    elif isinstance(event, ReferralSubmitted):
                        began[event.data.referral] = received[event.data.placer]
                    elif isinstance(event, DeliveryDelivered) and event.data.part == "notice":
                        times.append(now - began[event.data.referral or ""])
    lasted = now - min(received.values())
    sys.stdout.write(json.dumps({"took_s": times, "lasted_s": lasted}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
