"""Referrals through a deployment, fifteen at a time: waited for and judged as the demo is."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import asyncpg
import httpx

from stafet_cli.credentials import OPERATOR, Files
from stafet_cli.demo.leaks import find_leaks
from stafet_cli.demo.records import read_records
from stafet_cli.demo.report import Judgement, judge, outstanding
from stafet_cli.demo.topic_reader import HubReader, hub_reader
from stafet_runtime.settings import SERVICES, HubSettings
from tests.deploy.deployment import Deployment

RECEIVERS: Final = ("redcross", "shelter", "immigration")
AGENCIES: Final = ("police", *RECEIVERS)
REFERRALS: Final = 15
"""As many as the file lets the police send each time."""
LOOK_S: Final = 0.2
SAID: Final = {
    "statement": "given",
    "basis": "ground",
    "recipients": ["redcross"],
    "purposes": ["support"],
    "groups": ["health"],
    "law": "Serviceloven \N{SECTION SIGN} 153",
    "by": "On duty",
}
RECORDED: Final = "select agency, statement, basis from vault.consents where consent_id = $1 and case_id = $2"


@dataclass(slots=True)
class Run:
    """A deployment with a way to read its topics.

    `begin` is on the monotonic clock, in seconds; `ordered` is how many referrals the police were to send.
    """

    deployment: Deployment
    reader: HubReader
    begin: float
    ordered: int = REFERRALS

    async def order_more(self) -> None:
        """Have the police send as many others, by a seed of their own."""
        self.ordered += REFERRALS
        await self.deployment.down(["police"])
        await self.deployment.start("police", f"--seed={self.ordered}")

    async def waiting(self) -> dict[str, int]:
        """Count what must still happen, by what is missing."""
        records = read_records(self.deployment.places.files)
        return outstanding(records, await self.reader.read(), self.ordered, receivers=RECEIVERS)

    async def until(self, reached: Callable[[dict[str, int]], bool]) -> None:
        """Wait until what is outstanding satisfies a condition; a process that has ended is an error."""
        while not reached(await self.waiting()):
            if ended := self.deployment.ended():
                raise ChildProcessError(f"{ended[0]} has ended: {self.deployment.log(ended[0])[-2000:]}")
            await asyncio.sleep(LOOK_S)

    async def judged(self) -> Judgement:
        """Judge all that was ordered, and search topics, tables and logs for the values of the last order."""
        places = self.deployment.places
        values: list[str] = json.loads((places.files / "simulators/police/values.json").read_text("utf-8"))
        kafka, postgres, prefix = (
            places.servers[f"STAFET_{each}"] for each in ("KAFKA", "POSTGRES", "TOPIC_PREFIX")
        )
        leaks = await find_leaks(values, kafka, prefix, postgres, [places.logs])
        taken = time.monotonic() - self.begin
        return judge(
            read_records(places.files),
            await self.reader.read(),
            leaks,
            taken,
            self.ordered,
            receivers=RECEIVERS,
        )


@asynccontextmanager
async def running(deployment: Deployment) -> AsyncGenerator[Run]:
    """Bring the hub and the agencies up; the reader is open while the block runs."""
    begin = time.monotonic()
    await deployment.up("simulators")
    servers = deployment.places.servers
    async with hub_reader(servers["STAFET_KAFKA"], servers["STAFET_TOPIC_PREFIX"]) as reader:
        yield Run(deployment, reader, begin)


async def recorded_at_console(deployment: Deployment, dsn: str) -> tuple[str, str, str]:
    """Record a legal ground at the console; return who told the vault, what, and on which basis."""
    connection = await asyncpg.connect(dsn)
    try:
        case = await connection.fetchval("select case_id from vault.records order by registered_at limit 1")
        answer = await _post(deployment, f"/cases/{case}/consents.json")
        row = await connection.fetchrow(RECORDED, uuid.UUID(answer["consents"][0]), case)
        assert row is not None
        return row["agency"], row["statement"], row["basis"]
    finally:
        await connection.close()


async def _post(deployment: Deployment, path: str) -> dict[str, list[str]]:
    port = deployment.ports.of("console", HubSettings.model_fields["console_port"].default)
    auth = OPERATOR, Files(deployment.places.files).console_password()
    async with httpx.AsyncClient(auth=auth, trust_env=False) as client:
        answer = await client.post(f"http://127.0.0.1:{port}{path}", json=SAID)
    if answer.is_error:
        raise ConnectionError(f"the console answered {answer.status_code}: {answer.text}")
    said: dict[str, list[str]] = answer.json()
    return said


async def outbox_depths(dsn: str) -> dict[str, int]:
    """Count what each service has not published yet."""
    connection = await asyncpg.connect(dsn)
    try:
        return {
            each: await connection.fetchval(f"select count(*) from {each}.outbox")  # noqa: S608 - our own names
            for each in SERVICES
        }
    finally:
        await connection.close()
