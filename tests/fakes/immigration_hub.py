"""The hub as the immigration service's simulator meets it: real certificates, tokens, pushes and polls."""

import asyncio
import itertools
import json
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from stafet_connectors.immigration import connector, simulator
from stafet_connectors.immigration.samples import release
from stafet_connectors.immigration.simulator_keys import furnish
from stafet_runtime.partners import load_partners
from stafet_schemas.groups import Group
from stafet_sdk.certification.reception import Reception
from stafet_sdk.contract import Accepted, Partner
from stafet_sdk.delivering import deliver
from stafet_sdk.development import Development
from stafet_sdk.draft import Draft, Release
from stafet_sdk.freeports import free_port
from stafet_sdk.polling import HttpPoll
from stafet_sdk.simulator import SimulatorOptions
from stafet_sdk.transport import HttpPush

SEED = 7


@dataclass
class ImmigrationHub:
    """A home with keys of both sides; `drafts` is what was fetched, in order, each once."""

    home: Path
    development: Development
    partner: Partner
    port: int
    cursor: str = ""
    drafts: list[Draft] = field(default_factory=list[Draft])
    fetched: int = 0
    again: int = 0

    def __post_init__(self) -> None:
        """Accept as the gateway does."""
        self.reception = Reception(connector, self.partner)

    def trust(self) -> ssl.SSLContext:
        """Trust the development authority only."""
        return ssl.create_default_context(cafile=str(self.home / "pki" / "ca.pem"))

    def record(self, kind: str) -> list[dict[str, object]]:
        """Read what the simulator wrote down of a kind."""
        file = self.home / "immigration" / "record.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return [read for read in map(json.loads, lines) if read["kind"] == kind]

    async def send(self, sent: Release, push: HttpPush) -> None:
        """Bring a release to the service once."""
        outbound = connector.from_hub(sent, self.partner, datetime.now(UTC))
        await deliver(outbound, self.partner, connector=connector, push=push)

    async def poll(self, push: HttpPush) -> None:
        """Fetch until there is nothing more now; every item is accepted, and read if it is new."""
        source = HttpPoll(connector, self.partner, push, lambda: datetime.now(UTC))
        while True:
            batch = await source.fetch(self.cursor)
            for request in batch.requests:
                self.fetched += 1
                outcome = self.reception.accept(request, datetime.now(UTC))
                assert isinstance(outcome, Accepted)
                if outcome.again:
                    self.again += 1
                else:
                    self.drafts.append(connector.to_hub(request.body, self.partner))
            self.cursor = batch.cursor
            if not batch.more:
                return


def referral(number: int) -> str:
    """Name the referral of a number."""
    return f"0192f3a0-0000-7000-8000-{number:012x}"


def sample(part: str, number: int) -> Release:
    """Give the sample of a part for the referral of a number; what is decided goes by the service."""
    found = release(part)
    routing = {**found.values.get(Group.ROUTING, {}), "service": f"service_{number}"}
    values = {**found.values, Group.ROUTING: routing}
    return replace(found, referral=referral(number), delivery=f"{referral(number)}-{part[:7]}", values=values)


def furnished(home: Path) -> ImmigrationHub:
    """Write the files of both sides as `stafet init` would."""
    port = free_port()
    development = Development(home, {"immigration": f"https://127.0.0.1:{port}"})
    development.write("pki", {"ca.pem": development.authority.cert_pem.bytes()})
    furnish(development)
    partner = load_partners(home, {"immigration": connector})["immigration"]
    return ImmigrationHub(home, development, partner, port)


@asynccontextmanager
async def immigration(hub: ImmigrationHub, *faults: str, referrals: int = 0) -> AsyncGenerator[HttpPush]:
    """Run the simulator while the block runs, and give a push to it; leaving kills it wherever it stands."""
    options = SimulatorOptions(
        "immigration",
        hub.home,
        "https://127.0.0.1:9",
        port=hub.port,
        seed=SEED,
        referrals=referrals,
        faults=faults,
    )
    before = len(hub.record("listening"))
    running = asyncio.create_task(simulator.run(options))
    try:
        async with HttpPush(hub.trust(), deadline_s=5.0) as push:
            await until(lambda: running.done() or len(hub.record("listening")) > before)
            if running.done():
                await running
            yield push
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def until(condition: Callable[[], bool]) -> None:
    """Return when `condition` holds; the test's own time-out ends an endless wait."""
    for _ in itertools.count():
        if condition():
            return
        await asyncio.sleep(0.01)
