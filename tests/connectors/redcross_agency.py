"""Red Cross's simulator run in this process, and samples sent to it as the hub's dispatch would."""

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

from stafet_connectors.redcross import connector, simulator
from stafet_connectors.redcross.samples import release
from stafet_schemas.groups import Group
from stafet_sdk.contract import Outbound, Partner, Reply, Waiting
from stafet_sdk.draft import Release
from stafet_sdk.simulator import SimulatorOptions
from stafet_sdk.transport import HttpPush
from tests.fakes.redcross_hub import RedcrossHub, open_hub, until


class RedCross:
    """A running simulator, as the hub's dispatch reaches it."""

    def __init__(self, hub: RedcrossHub, port: int, push: HttpPush) -> None:
        self.hub = hub
        self.push = push
        self.partner = replace(hub.partner, endpoint=f"https://127.0.0.1:{port}/webhook")

    async def send(self, part: str, number: int) -> Reply:
        """Send the sample of a part for the referral of a number; content is put on the shelf and told of."""
        told = message(part, number, self.partner)
        if part == "content":
            sample = sampled(part, number)
            self.hub.shelf[sample.delivery] = sample
            waiting = Waiting(sample.delivery, sample.referral, part)
            told = connector.notify(waiting, self.partner, datetime.now(UTC))
        return await self.push.send(told, self.partner)

    async def tell(self, name: str) -> Reply:
        """Send the sample of a status as it is."""
        told = connector.from_hub(release(name), self.partner, datetime.now(UTC))
        return await self.push.send(told, self.partner)

    def lines(self, kind: str) -> list[dict[str, object]]:
        return [line for line in record(self.hub) if line["kind"] == kind]


def referral(number: int) -> str:
    return f"0192f3a0-0000-7000-8000-{number:012x}"


def message(part: str, number: int, partner: Partner, ids: int = 0) -> Outbound:
    """Compose the sample release of a part for the referral of a number, under the id of number + `ids`."""
    return connector.from_hub(sampled(part, number, ids), partner, datetime.now(UTC))


def sampled(part: str, number: int, ids: int = 0) -> Release:
    """Make the sample release of a part about the referral of a number."""
    delivery = f"{referral(number + ids)}-{part}"
    sample = release(part)
    # What it decides, it decides by the facts: so these differ.
    routing = {**sample.values[Group.ROUTING], "service": f"service_{number}"}
    values = {**sample.values, Group.ROUTING: routing}
    return replace(sample, referral=referral(number + ids), delivery=delivery, values=values)


def record(hub: RedcrossHub) -> list[dict[str, object]]:
    path = hub.home / "redcross" / "record.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@asynccontextmanager
async def red_cross(
    hub: RedcrossHub, *faults: str, deadline_s: float = 5.0, withdrawals: int = 0, referrals: int = 0
) -> AsyncGenerator[RedCross]:
    """Run a simulator; leaving the block kills it wherever it stands."""
    options = SimulatorOptions(
        "redcross", hub.home, hub.url, port=0, referrals=referrals, faults=faults, withdrawals=withdrawals
    )
    before = sum(line["kind"] == "listening" for line in record(hub))
    running = asyncio.create_task(simulator.run(options))
    trust = ssl.create_default_context(cafile=str(hub.home / "pki" / "ca.pem"))
    try:
        async with HttpPush(trust, deadline_s=deadline_s) as push:
            await until(lambda: running.done() or len(listening(hub)) > before)
            if running.done():
                await running
            yield RedCross(hub, listening(hub)[-1], push)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def who_withdraws(hub: RedcrossHub, ids: int) -> list[int]:
    """Send twenty notices under ids of the hub's own, and number the persons who withdraw."""
    async with open_hub(hub), red_cross(hub, withdrawals=50) as agency:
        for number in range(20):
            await agency.push.send(message("notice", number, agency.partner, ids), agency.partner)
        await until(lambda: len(hub.answers) == 20)
    return [number for number in range(20) if referral(number + ids) in hub.withdrawn]


def listening(hub: RedcrossHub) -> list[int]:
    return [int(str(line["port"])) for line in record(hub) if line["kind"] == "listening"]
