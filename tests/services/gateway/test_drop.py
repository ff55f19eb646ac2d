"""The file drop of an agency that has an inbox, too: its files are fetched, whole or not at all."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from stafet_connectors.police.documents import MAX_BYTES
from stafet_connectors.police.samples_documents import (
    CONTENT,
    NAME,
    announcement,
    document,
    fetched,
    trigger_of,
)
from stafet_runtime.database import Database
from stafet_schemas.case import CaseDocumentReceived
from stafet_schemas.inbound import MessageRejected
from stafet_sdk.filereceipts import read_technical
from stafet_sdk.sftpdrop import SftpDrop
from stafet_sdk.trigger import SUFFIX, Trigger, build_trigger
from tests.sdk.sftp_sites import Site, own_server
from tests.services.gateway.serving import Gateway

PATIENCE_S = 0.2
MESSAGES = "select message from messages order by received_at, message"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncGenerator[Site]:
    async with own_server(tmp_path / "site") as served:
        yield served


@pytest.fixture
def police(gateway: Gateway, site: Site) -> Gateway:
    """A hub that the police post to, and leave files for."""
    own = gateway.partners["police"]
    gateway.partners["police"] = replace(
        own,
        drop=site.partner.endpoint,
        identifiers={**own.identifiers, **site.partner.identifiers},
        keys={**own.keys, **site.partner.keys},
        networks=site.partner.networks,
        interval_s=0.01,
    )
    gateway.fetching["sftp"] = SftpDrop(gateway.clock.now, patience_s=PATIENCE_S).source
    return gateway


@asynccontextmanager
async def collecting(gateway: Gateway) -> AsyncGenerator[None]:
    """Run the gateway's own tasks; its clock goes on, as somebody's patience is measured by it."""

    async def tick() -> None:
        while True:
            await asyncio.sleep(0.02)
            gateway.clock.advance(0.1)

    running = [asyncio.ensure_future(task()) for task in (*gateway.service().tasks, tick)]
    try:
        async with asyncio.timeout(60):
            yield
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what another task does on disk."""
    while not condition():  # noqa: ASYNC110 - no event tells what happened on disk
        await asyncio.sleep(0.01)


def leave(site: Site, content: bytes = CONTENT, *, trigger: Trigger | None = None, name: str = NAME) -> None:
    """Leave a file of the first document with its trigger."""
    (site.out / name).write_bytes(content)
    (site.out / f"{name}{SUFFIX}").write_bytes(
        build_trigger(trigger or trigger_of(document(content=content)))
    )


def receipt(site: Site, name: str = NAME) -> list[str]:
    """Read the codes of a file's technical receipt."""
    file = site.into / f"{name}.technicalreceipt.xml"
    return [each.code for each in read_technical(file.read_bytes()).errors]


async def fetched_once(gateway: Gateway, site: Site, name: str = NAME) -> list[str]:
    """Collect until a file has its receipt and has left OUT."""
    async with collecting(gateway):
        await until((site.into / f"{name}.technicalreceipt.xml").exists)
        await until(lambda: not any(each.startswith(name) for each in site.names()["OUT"]))
    return receipt(site, name)


class TestADrop:
    async def test_brings_the_file_of_a_document_that_was_posted(self, police: Gateway, site: Site) -> None:
        async with police.serving():
            assert (await police.post(announcement(document()))).status_code == 200
        leave(site)

        assert await fetched_once(police, site) == []
        await police.translate()
        [event] = await police.events(CaseDocumentReceived)
        assert police.vault.registered["police", event.data.announcement].raw == CONTENT
        # The police have theirs; the hub's is committed.
        assert site.names()["OUT"] == []

    async def test_is_no_way_around_the_inbox(self, police: Gateway, database: Database) -> None:
        file = fetched(document())
        async with police.serving(), httpx.AsyncClient() as client:
            url = f"http://127.0.0.1:{police.port}/agencies/police/inbox"
            answers = [await client.request(method, url, content=file.body) for method in ("FILE", "POST")]
        assert [each.status_code for each in answers] == [405, 415]
        assert await database.pool.fetch(MESSAGES) == []

    async def test_that_was_fetched_before_its_receipt_was_put_counts_once(
        self, police: Gateway, site: Site, database: Database
    ) -> None:
        leave(site)
        site.into.rmdir()
        with capture_logs() as logs:
            async with collecting(police):
                await until(lambda: any(each["event"] == "not_collected" for each in logs))
                site.into.mkdir()
                await until(lambda: site.names()["OUT"] == [])
        leave(site)
        assert await fetched_once(police, site) == []
        assert len(await database.pool.fetch(MESSAGES)) == 1


class TestHostileFiles:
    @pytest.mark.parametrize(("content", "trigger", "code"), [
        (b"x" * (MAX_BYTES + 1), None, "too_large"),
        (CONTENT, trigger_of(document(), sender="20000002"), "unknown_sender"),
        (CONTENT, trigger_of(document(), file_id="Gaxipypuno"), "trigger"),
        (CONTENT, replace(trigger_of(document()), routing=None), "trigger"),
        (CONTENT[:5], trigger_of(document()), "size_mismatch"),
    ])  # fmt: skip
    async def test_are_refused_and_set_aside(
        self,
        police: Gateway,
        site: Site,
        database: Database,
        content: bytes,
        trigger: Trigger | None,
        code: str,
    ) -> None:
        leave(site, content, trigger=trigger)
        assert await fetched_once(police, site) == [code]
        assert NAME in site.names()["REFUSED"]
        assert await database.pool.fetch(MESSAGES) == []

    async def test_a_trigger_without_its_file_is_told(self, police: Gateway, site: Site) -> None:
        (site.out / f"{NAME}{SUFFIX}").write_bytes(build_trigger(trigger_of(document())))
        assert await fetched_once(police, site) == ["no_data"]

    async def test_a_trigger_that_names_another_path_is_refused(self, police: Gateway, site: Site) -> None:
        leave(site)
        file = site.out / f"{NAME}{SUFFIX}"
        file.write_bytes(file.read_bytes().replace(NAME.encode(), b"../../../etc/passwd"))
        assert await fetched_once(police, site) == ["trigger"]

    async def test_a_half_written_file_is_taken_when_it_is_whole(
        self, police: Gateway, site: Site, database: Database
    ) -> None:
        leave(site, CONTENT[:9], trigger=trigger_of(document()))
        police.fetching["sftp"] = SftpDrop(police.clock.now, patience_s=3600).source
        async with collecting(police):
            await asyncio.sleep(0.1)
            assert await database.pool.fetch(MESSAGES) == []
            (site.out / NAME).write_bytes(CONTENT)
            await until((site.into / f"{NAME}.technicalreceipt.xml").exists)
        assert receipt(site) == []

    async def test_another_file_under_the_same_id_is_a_conflict(self, police: Gateway, site: Site) -> None:
        leave(site)
        assert await fetched_once(police, site) == []
        (site.into / f"{NAME}.technicalreceipt.xml").unlink()
        other = CONTENT.replace(b"Gaxi", b"Hoxi")
        leave(site, other)
        assert await fetched_once(police, site) == ["conflict"]

    async def test_a_file_without_announcement_waits_and_nothing_of_it_is_told(
        self, police: Gateway, site: Site
    ) -> None:
        leave(site)
        with capture_logs() as logs:
            assert await fetched_once(police, site) == []
        await police.translate()
        assert (await police.events(CaseDocumentReceived), await police.events(MessageRejected)) == ([], [])
        assert len(await police.sealed()) == 1
        assert "Gaxipypuno" not in str(logs)
