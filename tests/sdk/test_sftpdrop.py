"""Files that the hub puts at a partner: whole, once, and never in another one's place."""

import socket
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stafet_sdk.contract import Outbound
from stafet_sdk.development import ssh_key_pair
from stafet_sdk.errors import ContractBroken, DeliveryError, NeedsAction, Refused, Retriable
from stafet_sdk.freeports import free_port
from stafet_sdk.sftpdrop import PUT, SftpDrop
from stafet_sdk.trigger import Routing, Trigger, build_trigger
from tests.sdk.sftp_sites import Site

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NAME = "placement-0192f3a0.csv"
BODY = "ref;navn\r\n1;Gaxipypuno Æbeltoft\r\n".encode()
TRIGGER = build_trigger(Trigger(NAME, len(BODY), "stafet", "delivery-1"))
OUTBOUND = Outbound({}, BODY, path=NAME, trigger=TRIGGER)


@pytest.fixture
def drop() -> SftpDrop:
    return SftpDrop(lambda: NOW, deadline_s=5)


class TestSend:
    async def test_puts_the_file_and_its_trigger_and_nothing_else(self, site: Site, drop: SftpDrop) -> None:
        reply = await drop.send(OUTBOUND, site.partner)

        assert reply == PUT
        assert site.names()["IN"] == [NAME, f"{NAME}.trigger.xml"]
        assert (site.into / NAME).read_bytes() == BODY
        assert (site.into / f"{NAME}.trigger.xml").read_bytes() == TRIGGER

    async def test_the_same_again_is_fine_and_changes_nothing(self, site: Site, drop: SftpDrop) -> None:
        await drop.send(OUTBOUND, site.partner)
        before = (site.into / NAME).stat().st_ino

        await drop.send(OUTBOUND, site.partner)

        assert (site.into / NAME).stat().st_ino == before

    async def test_a_trigger_that_differs_in_its_time_only_is_the_same(
        self, site: Site, drop: SftpDrop
    ) -> None:
        await drop.send(OUTBOUND, site.partner)
        later = Trigger(NAME, len(BODY), "stafet", "delivery-1", routing=Routing(sent_at=NOW))

        assert await drop.send(replace(OUTBOUND, trigger=build_trigger(later)), site.partner) == PUT

    @pytest.mark.parametrize(
        "other",
        [
            replace(OUTBOUND, body=BODY[:-1] + b"x"),
            replace(OUTBOUND, body=BODY + b"x"),
            replace(OUTBOUND, trigger=build_trigger(Trigger(NAME, len(BODY), "stafet", "delivery-2"))),
            replace(OUTBOUND, trigger=b"no trigger"),
        ],
    )
    async def test_another_file_under_the_same_name_is_refused(
        self, site: Site, drop: SftpDrop, other: Outbound
    ) -> None:
        await drop.send(OUTBOUND, site.partner)

        with pytest.raises(Refused, match=r"^name_taken$"):
            await drop.send(other, site.partner)

        assert (site.into / NAME).read_bytes() == BODY
        assert (site.into / f"{NAME}.trigger.xml").read_bytes() == TRIGGER

    async def test_goes_on_where_it_was_cut_off_before_the_trigger(self, site: Site, drop: SftpDrop) -> None:
        (site.into / NAME).write_bytes(BODY)
        (site.into / f"{NAME}.trigger.xml.part").write_bytes(TRIGGER[:9])

        await drop.send(OUTBOUND, site.partner)

        assert site.names()["IN"] == [NAME, f"{NAME}.trigger.xml"]

    async def test_writes_through_no_link(self, site: Site, drop: SftpDrop, tmp_path: Path) -> None:
        precious = tmp_path / "precious"
        precious.write_bytes(b"as it was")
        (site.into / f"{NAME}.part").symlink_to(precious)

        await drop.send(OUTBOUND, site.partner)

        assert precious.read_bytes() == b"as it was"
        assert not (site.into / NAME).is_symlink()

    async def test_a_link_under_the_name_takes_it(self, site: Site, drop: SftpDrop, tmp_path: Path) -> None:
        (tmp_path / "same").write_bytes(BODY)
        (site.into / NAME).symlink_to(tmp_path / "same")

        with pytest.raises(Refused, match=r"^name_taken$"):
            await drop.send(OUTBOUND, site.partner)

    async def test_puts_a_large_file_whole(self, site: Site, drop: SftpDrop) -> None:
        body = bytes(range(256)) * 4096 * 3
        await drop.send(Outbound({}, body, path="large.bin"), site.partner)

        assert (site.into / "large.bin").read_bytes() == body

    @pytest.mark.parametrize("name", ["", "../x", "a/b", ".x", "x\n", "x.part", "x.trigger.xml", "x" * 121])
    async def test_a_name_that_nobody_may_use_is_the_connectors_mistake(
        self, site: Site, drop: SftpDrop, name: str
    ) -> None:
        with pytest.raises(ContractBroken, match=r"^file_name$"):
            await drop.send(replace(OUTBOUND, path=name), site.partner)

    async def test_more_than_the_cap_is_refused(self, site: Site) -> None:
        small = SftpDrop(lambda: NOW, max_file_bytes=len(BODY) - 1)

        with pytest.raises(Refused, match=r"^too_large$"):
            await small.send(OUTBOUND, site.partner)

    async def test_a_folder_that_is_not_there_needs_somebody(self, site: Site, drop: SftpDrop) -> None:
        site.into.rmdir()

        with pytest.raises(NeedsAction, match=r"^folder$"):
            await drop.send(OUTBOUND, site.partner)

    async def test_folders_may_have_other_names(self, site: Site, drop: SftpDrop) -> None:
        (site.root / "til-krisecenter").mkdir()
        named = {**site.partner.identifiers, "sftp_in": "til-krisecenter"}

        await drop.send(OUTBOUND, replace(site.partner, identifiers=named))

        assert site.names()["til-krisecenter"] == [NAME, f"{NAME}.trigger.xml"]


class TestLogin:
    async def test_a_changed_host_key_is_not_talked_to(self, site: Site, drop: SftpDrop) -> None:
        host = site.partner.keys["known_hosts"].split()[0]
        other = host + b" " + ssh_key_pair("somebody")[1]

        await refused(drop, site, "host_key", known_hosts=other)

    @pytest.mark.parametrize(
        "known", [b"", b"\n", b"\xff", b"# nothing\n", b"other.example ssh-ed25519 AAAA\n"]
    )
    async def test_an_unknown_host_key_is_not_talked_to(
        self, site: Site, drop: SftpDrop, known: bytes
    ) -> None:
        await refused(drop, site, "host_key", known_hosts=known)

    async def test_a_revoked_host_key_is_not_talked_to(self, site: Site, drop: SftpDrop) -> None:
        known = site.partner.keys["known_hosts"]

        await refused(drop, site, "host_key", known_hosts=b"@revoked " + known)

    async def test_one_of_several_pinned_keys_is_enough(self, site: Site, drop: SftpDrop) -> None:
        known = site.partner.keys["known_hosts"]
        several = known.split()[0] + b" " + ssh_key_pair("next")[1] + known

        assert await drop.send(OUTBOUND, site.with_keys(known_hosts=several)) == PUT

    async def test_a_key_that_the_partner_does_not_know_needs_somebody(
        self, site: Site, drop: SftpDrop
    ) -> None:
        await refused(drop, site, "login", ssh_key=ssh_key_pair("stranger")[0])

    async def test_a_user_that_the_partner_does_not_know_needs_somebody(
        self, site: Site, drop: SftpDrop
    ) -> None:
        with pytest.raises(NeedsAction, match=r"^login$"):
            await drop.send(OUTBOUND, replace(site.partner, identifiers={"sftp_user": "nobody-here"}))

    @pytest.mark.parametrize("key", [b"", b"no key", b"\xff\xfe"])
    async def test_a_key_of_ours_that_is_none_needs_somebody(
        self, site: Site, drop: SftpDrop, key: bytes
    ) -> None:
        await refused(drop, site, "ssh_key", ssh_key=key)

    @pytest.mark.parametrize(
        "endpoint",
        [
            "https://127.0.0.1",
            "sftp://",
            "sftp://127.0.0.1:x",
            "sftp://u@127.0.0.1",
            "sftp://127.0.0.1/a/../b",
        ],
    )
    async def test_an_endpoint_that_is_none_needs_somebody(
        self, site: Site, drop: SftpDrop, endpoint: str
    ) -> None:
        with pytest.raises(NeedsAction, match=r"^address$"):
            await drop.send(OUTBOUND, replace(site.partner, endpoint=endpoint))


class TestEgress:
    async def test_a_private_address_that_is_not_listed_is_not_connected_to(
        self, site: Site, drop: SftpDrop
    ) -> None:
        with pytest.raises(NeedsAction, match=r"^address_not_allowed$"):
            await drop.send(OUTBOUND, replace(site.partner, networks=()))

    async def test_sends_no_faster_than_the_partner_wants(self, site: Site, drop: SftpDrop) -> None:
        slow = replace(site.partner, rate_per_s=10)
        begin = time.monotonic()

        for _ in range(3):
            await drop.send(OUTBOUND, slow)

        assert time.monotonic() - begin >= 0.2


class TestTrouble:
    async def test_nobody_there_is_tried_again(self, site: Site, drop: SftpDrop) -> None:
        with pytest.raises(Retriable, match=r"^connect$"):
            await drop.send(OUTBOUND, replace(site.partner, endpoint=f"sftp://127.0.0.1:{free_port()}"))

    async def test_a_server_that_says_nothing_is_given_up(self, site: Site) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            endpoint = f"sftp://127.0.0.1:{silent.getsockname()[1]}"

            with pytest.raises(Retriable, match=r"^timeout$"):
                await SftpDrop(lambda: NOW, deadline_s=0.2).send(
                    OUTBOUND, replace(site.partner, endpoint=endpoint)
                )


async def refused(drop: SftpDrop, site: Site, cause: str, **keys: bytes) -> None:
    """Expect that somebody must act, and that nothing was put."""
    with pytest.raises(DeliveryError) as caught:
        await drop.send(OUTBOUND, site.with_keys(**keys))
    assert (type(caught.value), caught.value.cause) == (NeedsAction, cause)
    assert site.names()["IN"] == []
