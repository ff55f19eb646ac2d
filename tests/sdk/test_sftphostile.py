"""A partner's server that is not what it should be: named by what happens next, in bounded time and space."""

import asyncio
import os
import shutil
import tracemalloc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import asyncssh
import pytest

from stafet_sdk.contract import Outbound
from stafet_sdk.development import ssh_key_pair
from stafet_sdk.errors import ContractBroken, NeedsAction, Refused, Retriable, Unknown
from stafet_sdk.filereceipts import read_technical
from stafet_sdk.sftpdrop import PUT, SftpDrop
from stafet_sdk.sftpserver import Files
from stafet_sdk.sftpsource import SftpSource
from stafet_sdk.trigger import NAMESPACE, Trigger, build_trigger
from tests.fakes.clock import FakeClock
from tests.fakes.dropped import FakeDropped
from tests.sdk import sftp_hostile as hostile
from tests.sdk.sftp_sites import Site, own_server

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
BOMB = (
    '<!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    f'<Trigger xmlns="{NAMESPACE}"><FileDescriptor><FileName>&b;</FileName></FileDescriptor></Trigger>'
).encode()


@pytest.fixture
def connector() -> FakeDropped:
    return FakeDropped()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@asynccontextmanager
async def visiting(
    root: Path, files: Files, connector: FakeDropped, clock: FakeClock | None = None, deadline_s: float = 5.0
) -> AsyncGenerator[tuple[Site, SftpSource]]:
    """Serve a site by a server that misbehaves, and look at it as the hub does."""
    async with own_server(root / "site", files) as site:
        drop = SftpDrop((clock or FakeClock(NOW)).now, deadline_s=deadline_s, patience_s=300)
        yield site, drop.source(connector, site.partner)


class TestNames:
    async def test_names_that_lead_elsewhere_are_refused_and_not_touched(
        self, tmp_path: Path, connector: FakeDropped
    ) -> None:
        async with visiting(tmp_path, hostile.Traversing, connector) as (_, source):
            batch = await source.fetch("")
            again = await source.fetch("")

        assert ([each.code for each in batch.refused], batch.requests, batch.more) == (
            ["file_name"],
            (),
            False,
        )
        assert (again.refused, connector.drops, hostile.Traversing.touched) == ((), [], [])

    async def test_a_name_that_is_no_text_does_not_hide_the_others(
        self, site: Site, connector: FakeDropped
    ) -> None:
        (site.out / os.fsdecode(b"\xff\xfe.csv")).write_bytes(b"x")
        site.drop("beds.csv", b"a1 fine")

        batch = await SftpDrop(lambda: NOW).source(connector, site.partner).fetch("")

        assert [each.body for each in batch.requests] == [b"a1 fine"]
        assert [each.code for each in batch.refused] == ["file_name"]

    @pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "other.csv", "x\ny", "", "a" * 500])
    async def test_a_trigger_about_another_file_is_refused(
        self, site: Site, clock: FakeClock, connector: FakeDropped, name: str
    ) -> None:
        said = f"<FileName>{name}</FileName><SizeInBytes>3</SizeInBytes>"
        raw = f"<Trigger><FileDescriptor>{said}</FileDescriptor></Trigger>"
        (site.out / "beds.csv").write_bytes(b"abc")
        (site.out / "beds.csv.trigger.xml").write_text(raw, encoding="utf-8")
        source = SftpDrop(clock.now, patience_s=300).source(connector, site.partner)

        await source.fetch("")
        clock.advance(300)

        assert await refused(source, site) == ["trigger"]

    async def test_a_folder_with_thousands_of_files_needs_somebody(
        self, tmp_path: Path, connector: FakeDropped
    ) -> None:
        async with visiting(tmp_path, hostile.Crowded, connector) as (_, source):
            with pytest.raises(NeedsAction, match=r"^folder_full$"):
                await source.fetch("")


class TestLinks:
    @pytest.mark.parametrize("target", ["/etc/passwd", "../../outside"])
    @pytest.mark.parametrize("linked", ["beds.csv", "beds.csv.trigger.xml"])
    async def test_a_link_is_not_followed(
        self, site: Site, connector: FakeDropped, linked: str, target: str
    ) -> None:
        (site.root.parent / "outside").write_bytes(b"a1 secret")
        site.drop("beds.csv", b"a1 secret")
        (site.out / linked).unlink()
        (site.out / linked).symlink_to(target)

        assert await refused(SftpDrop(lambda: NOW).source(connector, site.partner), site) == ["not_a_file"]
        assert connector.drops == []
        assert (site.refused / linked).is_symlink()

    async def test_a_link_in_the_place_of_a_file_that_was_looked_at_is_not_read(
        self, tmp_path: Path, connector: FakeDropped
    ) -> None:
        async with visiting(tmp_path, hostile.Swapping, connector) as (site, source):
            (tmp_path / "outside").write_bytes(b"a1 secret!")
            site.trigger("beds.csv", 10)
            (site.out / "beds.csv").symlink_to(tmp_path / "outside")

            batch = await source.fetch("")

        assert (batch.requests, batch.more, connector.drops) == ((), False, [])

    async def test_a_folder_with_the_name_of_a_file_is_none(self, site: Site, connector: FakeDropped) -> None:
        site.trigger("beds.csv", 3)
        (site.out / "beds.csv").mkdir()

        assert await refused(SftpDrop(lambda: NOW).source(connector, site.partner), site) == ["not_a_file"]


class TestSize:
    async def test_a_hundred_megabytes_are_not_even_begun(self, site: Site, connector: FakeDropped) -> None:
        site.drop("beds.csv", b"", size=100_000_000)
        with (site.out / "beds.csv").open("r+b") as file:
            file.truncate(100_000_000)

        assert await refused(SftpDrop(lambda: NOW).source(connector, site.partner), site) == ["too_large"]
        assert connector.drops == []

    async def test_a_trigger_of_a_hundred_megabytes_is_not_even_begun(
        self, site: Site, connector: FakeDropped
    ) -> None:
        site.drop("beds.csv", b"abc")
        with (site.out / "beds.csv.trigger.xml").open("r+b") as file:
            file.truncate(100_000_000)

        assert await refused(SftpDrop(lambda: NOW).source(connector, site.partner), site) == ["too_large"]

    async def test_a_file_that_is_larger_than_was_said_is_read_no_further(
        self, tmp_path: Path, connector: FakeDropped
    ) -> None:
        async with visiting(tmp_path, hostile.Endless, connector) as (site, source):
            (site.out / "beds.csv").write_bytes(bytes(10))
            site.trigger("beds.csv", 10)

            assert not (await source.fetch("")).more

        assert (connector.drops, hostile.Endless.reads) == ([], 11)

    async def test_an_answer_of_more_than_was_asked_for_breaks_the_contract(
        self, tmp_path: Path, connector: FakeDropped
    ) -> None:
        async with visiting(tmp_path, hostile.Flooding, connector) as (site, source):
            (site.out / "beds.csv").write_bytes(bytes(10))
            site.trigger("beds.csv", 10)

            with pytest.raises(ContractBroken, match=r"^sftp$"):
                await source.fetch("")

    async def test_memory_stays_bounded_whatever_comes(self, tmp_path: Path, connector: FakeDropped) -> None:
        async with visiting(tmp_path, hostile.Flooding, connector) as (site, source):
            for number in range(20):
                (site.out / f"{number}.csv").write_bytes(bytes(10))
                site.trigger(f"{number}.csv", 10)
            tracemalloc.start()
            try:
                for _ in range(20):
                    with pytest.raises(ContractBroken):
                        await source.fetch("")
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()

        # The server, which sends 4 MB for each question, is in this process, too.
        assert peak < 50_000_000

    async def test_a_large_file_in_the_place_of_ours_is_not_read_to_compare(self, site: Site) -> None:
        (site.into / "x.csv").touch()
        with (site.into / "x.csv").open("r+b") as file:
            file.truncate(100_000_000)

        with pytest.raises(Refused, match=r"^name_taken$"):
            await SftpDrop(lambda: NOW).send(Outbound({}, b"abc", path="x.csv"), site.partner)


class TestCompression:
    async def test_a_server_that_only_speaks_compressed_is_not_spoken_to(self, tmp_path: Path) -> None:
        async with own_server(tmp_path / "site") as site:
            host, public = ssh_key_pair("host")
            known = b"127.0.0.1 " + public
            server = await asyncssh.listen(
                "127.0.0.1",
                0,
                server_host_keys=[asyncssh.import_private_key(host)],
                compression_algs=["zlib@openssh.com", "zlib"],
            )
            endpoint = f"sftp://127.0.0.1:{server.get_port()}"
            with pytest.raises(NeedsAction, match=r"^key_exchange$"):
                await SftpDrop(lambda: NOW).send(
                    Outbound({}, b"", path="x.csv"),
                    replace(site.with_keys(known_hosts=known), endpoint=endpoint),
                )
            server.close()
            await server.wait_closed()


class TestTime:
    @pytest.mark.parametrize("files", [hostile.Dripping, hostile.Stuck])
    async def test_a_slow_server_is_given_up(
        self, tmp_path: Path, connector: FakeDropped, files: Files
    ) -> None:
        async with asyncio.timeout(5), visiting(tmp_path, files, connector, deadline_s=0.3) as (site, source):
            (site.out / "beds.csv").write_bytes(b"a1 secret!")
            site.trigger("beds.csv", 10)

            with pytest.raises(Retriable, match=r"^timeout$"):
                await source.fetch("")

    async def test_a_server_that_hangs_up_is_tried_again(
        self, tmp_path: Path, connector: FakeDropped
    ) -> None:
        async with visiting(tmp_path, hostile.Vanishing, connector) as (site, source):
            site.drop("beds.csv", b"a1 fine")

            with pytest.raises(Retriable, match=r"^broken_connection$"):
                await source.fetch("")


class TestUnknown:
    @pytest.mark.parametrize(
        ("files", "kind", "cause"),
        [
            (hostile.LosingTheData, Retriable, "broken_connection"),
            (hostile.LosingTheTrigger, Unknown, "broken_connection"),
            (hostile.HangingAtTheTrigger, Unknown, "timeout"),
        ],
    )
    async def test_only_after_the_last_name_nobody_knows_and_the_same_again_settles_it(
        self, tmp_path: Path, files: Files, kind: type[Retriable], cause: str
    ) -> None:
        outbound = Outbound({}, b"abc", path="x.csv", trigger=build_trigger(Trigger("x.csv", 3, "hub", "1")))
        drop = SftpDrop(lambda: NOW, deadline_s=0.5)
        async with own_server(tmp_path / "site", files) as site:
            with pytest.raises(Retriable) as caught:
                await drop.send(outbound, site.partner)
        assert (type(caught.value), caught.value.cause) == (kind, cause)

        async with own_server(tmp_path / "again") as site:
            shutil.copytree(tmp_path / "site", site.root, dirs_exist_ok=True)
            assert await drop.send(outbound, site.partner) == PUT
            assert site.names()["IN"] == ["x.csv", "x.csv.trigger.xml"]


class TestTrigger:
    async def test_an_entity_bomb_is_refused_at_once_and_answered(
        self, site: Site, connector: FakeDropped
    ) -> None:
        (site.out / "beds.csv").write_bytes(b"abc")
        (site.out / "beds.csv.trigger.xml").write_bytes(BOMB)

        assert await refused(SftpDrop(lambda: NOW).source(connector, site.partner), site) == ["doctype"]
        assert connector.drops == []


async def refused(source: SftpSource, site: Site) -> list[str]:
    """Look once, expect no message, a receipt with an error, and an empty folder; give what was wrong."""
    batch = await source.fetch("")
    await batch.settle([])
    assert batch.requests == ()
    receipt = read_technical((site.into / "beds.csv.technicalreceipt.xml").read_bytes())
    codes = [each.code for each in batch.refused]
    assert [each.code for each in receipt.errors] == codes
    assert site.names()["OUT"] == []
    return codes
