"""One clerk at the police who sends single messages by hand, sound or with a fault, and reads each answer."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import httpx

from stafet_connectors.police.simulator_messages import (
    Office,
    client_identity,
    headers,
    message,
    read_answer,
)
from stafet_connectors.police.simulator_plan import Planned, plan
from stafet_sdk.simulator import SimulatorOptions, trusting_client
from tests.walk.whole_hub import WholeHub


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub said: MODTAGET with its receipt, or a fault's code; `wait` is its Retry-After."""

    status: int
    code: str
    receipt: str
    wait: str | None
    body: bytes = field(repr=False)


class Desk:
    """Sends through the hub's own gateway."""

    def __init__(self, hub: WholeHub, options: SimulatorOptions, client: httpx.AsyncClient) -> None:
        self._hub = hub
        self._office = Office.of(options)
        self._inbox = options.inbox
        self._client = client

    async def send(self, planned: Planned, *, conflict: bool = False) -> Answer:
        """Send a message; with `conflict` it says something else under the same id."""
        self._hub.values += [*planned.person.values(), planned.reference]
        now = datetime.now(UTC)
        body = message(planned, self._office, now, conflict=conflict)
        answer = await self._client.post(self._inbox, content=body, headers=headers(planned.fault))
        code, receipt = read_answer(answer.content, self._office, now)
        return Answer(answer.status_code, code, receipt, answer.headers.get("retry-after"), answer.content)


@asynccontextmanager
async def desk(hub: WholeHub) -> AsyncGenerator[Desk]:
    """Open the desk; what comes back later goes to the police's simulator."""
    options = SimulatorOptions("police", hub.home, hub.gateway, 0)
    async with trusting_client(hub.home, identity=client_identity(options)) as client:
        yield Desk(hub, options, client)


def planned(seed: int = 1, referrals: int = 1, *, fault: str | None = None) -> list[Planned]:
    """List sound messages that the police send by a seed, or all with one fault; sent once each."""
    chains = plan(seed, referrals)
    return [replace(each, fault=fault, again=None, conflict=False) for chain in chains for each in chain]
