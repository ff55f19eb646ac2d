"""Files that a partner leaves: taken when they are whole, answered by receipts, and gone afterwards."""

from datetime import UTC, datetime

import asyncssh
import pytest

from stafet_connectors.redcross import connector
from stafet_sdk.contract import Accepted, Answered, Outcome, Reply
from stafet_sdk.errors import InboundRefused, Retriable
from stafet_sdk.filereceipts import read_business, read_technical
from stafet_sdk.sftpdrop import SftpDrop
from stafet_sdk.sftpsource import MAX_ROW_BYTES, SftpSource
from stafet_sdk.source import Batch
from tests.fakes.clock import FakeClock
from tests.fakes.dropped import FakeDropped
from tests.sdk.sftp_cuts import CutOff, KilledError
from tests.sdk.sftp_sites import Site

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PATIENCE_S = 300
BODY = b"a1 first\na2 second\n"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def source(site: Site, clock: FakeClock) -> SftpSource:
    drop = SftpDrop(clock.now, deadline_s=5, patience_s=PATIENCE_S, max_file_bytes=1000)
    return drop.source(FakeDropped(), site.partner)


def bodies(batch: Batch) -> list[bytes]:
    """List the messages of a batch."""
    return [each.body for each in batch.requests]


def codes(batch: Batch) -> list[str]:
    """List what was of no use."""
    return [each.code for each in batch.refused]


def all_accepted(batch: Batch, *, again: bool = False) -> list[Outcome]:
    """Give the outcomes of a batch that the hub took."""
    return [Accepted(str(each), f"r{each}", NOW, again) for each in range(len(batch.requests))]


async def taken(source: SftpSource) -> list[bytes]:
    """Take one file as the gateway does; give its messages."""
    batch = await source.fetch("")
    await batch.settle(all_accepted(batch))
    return bodies(batch)


async def look(source: SftpSource, *, all_good: bool) -> list[bytes]:
    """Look once as the gateway does, and be killed, or not; give the messages that it had."""
    found: list[bytes] = []
    try:
        batch = await source.fetch("")
        found = bodies(batch)
        outcomes = all_accepted(batch)
        if outcomes and not all_good:
            outcomes[0] = InboundRefused("invalid", "no good")
        await batch.settle(outcomes)
    except KilledError:
        pass
    return found


async def unsupported(*_: object) -> None:
    """Be a server without extensions."""
    raise asyncssh.SFTPOpUnsupported("not here")


class TestTaking:
    async def test_gives_the_messages_of_a_whole_file(self, site: Site, source: SftpSource) -> None:
        site.drop("beds.csv", BODY)

        batch = await source.fetch("")

        assert (bodies(batch), batch.cursor, batch.more) == ([b"a1 first", b"a2 second"], "", True)
        assert (source.agency, source.interval_s, codes(batch)) == ("shelter", 60, [])

    async def test_leaves_the_file_until_it_is_settled(self, site: Site, source: SftpSource) -> None:
        site.drop("beds.csv", BODY)

        assert bodies(await source.fetch("")) == bodies(await source.fetch(""))
        assert site.names() == {"OUT": ["beds.csv", "beds.csv.trigger.xml"], "IN": []}

    async def test_an_accepted_file_is_answered_and_gone(self, site: Site, source: SftpSource) -> None:
        site.drop("beds.csv", BODY)

        await taken(source)

        assert site.names() == {
            "OUT": [],
            "IN": ["beds.csv.businessreceipt.xml", "beds.csv.technicalreceipt.xml"],
        }
        technical = read_technical((site.into / "beds.csv.technicalreceipt.xml").read_bytes())
        assert (technical.file_id, technical.errors) == ("id-beds.csv", ())

    async def test_a_file_with_a_refused_row_is_answered_and_set_aside(
        self, site: Site, source: SftpSource
    ) -> None:
        site.drop("beds.csv", BODY)
        batch = await source.fetch("")

        await batch.settle([*all_accepted(batch)[:1], InboundRefused("invalid", "no good")])

        business = read_business((site.into / "beds.csv.businessreceipt.xml").read_bytes())
        assert (business.acceptance, business.file_name) == ("partly_accepted", "beds.csv")
        assert site.names()["REFUSED"] == ["beds.csv", "beds.csv.trigger.xml"]
        assert site.names()["OUT"] == []

    async def test_a_file_of_no_use_is_told_answered_and_set_aside(
        self, site: Site, source: SftpSource
    ) -> None:
        site.drop("beds.csv", b"\0")

        batch = await source.fetch("")
        await batch.settle([])

        assert (codes(batch), batch.requests, batch.more) == (["malformed"], (), True)
        technical = read_technical((site.into / "beds.csv.technicalreceipt.xml").read_bytes())
        assert [each.code for each in technical.errors] == ["malformed"]
        assert site.names()["REFUSED"] == ["beds.csv", "beds.csv.trigger.xml"]

    async def test_a_file_with_a_row_that_is_too_long_is_of_no_use(
        self, site: Site, clock: FakeClock
    ) -> None:
        site.drop("beds.csv", b"a1 first\na2 " + b"x" * MAX_ROW_BYTES)

        batch = await SftpDrop(clock.now).source(FakeDropped(), site.partner).fetch("")

        assert (codes(batch), batch.requests) == (["too_large"], ())

    async def test_takes_one_after_the_other_in_the_order_of_triggers(
        self, site: Site, source: SftpSource
    ) -> None:
        for number, name in enumerate(["c.csv", "a.csv", "b.csv"]):
            site.drop(name, name.encode())
            site.aged(f"{name}.trigger.xml", 100 - number)

        assert [await taken(source) for _ in range(4)] == [[b"c.csv"], [b"a.csv"], [b"b.csv"], []]

    async def test_an_empty_folder_is_asked_again_later(self, site: Site, source: SftpSource) -> None:
        del site
        batch = await source.fetch("x")

        assert (batch.requests, batch.cursor, batch.more) == ((), "x", False)

    async def test_a_row_cannot_ask_anything(self, site: Site, source: SftpSource) -> None:
        site.drop("beds.csv", b"a1 first")
        batch = await source.fetch("")

        await batch.settle([Answered(Reply(200, {}, b""))])

        business = read_business((site.into / "beds.csv.businessreceipt.xml").read_bytes())
        assert business.acceptance == "rejected"

    async def test_a_file_that_ends_in_a_bug_does_not_keep_the_others_waiting(
        self, site: Site, source: SftpSource
    ) -> None:
        site.drop("a.csv", b"bug")
        with pytest.raises(RuntimeError):
            await source.fetch("")
        site.drop("b.csv", b"b1 fine")

        assert await taken(source) == [b"b1 fine"]
        with pytest.raises(RuntimeError):
            await source.fetch("")


class TestOldServers:
    async def test_a_server_without_openssh_s_extensions_does(
        self, site: Site, source: SftpSource, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(asyncssh.SFTPClient, "posix_rename", unsupported)
        monkeypatch.setattr(asyncssh.SFTPClientFile, "fsync", unsupported)
        site.drop("beds.csv", BODY)
        (site.into / "beds.csv.businessreceipt.xml").write_bytes(b"an older one")

        assert await taken(source) == [b"a1 first", b"a2 second"]
        assert site.names()["OUT"] == []
        assert (
            read_business((site.into / "beds.csv.businessreceipt.xml").read_bytes()).file_name == "beds.csv"
        )


class TestWaiting:
    @pytest.mark.parametrize("trigger", [b"", b"<Trigger", b"<Trigger/>"])
    async def test_a_trigger_that_is_not_whole_yet_waits(
        self, site: Site, source: SftpSource, trigger: bytes
    ) -> None:
        (site.out / "beds.csv").write_bytes(BODY)
        (site.out / "beds.csv.trigger.xml").write_bytes(trigger)

        assert not (await source.fetch("")).more
        site.trigger("beds.csv", len(BODY))
        assert await taken(source) == [b"a1 first", b"a2 second"]

    async def test_a_file_without_a_trigger_waits_for_ever(
        self, site: Site, source: SftpSource, clock: FakeClock
    ) -> None:
        (site.out / "beds.csv").write_bytes(BODY)
        await source.fetch("")
        clock.advance(10 * PATIENCE_S)

        assert not (await source.fetch("")).more
        assert site.names() == {"OUT": ["beds.csv"], "IN": []}

    async def test_a_trigger_before_its_file_waits(self, site: Site, source: SftpSource) -> None:
        site.trigger("beds.csv", len(BODY))
        assert not (await source.fetch("")).more

        (site.out / "beds.csv").write_bytes(BODY)

        assert await taken(source) == [b"a1 first", b"a2 second"]
        assert site.names()["OUT"] == []

    async def test_a_file_that_grows_has_all_the_time(
        self, site: Site, source: SftpSource, clock: FakeClock
    ) -> None:
        site.drop("beds.csv", BODY[:3], size=len(BODY))
        for length in (4, 9, 14):
            await source.fetch("")
            clock.advance(PATIENCE_S - 1)
            (site.out / "beds.csv").write_bytes(BODY[:length])

        assert not (await source.fetch("")).more
        (site.out / "beds.csv").write_bytes(BODY)
        assert await taken(source) == [b"a1 first", b"a2 second"]

    @pytest.mark.parametrize(
        ("size", "there", "code"),
        [(5, True, "size_mismatch"), (99, True, "size_mismatch"), (5, False, "no_data")],
    )
    async def test_what_stays_incomplete_is_told_after_a_while(
        self, site: Site, source: SftpSource, clock: FakeClock, size: int, *, there: bool, code: str
    ) -> None:
        site.drop("beds.csv", BODY, size=size)
        if not there:
            (site.out / "beds.csv").unlink()
        await source.fetch("")
        clock.advance(PATIENCE_S)

        batch = await source.fetch("")
        await batch.settle([])

        assert codes(batch) == [code]
        technical = read_technical((site.into / "beds.csv.technicalreceipt.xml").read_bytes())
        assert ([each.code for each in technical.errors], technical.file_id) == ([code], "id-beds.csv")
        assert site.names()["OUT"] == []


class TestCutOff:
    """A kill at any point: what was done stays done, the rest is done at the next look."""

    @pytest.mark.parametrize("steps", range(12))
    @pytest.mark.parametrize("all_good", [True, False], ids=["taken", "refused"])
    async def test_after_any_step_the_next_looks_end_in_the_same(
        self, site: Site, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, steps: int, *, all_good: bool
    ) -> None:
        site.drop("beds.csv", BODY)
        cut = CutOff(steps)
        cut.install(monkeypatch)
        drop = SftpDrop(clock.now, deadline_s=5)
        rows = [await look(drop.source(FakeDropped(), site.partner), all_good=all_good)]
        cut.steps = 10**6

        rows += [await look(drop.source(FakeDropped(), site.partner), all_good=all_good) for _ in range(2)]

        left = [] if all_good else ["beds.csv", "beds.csv.trigger.xml"]
        receipts = ["beds.csv.businessreceipt.xml", "beds.csv.technicalreceipt.xml"]
        assert site.names() == {"OUT": [], "IN": receipts} | ({} if all_good else {"REFUSED": left})
        assert rows[-1] == []
        assert [each for each in rows if each] in (
            [[b"a1 first", b"a2 second"]],
            [[b"a1 first", b"a2 second"]] * 2,
        )

    async def test_a_newer_file_of_the_name_of_one_that_was_settled_half_way_stays(
        self, site: Site, source: SftpSource
    ) -> None:
        (site.out / f"beds.csv.{len(BODY)}-1000000.taken").write_bytes(b"")
        (site.out / "beds.csv").write_bytes(BODY)

        await source.fetch("")

        assert site.names()["OUT"] == ["beds.csv"]

    async def test_a_file_that_is_replaced_while_it_is_accepted_comes_again(
        self, site: Site, source: SftpSource
    ) -> None:
        site.drop("beds.csv", BODY)
        batch = await source.fetch("")
        site.drop("beds.csv", b"b1 other file\n")

        with pytest.raises(Retriable, match=r"^file_changed$"):
            await batch.settle(all_accepted(batch))

        assert await taken(source) == [b"b1 other file"]

    async def test_nothing_accepted_leaves_everything(self, site: Site, source: SftpSource) -> None:
        site.drop("beds.csv", BODY)
        await source.fetch("")

        assert site.names() == {"OUT": ["beds.csv", "beds.csv.trigger.xml"], "IN": []}
        assert await taken(source) == [b"a1 first", b"a2 second"]


class TestDropSource:
    async def test_a_connector_that_takes_no_files_apart_is_none_for_files(self, site: Site) -> None:
        with pytest.raises(TypeError, match="no unpack and receipts"):
            SftpDrop(lambda: NOW).source(connector, site.partner)
