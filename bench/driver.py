"""The load as a process of its own: signed police messages, made beforehand, sent at a steady rate.

`python -m bench.driver HOME HUB_URL RATE COUNT SEED`; another seed brings other persons.
"""

import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

from stafet_connectors.police.simulator_messages import Office, client_identity, headers, message
from stafet_connectors.police.simulator_plan import plan
from stafet_sdk.simulator import SimulatorOptions, trusting_client, until_hub_answers


async def main(home: Path, hub_url: str, rate: float, count: int, seed: int) -> None:
    """Make the messages, wait for the hub, send."""
    options = SimulatorOptions("police", home, hub_url, 0, seed, count, (), rate)
    bodies = _messages(options, count)
    async with trusting_client(home, identity=client_identity(options)) as client:
        await until_hub_answers(client, options)
        begin = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number, body in enumerate(bodies):
                await asyncio.sleep(max(0.0, begin + number / rate - time.perf_counter()))
                group.create_task(_send(client, options.inbox, body))


async def _send(client: httpx.AsyncClient, inbox: str, body: bytes) -> None:
    answer = await client.post(inbox, content=body, headers=headers(None))
    answer.raise_for_status()


def _messages(options: SimulatorOptions, count: int) -> list[bytes]:
    office = Office.of(options)
    # Each person once: where a referral is open already, a second one is refused. A tenth of a plan is faulty
    # on purpose, and some chains have two messages: a second plan's worth makes up for both.
    firsts = (
        next((each for each in chain if each.fault is None), None) for chain in plan(options.seed, count * 2)
    )
    now = datetime.now(UTC)
    return [message(each, office, now) for each in [each for each in firsts if each][:count]]


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), *map(int, sys.argv[4:])))
