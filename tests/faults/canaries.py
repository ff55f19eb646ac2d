"""Canaries: people with unique values in every field that is the vault's alone, and places to look into."""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID, uuid5

import asyncpg
import httpx
from opentelemetry.sdk.trace import ReadableSpan

from stafet.vault.app.session import Session
from stafet_cli.credentials import OPERATOR, Files
from stafet_cli.demo.leak_patterns import Patterns
from stafet_connectors.police.simulator_plan import Planned
from stafet_runtime.broker import make_producer
from stafet_runtime.vaultport import Registration
from stafet_schemas.groups import Group
from stafet_sdk.synthetic import Person, Profile, people, profiles
from tests.services.vault.burglar import Box, read
from tests.walk.police_desk import Answer, Desk
from tests.walk.whole_hub import WholeHub

AT_ONCE: Final = 8
SELDOM_S: Final = 0.25
IDS: Final = UUID("00000000-0000-5000-8000-0000000ca7a7")
FAULTS: Final = (
    "missing_field", "malformed_field", "unknown_code", "malformed", "signature_invalid", "doctype",
)  # fmt: skip
CLOSED: Final = "select count(*) from referrals.referrals where closed"
PLANTED: Final = "Wequzicano Plantekasse 47"
"""A value that the search must find wherever it was put on purpose."""


@dataclass(frozen=True, slots=True, repr=False)
class Canary:
    """One referral, and what the police's form has no field for: each phrase is nobody else's."""

    planned: Planned
    phrases: Sequence[str]

    @property
    def values(self) -> list[str]:
        """Everything that must be found nowhere; a birthday is everybody's."""
        person = self.planned.person
        return [
            *(each for each in person.values() if each != person.birth_date),
            self.planned.reference,
            *self.phrases,
        ]

    @property
    def more(self) -> Registration:
        """A second record of the case, with the groups that no form carries yet."""
        care, role, family = self.phrases
        return Registration(
            "police",
            f"more-{self.planned.transaction}",
            "placer",
            self.planned.reference,
            {
                Group.HEALTH: {"care_needs": care},
                Group.PERPETRATOR: {"description": role},
                Group.CHILD: {"family": family},
            },
            json.dumps([care, role, family]).encode(),
        )


def canaries(seed: int, count: int) -> list[Canary]:
    """Make people who share nothing but birthdays, one case each."""
    drawn = profiles(seed, count)
    persons = people(seed, [each.age_band for each in drawn])
    words = iter(people(seed + 1, ["20-23"] * 3 * count))
    return [
        Canary(_planned(seed, number, person, profile), [next(words).phrase for _ in range(3)])
        for number, (person, profile) in enumerate(zip(persons, drawn, strict=True))
    ]


def _planned(seed: int, number: int, person: Person, profile: Profile) -> Planned:
    transaction = str(uuid5(IDS, f"{seed}/{number}"))
    return Planned(transaction, f"SAG-{seed}-{number:05d}-X", person, profile, f"{seed}/{number}")


async def send(desk: Desk, planned: Iterable[Planned]) -> list[Answer]:
    """Send some at a time."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(each: Planned) -> Answer:
        async with room:
            return await desk.send(each)

    return await asyncio.gather(*map(one, planned))


async def all_closed(hub: WholeHub, count: int) -> None:
    """Wait until so many loops are closed; asked seldom, for asking takes from those who work."""
    connection = await asyncpg.connect(hub.settings.postgres)
    try:
        while await connection.fetchval(CLOSED) < count:  # noqa: ASYNC110 - the server has no Event
            await asyncio.sleep(SELDOM_S)
    finally:
        await connection.close()


async def case_of(session: Session, canary: Canary) -> str:
    """Find a canary's case by the blind index."""
    found: str = await session.database.pool.fetchval(
        "select case_id from aliases where fingerprint = $1",
        session.keys.fingerprint("police", canary.planned.reference),
    )
    return found


class Hoard:
    """Which canaries come to light in bytes, and how many values of theirs."""

    def __init__(self, flock: Sequence[Canary]) -> None:
        values = [(owner, value) for owner, each in enumerate(flock) for value in each.values]
        self._owners = [owner for owner, _ in values]
        self._patterns = Patterns([value for _, value in values])

    def values(self, blob: bytes) -> int:
        """Count the values."""
        return len(self._numbers(blob))

    def owners(self, blob: bytes) -> set[int]:
        """Number the canaries."""
        return {self._owners[each] for each in self._numbers(blob)}

    def opened(self, boxes: Iterable[Box], secrets: Sequence[bytes]) -> int:
        """Count the values that secrets bring to light in what a database has of cases."""
        return sum(self.values(read(each, secrets)) for each in boxes)

    def _numbers(self, blob: bytes) -> set[int]:
        return {number for number, _ in self._patterns.hits(blob)}


@asynccontextmanager
async def listening(hub: WholeHub, into: Path) -> AsyncGenerator[None]:
    """Write what the console streams into a file while the block runs."""

    async def listen() -> None:
        with into.open("wb", buffering=0) as file:
            async with _browser(hub, None) as browser, browser.stream("GET", "/live") as answer:
                async for piece in answer.aiter_bytes():
                    file.write(piece)

    task = asyncio.create_task(listen())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def browse(hub: WholeHub, cases: Iterable[str], typed: Iterable[str], into: Path) -> None:
    """Write every kind of page that the hub shows into a file: headers and bodies."""
    health = f"http://127.0.0.1:{hub.settings.health_port}/health"
    paths = ["/", "/?show=attention", "/cases.json", f"{health}/live", f"{health}/ready"]
    paths += [f"/cases/{case}{form}" for case in cases for form in ("", "/events.json")]
    async with _browser(hub, 30) as browser:
        answers = [await browser.get(path) for path in paths]
        answers += [await browser.post("/find", data={"reference": each}) for each in typed]
    await asyncio.to_thread(
        into.write_bytes, b"\n".join(str(each.headers).encode() + each.content for each in answers)
    )


def write_spans(spans: Iterable[ReadableSpan], into: Path) -> int:
    """Write spans as a collector gets them; return how many."""
    lines = [each.to_json(indent=None) for each in spans]
    into.write_text("\n".join(lines), encoding="utf-8")
    return len(lines)


async def plant_table(hub: WholeHub) -> None:
    """Put a value into a table of its own, which every dump since will have."""
    administrator = await asyncpg.connect(hub.settings.postgres)
    try:
        await administrator.execute(f"create table public.planted as select '{PLANTED}'::text as held")
    finally:
        await administrator.close()


async def plant(hub: WholeHub, files: Iterable[Path]) -> str:
    """Put a value into files and the header of a record; return the topic."""
    for each in files:
        with each.open("a", encoding="utf-8") as file:
            file.write(f"\n{PLANTED}\n")
    topic = f"{hub.settings.topic_prefix}stafet-case-v1"
    async with make_producer(hub.settings.kafka, "test") as producer:
        await producer.send_and_wait(topic, b"{}", key=b"k", headers=[("ce_id", PLANTED.encode())])
    return topic


def _browser(hub: WholeHub, seconds: float | None) -> httpx.AsyncClient:
    auth = OPERATOR, Files(hub.home).console_password()
    return httpx.AsyncClient(base_url=hub.console, auth=auth, trust_env=False, timeout=seconds)
