"""The hub as the shelters' simulator meets it: the SDK's own transport, and a memory of rows by their ids."""

import asyncio
import itertools
import json
import tomllib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from stafet_connectors.shelter import connector
from stafet_connectors.shelter.samples import release
from stafet_connectors.shelter.simulator import run
from stafet_connectors.shelter.simulator_keys import furnish
from stafet_sdk.contract import Accepted, Answered, Outcome, Partner, Request
from stafet_sdk.development import Development
from stafet_sdk.draft import AnswerDraft, CapacityDraft, Release
from stafet_sdk.errors import DeliveryError, InboundRefused
from stafet_sdk.sftpdrop import SftpDrop
from stafet_sdk.simulator import Entry, SimulatorOptions

PAUSE_S = 0.05


@dataclass
class ShelterHub:
    """A home with keys of both sides; what was accepted, refused, and could not be fetched, in order."""

    home: Path
    port: int
    partner: Partner
    drop: SftpDrop
    answers: list[AnswerDraft] = field(default_factory=list[AnswerDraft])
    capacities: list[CapacityDraft] = field(default_factory=list[CapacityDraft])
    refused: list[InboundRefused] = field(default_factory=list[InboundRefused])
    failures: list[str] = field(default_factory=list[str])
    repeated: int = 0
    _kept: dict[str, tuple[bytes, Accepted]] = field(default_factory=dict[str, tuple[bytes, Accepted]])
    _receipts: "itertools.count[int]" = field(default_factory=itertools.count)

    def take(self, request: Request) -> Outcome:
        """Accept a row as the gateway does, once by its id."""
        now = datetime.now(UTC)
        try:
            envelope = connector.accept(request, self.partner, now)
        except InboundRefused as refused:
            self.refused.append(refused)
            return refused
        content, first = self._kept.get(envelope.message_id, (b"", None))
        if first is not None:
            self.repeated += 1
            if content != envelope.content:
                return InboundRefused("conflict", "another message has this id", status=409)
            return replace(first, again=True)
        draft = connector.to_hub(request.body, self.partner)
        if isinstance(draft, AnswerDraft):
            self.answers.append(draft)
        else:
            self.capacities.append(draft)
        accepted = Accepted(envelope.message_id, f"receipt-{next(self._receipts)}", now, again=False)
        self._kept[envelope.message_id] = (envelope.content, accepted)
        return accepted

    async def collect(self) -> None:
        """Fetch what the shelters leave, for ever; what cannot be fetched is tried again."""
        source = self.drop.source(connector, self.partner)
        while True:
            try:
                batch = await source.fetch("")
                outcomes: list[Outcome | Answered] = [self.take(each) for each in batch.requests]
                self.refused += batch.refused
                await batch.settle(outcomes)
            except DeliveryError as error:
                self.failures.append(error.cause)
            await asyncio.sleep(PAUSE_S)

    async def send(self, part: Release) -> None:
        """Send a release until the shelters have it."""
        for _ in range(100):
            with suppress(DeliveryError):
                connector.read_reply(
                    await self.drop.send(
                        connector.from_hub(part, self.partner, datetime.now(UTC)), self.partner
                    ),
                    self.partner,
                )
                return
            await asyncio.sleep(PAUSE_S)
        raise TimeoutError("the shelters do not take it")

    @property
    def files(self) -> Path:
        """The folder that the hub sees."""
        return self.home / "shelter" / "files"

    async def by_hand(self, folder: Path, *commands: str) -> None:
        """Give OpenSSH's sftp some commands, with the hub's own key, in a folder of this machine."""
        own = self.home / "partners" / "shelter"
        process = await asyncio.create_subprocess_exec(
            "sftp", "-q", "-b", "-", "-P", str(self.port), "-i", str(own / "ssh_key"),
            "-o", f"UserKnownHostsFile={own / 'known_hosts'}", "-o", "GlobalKnownHostsFile=/dev/null",
            "-o", "IdentitiesOnly=yes", "-F", "/dev/null", "stafet@127.0.0.1",
            cwd=folder, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate("\n".join(commands).encode())
        assert process.returncode == 0, said.decode()

    @property
    def record(self) -> list[Entry]:
        """Read what the simulator wrote down."""
        file = self.home / "shelter" / "record.jsonl"
        whole = file.read_bytes() if file.exists() else b""
        return [json.loads(line) for line in whole[: whole.rfind(b"\n") + 1].splitlines()]

    def of(self, kind: str, **facts: object) -> list[Entry]:
        """Find lines of a kind with these facts."""
        return [
            each for each in self.record
            if each["kind"] == kind and all(each.get(name) == fact for name, fact in facts.items())
        ]  # fmt: skip

    @asynccontextmanager
    async def simulator(self, *faults: str, seed: int = 7) -> AsyncGenerator[None]:
        """Run the simulator and the hub's collector while the block runs."""
        options = SimulatorOptions(
            "shelter", self.home, "https://127.0.0.1:9", self.port, seed=seed, faults=faults
        )
        running = [asyncio.create_task(run(options)), asyncio.create_task(self.collect())]
        try:
            yield
            for each in running:
                if each.done():
                    each.result()
        finally:
            for each in running:
                each.cancel()
            await asyncio.gather(*running, return_exceptions=True)


def hub_in(home: Path, port: int, *, patience_s: float = 5.0) -> ShelterHub:
    """Make the keys of both sides below a home."""
    furnish(Development(home, {"shelter": f"sftp://127.0.0.1:{port}"}))
    folder = home / "partners" / "shelter"
    read = tomllib.loads((folder / "partner.toml").read_text(encoding="utf-8"))
    keys = {name: (folder / name).read_bytes() for name in connector.manifest.keys}
    networks = tuple(read["networks"])
    partner = Partner("shelter", read["endpoint"], read["identifiers"], keys, networks=networks)
    drop = SftpDrop(lambda: datetime.now(UTC), deadline_s=5.0, patience_s=patience_s)
    return ShelterHub(home, port, partner, drop)


def referral(number: int) -> str:
    """Name a referral."""
    return f"0192f3a0-0000-7000-8000-{number:012x}"


def part(name: str, number: int) -> Release:
    """Make the notice or the content of a referral."""
    delivery = f"0192f3a0-0000-7000-9{name[0].encode().hex()}0-{number:012x}"
    return replace(release(name), referral=referral(number), delivery=delivery)


async def until(held: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(seconds):
        while not held():  # noqa: ASYNC110 - what another task does sets no event here
            await asyncio.sleep(0.02)
