"""Documents of the simulated police, over real sockets, and what the scripts make of them."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stafet_connectors.police import connector
from stafet_connectors.police.simulator import run
from stafet_connectors.police.simulator_papers import SCRIPTS, papers
from stafet_connectors.police.simulator_plan import plan
from stafet_sdk.development import Development
from stafet_sdk.draft import DocumentDraft, FileDraft
from stafet_sdk.errors import DeliveryError
from stafet_sdk.faults import read_faults
from stafet_sdk.freeports import free_port
from stafet_sdk.sftpdrop import SftpDrop
from stafet_sdk.simulator import SimulatorOptions
from tests.connectors.test_police_simulator import by_kind, record_of, until
from tests.fakes.police_hub import PoliceHub, police_hub

REFERRALS = 4


@dataclass
class Filed:
    """A hub that fetches beside its inbox; `refused` are the codes of files that were of no use."""

    hub: PoliceHub
    options: SimulatorOptions
    refused: list[str] = field(default_factory=list[str])

    def halves(self) -> tuple[dict[str, DocumentDraft], dict[str, list[FileDraft]]]:
        """Sort what was accepted into announcements and files, by link."""
        drafts = list(self.hub.drafts().values())
        files = [each for each in drafts if isinstance(each, FileDraft)]
        words = {each.link: each for each in drafts if isinstance(each, DocumentDraft)}
        return words, {
            link: [each for each in files if each.link == link] for link in {f.link for f in files}
        }

    async def collect(self) -> None:
        """Fetch for ever."""
        drop = SftpDrop(lambda: datetime.now(UTC), patience_s=30.0)
        source = drop.source(connector, self.hub.partner.at_drop())
        while True:
            try:
                batch = await source.fetch("")
                self.refused += [each.code for each in batch.refused]
                await batch.settle([self.hub.outcome(each) for each in batch.requests])
            except DeliveryError:
                pass
            await asyncio.sleep(0.02)


@asynccontextmanager
async def filing(home: Path, *faults: str) -> AsyncGenerator[Filed]:
    """Run the police, who send a document about everybody, and a hub."""
    port = free_port()
    async with police_hub(home) as hub:
        drops = {"police": f"sftp://127.0.0.1:{port}"}
        keys = Development(home, {}, drops=drops).ssh("police")
        for name, content in keys.simulator.items():
            (home / "simulators" / "police" / name).write_bytes(content)
        identifiers = {**hub.partner.identifiers, "sftp_user": "stafet"}
        hub.partner = replace(
            hub.partner,
            drop=drops["police"],
            keys={**hub.partner.keys, **keys.partner},
            identifiers=identifiers,
        )
        options = replace(hub.options(referrals=REFERRALS, faults=faults), drop_port=port, documents=100)
        filed = Filed(hub, options)
        running = [asyncio.create_task(run(options)), asyncio.create_task(filed.collect())]
        try:
            yield filed
        finally:
            for each in running:
                each.cancel()
            await asyncio.gather(*running, return_exceptions=True)


class TestPapers:
    def test_are_the_same_for_the_same_seed(self) -> None:
        faults = read_faults((), SCRIPTS)
        one, other = (papers(plan(3, 20), 50, faults, 3) for _ in range(2))
        assert one == other
        assert 0 < len(one) < len(plan(3, 20))

    def test_are_none_unless_asked_for(self) -> None:
        assert papers(plan(3, 20), 0, read_faults((), SCRIPTS), 3) == []

    def test_show_nothing_when_printed(self) -> None:
        made = papers(plan(3, 5), 100, read_faults((), SCRIPTS), 3)
        assert not [each for chain in plan(3, 5) for each in chain[0].person.values() if each in repr(made)]


class TestFiling:
    async def test_both_halves_of_each_document_arrive_and_fit(self, tmp_path: Path) -> None:
        async with filing(tmp_path) as filed:
            record = await until(filed.options, "file_receipt", REFERRALS)
        words, files = filed.halves()
        assert len(words) == len(files) == REFERRALS
        for link, said in words.items():
            assert [hashlib.sha256(each.content).hexdigest() for each in files[link]] == [said.digest]
        assert {each["code"] for each in by_kind(record, "announced")} == {"MODTAGET"}
        assert {each["code"] for each in by_kind(record, "file_receipt")} == {"received"}
        # In both orders, by the seed.
        kinds = [each["kind"] for each in record if each["kind"] in {"announced", "filed"}]
        assert len(set(zip(kinds[::2], kinds[1::2], strict=True))) == 2

    @pytest.mark.parametrize(("script", "words", "fitting", "refused"), [
        ("document-missing", REFERRALS, 0, []),
        ("document-unannounced", 0, 0, []),
        ("document-swapped", REFERRALS, 0, []),
        ("document-half", REFERRALS, REFERRALS, []),
        ("document-twice", REFERRALS, REFERRALS, []),
        ("document-large", REFERRALS, 0, ["too_large"] * REFERRALS),
    ])  # fmt: skip
    async def test_a_script_does_what_its_name_says(
        self, tmp_path: Path, script: str, words: int, fitting: int, refused: list[str]
    ) -> None:
        async with filing(tmp_path, f"{script}:100") as filed:
            await until(filed.options, "done_sending")
            expected = 0 if script == "document-missing" else REFERRALS
            await until(filed.options, "file_receipt", expected)
        said, files = filed.halves()
        fit = [
            link for link, word in said.items()
            if any(hashlib.sha256(each.content).hexdigest() == word.digest for each in files.get(link, []))
        ]  # fmt: skip
        assert (len(said), len(fit), filed.refused) == (words, fitting, refused)
        codes = Counter(each["code"] for each in by_kind(record_of(filed.options), "file_receipt"))
        assert set(codes) <= {"received", "too_large"}

    async def test_a_killed_simulator_sends_nothing_twice(self, tmp_path: Path) -> None:
        async with filing(tmp_path) as filed:
            await until(filed.options, "done_sending")
            before = len(by_kind(record_of(filed.options), "filed"))
            again = asyncio.create_task(run(replace(filed.options, drop_port=free_port())))
            await until(filed.options, "done_sending", 2)
            again.cancel()
            await asyncio.gather(again, return_exceptions=True)
            assert len(by_kind(record_of(filed.options), "filed")) == before == REFERRALS
