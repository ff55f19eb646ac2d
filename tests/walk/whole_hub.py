"""The whole hub in this process, on real Kafka, PostgreSQL and TLS sockets, and the agencies around it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import asyncpg
import httpx

from stafet_cli.credentials import OPERATOR, Files, Wanted, announce, create
from stafet_cli.demo.leak_patterns import Leak
from stafet_cli.demo.leaks import find_leaks
from stafet_cli.demo.records import read_records
from stafet_cli.demo.report import Judgement, judge, outstanding
from stafet_cli.demo.state import choose_ports
from stafet_cli.demo.topic_reader import hub_reader
from stafet_cli.hub import running
from stafet_cli.receipts import receipt_of
from stafet_cli.simulate import find
from stafet_cli.up import LOGS, local_drops, local_endpoints, open_log
from stafet_connectors.police.simulator_plan import plan, values
from stafet_runtime.broker import create_topics
from stafet_runtime.settings import SERVICES, HubSettings
from stafet_schemas.topics import topics
from stafet_sdk.simulator import SimulatorOptions

RECEIVERS: Final = ("redcross",)
LOOK_S: Final = 0.02
Found = TypeVar("Found")
Json = dict[str, Any]


async def until(look: Callable[[], Awaitable[Found]]) -> Found:
    """Look again and again until what is found is something; the test's own time-out ends an endless wait."""
    while not (found := await look()):  # noqa: ASYNC110 - it is elsewhere, no event tells
        await asyncio.sleep(LOOK_S)
    return found


@dataclass
class WholeHub:
    """A hub that may be stopped and started again with the same files and ports, and what is seen of it."""

    home: Path
    settings: HubSettings
    agency_ports: dict[str, int]
    values: list[str] = field(default_factory=list[str], repr=False)
    """Every personal value that the police ever sent here; other simulators write down what they send."""
    drop_port: int | None = None
    """Where the police leave files, if that was agreed."""
    _agencies: set["asyncio.Task[None]"] = field(default_factory=set["asyncio.Task[None]"])

    @property
    def gateway(self) -> str:
        """Where agencies find the hub."""
        return f"https://127.0.0.1:{self.settings.gateway_port}"

    @property
    def console(self) -> str:
        """Where operators find it."""
        return f"http://127.0.0.1:{self.settings.console_port}"

    @asynccontextmanager
    async def up(self, names: Sequence[str] = SERVICES, **changed: object) -> AsyncGenerator[None]:
        """Run services, by default all, while the block runs; what `changed` names is set otherwise."""
        with open_log(self.home):
            async with running(self.settings.model_copy(update=changed), names):
                announce(self.home, self.console)
                yield

    async def ready(self) -> None:
        """Wait until every service can work, by the hub's own word."""
        async with httpx.AsyncClient(trust_env=False) as client:
            url = f"http://127.0.0.1:{self.settings.health_port}/health/ready"

            async def look() -> bool:
                with suppress(httpx.TransportError):
                    return (await client.get(url)).is_success
                return False

            await until(look)

    @asynccontextmanager
    async def agency(
        self,
        name: str,
        *,
        referrals: int = 0,
        seed: int = 1,
        faults: tuple[str, ...] = (),
        documents: int = 0,
    ) -> AsyncGenerator[None]:
        """Run an agency's simulator in this process while the block runs."""
        if name == "police":
            self.values += values(plan(seed, referrals))
        port = self.agency_ports[name]
        options = SimulatorOptions(
            name, self.home, self.gateway, port, seed, referrals, faults,
            drop_port=self.drop_port if name == "police" else None, documents=documents,
        )  # fmt: skip
        task = asyncio.create_task(find(name)(options))
        self._agencies.add(task)
        try:
            yield
        finally:
            self._agencies.discard(task)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @asynccontextmanager
    async def agencies(self, *, referrals: int = 0, seed: int = 1) -> AsyncGenerator[None]:
        """Run both agencies, the Red Cross first, without faults of theirs."""
        async with self.agency("redcross"), self.agency("police", referrals=referrals, seed=seed):
            yield

    def record(self, agency: str, kind: str) -> list[Json]:
        """Read what an agency wrote down, oldest first; a line that is being written waits."""
        path = self.home / agency / "record.jsonl"
        whole = path.read_bytes() if path.exists() else b""
        entries: list[Json] = [json.loads(line) for line in whole[: whole.rfind(b"\n") + 1].splitlines()]
        return [each for each in entries if each["kind"] == kind]

    async def recorded(self, agency: str, kind: str, count: int = 1, **facts: object) -> list[Json]:
        """Wait for so many lines of a kind that say `facts`; return them."""

        async def read() -> list[Json]:
            return [each for each in self.record(agency, kind) if facts.items() <= each.items()]

        return await self._enough(read, count)

    async def rows(self, query: str, *arguments: object) -> list[Json]:
        """Ask the database as its administrator."""
        connection = await asyncpg.connect(self.settings.postgres)
        try:
            return [dict(each) for each in await connection.fetch(query, *arguments)]
        finally:
            await connection.close()

    async def until_rows(self, query: str, *arguments: object, count: int = 1) -> list[Json]:
        """Wait until a query finds so many rows; return them."""
        return await self._enough(lambda: self.rows(query, *arguments), count)

    async def ask(self, path: str) -> Json | None:
        """Ask the console for JSON; None when it knows nothing of the kind."""
        auth = OPERATOR, Files(self.home).console_password()
        async with httpx.AsyncClient(auth=auth, trust_env=False, follow_redirects=True) as client:
            answer = await client.get(self.console + path)
        if answer.status_code == 404:
            return None
        found: Json = answer.raise_for_status().json()
        return found

    async def until_case(self, reference: str, holds: Callable[[Json], object]) -> Json:
        """Wait until the console shows a case, by an agency's id or one of the hub's, so; return that."""

        async def look() -> Json | None:
            self.complain()
            known = await receipt_of(self.settings, reference)
            found = await self.ask(f"/cases/{known or reference}/events.json")
            return found if found is not None and holds(found) else None

        return await until(look) or {}

    async def until_state(self, reference: str, state: str) -> Json:
        """Wait until the console shows a case in a state, e.g. `loop_closed`."""
        return await self.until_case(reference, lambda case: case["state"] == state)

    async def judged(self, referrals: int) -> Judgement:
        """Wait until so many referrals have gone all the way, and judge them as the demo does."""
        async with hub_reader(self.settings.kafka, self.settings.topic_prefix) as reader:

            async def finished() -> bool:
                self.complain()
                return not outstanding(
                    read_records(self.home), await reader.read(), referrals, receivers=RECEIVERS
                )

            await until(finished)
            return judge(
                read_records(self.home),
                await reader.read(),
                await self.leaks(),
                0,
                referrals,
                receivers=RECEIVERS,
            )

    async def leaks(self) -> list[Leak]:
        """Search every topic, table and log for the values of everybody whom any agency ever sent."""
        known, logs = self.settings, [self.home / LOGS]
        files = sorted(self.home.glob("simulators/*/values.json"))
        written = [value for each in files for value in json.loads(each.read_text(encoding="utf-8"))]
        values = list(dict.fromkeys([*self.values, *written]))
        return await find_leaks(values, known.kafka, known.topic_prefix, known.postgres, logs)

    async def _enough(self, read: Callable[[], Awaitable[list[Json]]], count: int) -> list[Json]:
        async def look() -> list[Json] | None:
            self.complain()
            found = await read()
            return found if len(found) >= count else None

        return await until(look) or []

    def complain(self) -> None:
        """Raise what ended an agency, instead of waiting for it."""
        for task in self._agencies:
            if task.done():
                task.result()


async def make_hub(
    home: Path,
    kafka: str,
    postgres: str,
    topic_prefix: str = "",
    *,
    drop: bool = False,
    receivers: Sequence[str] = RECEIVERS,
) -> WholeHub:
    """Make keys, certificates, partners and topics of a hub whose schemas are there; `drop` of the police.

    `receivers`: the agencies that it knows beside them.
    """
    ports = choose_ports()
    agency_ports = {agency: ports[agency] for agency in ("police", *receivers)}
    drops = {"police": ports["drop"]} if drop else {}
    create(home, Wanted(local_endpoints(agency_ports), drops=local_drops(drops)))
    await create_topics(kafka, topics().values(), prefix=topic_prefix)
    own = {f"{name}_port": ports[name] for name in ("gateway", "console", "health")}
    settings = HubSettings.model_validate(
        {"home": home, "kafka": kafka, "postgres": postgres, "topic_prefix": topic_prefix, **own}
    )
    return WholeHub(home, settings, agency_ports, drop_port=drops.get("police"))
