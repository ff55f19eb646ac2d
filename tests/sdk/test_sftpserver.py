"""The simulators' SFTP server, driven by OpenSSH's own `sftp`: it works with it, and nobody gets out.

And as it ends.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator
from pathlib import Path

import asyncssh
import pytest

from stafet_sdk.development import ssh_key_pair
from stafet_sdk.sftpdrop import PUT, SftpDrop
from stafet_sdk.sftplogin import logged_in
from stafet_sdk.sftpserver import serve_sftp
from tests.fakes.clock import FakeClock
from tests.fakes.dropped import FakeDropped
from tests.sdk.sftp_sites import USER, Site, find, own_server
from tests.sdk.test_sftpdrop import NAME, NOW, OUTBOUND


class OpenSsh:
    """OpenSSH's `sftp`, logged in at a site as its partner."""

    def __init__(self, program: str, folder: Path, site: Site) -> None:
        self._program = program
        self._folder = folder
        self.site = site
        (folder / "key").touch(mode=0o600)
        self.key(site.partner.keys["ssh_key"])
        (folder / "known_hosts").write_bytes(site.partner.keys["known_hosts"])

    def key(self, private: bytes) -> None:
        """Log in by this key from now on."""
        (self._folder / "key").write_bytes(private)

    async def __call__(self, *commands: str, user: str = USER) -> tuple[int, str]:
        """Do commands until one fails; give the exit code and what was said."""
        port = self.site.partner.endpoint.rpartition(":")[2]
        options = {
            "BatchMode": "yes",
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": str(self._folder / "known_hosts"),
            "IdentityFile": str(self._folder / "key"),
            "IdentitiesOnly": "yes",
        }
        said = [f"-o{name}={value}" for name, value in options.items()]
        process = await asyncio.create_subprocess_exec(
            self._program, "-F", "none", *said, "-P", port, "-b", "-", f"{user}@127.0.0.1",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            cwd=self._folder,
        )  # fmt: skip
        answer, _ = await process.communicate("\n".join(commands).encode() + b"\n")
        assert process.returncode is not None
        return process.returncode, answer.decode()


@pytest.fixture
async def sftp(tmp_path: Path) -> AsyncGenerator[OpenSsh]:
    program = find("sftp")
    if program is None:
        pytest.skip("there is no OpenSSH sftp on this machine")
    (tmp_path / "client").mkdir()
    async with own_server(tmp_path / "site") as site:
        yield OpenSsh(program, tmp_path / "client", site)


class TestWithOpenSsh:
    async def test_puts_renames_lists_gets_and_removes(self, sftp: OpenSsh, tmp_path: Path) -> None:
        (tmp_path / "client" / "beds.csv").write_bytes(b"a1 first\n")

        code, said = await sftp(
            "put beds.csv /OUT/beds.csv.part", "rename /OUT/beds.csv.part /OUT/beds.csv", "ls -l /OUT",
            "get /OUT/beds.csv back.csv", "rm /OUT/beds.csv", "ls -l /OUT/",
        )  # fmt: skip

        assert (code, said.count("beds.csv\n")) == (0, 3), said
        assert (tmp_path / "client" / "back.csv").read_bytes() == b"a1 first\n"
        assert sftp.site.names() == {"OUT": [], "IN": []}

    async def test_a_partner_with_openssh_alone_gets_its_file_in_and_its_receipts_out(
        self, sftp: OpenSsh, tmp_path: Path
    ) -> None:
        trigger = (
            "<?xml version='1.0'?>\n<t:Trigger xmlns:t='http://serviceplatformen.dk/xml/wsdl/soap11/SFTP/1/types'>"
            "<FileDescriptor><FileName>beds.csv</FileName><SizeInBytes>9</SizeInBytes></FileDescriptor></t:Trigger>"
        )
        (tmp_path / "client" / "beds.csv").write_bytes(b"a1 first\n")
        (tmp_path / "client" / "trigger").write_text(trigger, encoding="utf-8")
        code, said = await sftp("cd OUT", "put beds.csv", "put trigger beds.csv.trigger.xml")
        assert code == 0, said
        source = SftpDrop(FakeClock(NOW).now).source(FakeDropped(), sftp.site.partner)
        batch = await source.fetch("")
        await batch.settle([])
        code, said = await sftp("cd IN", "mget *receipt.xml")

        assert code == 0, said
        assert [each.body for each in batch.requests] == [b"a1 first"]
        assert b">beds.csv<" in (tmp_path / "client" / "beds.csv.businessreceipt.xml").read_bytes()

    async def test_a_partner_with_openssh_alone_gets_our_file(self, sftp: OpenSsh, tmp_path: Path) -> None:
        assert await SftpDrop(lambda: NOW).send(OUTBOUND, sftp.site.partner) == PUT

        code, said = await sftp(f"get IN/{NAME}", f"get IN/{NAME}.trigger.xml")

        assert code == 0, said
        assert (tmp_path / "client" / NAME).read_bytes() == OUTBOUND.body

    async def test_another_key_is_not_let_in(self, sftp: OpenSsh) -> None:
        sftp.key(ssh_key_pair("stranger")[0])

        code, said = await sftp("ls")

        assert (code, "Permission denied" in said) == (255, True)

    async def test_another_user_is_not_let_in(self, sftp: OpenSsh) -> None:
        assert (await sftp("ls", user="root"))[0] == 255

    @pytest.mark.parametrize(
        "command",
        [
            "get ../../../../../../etc/passwd stolen",
            "get /OUT/link stolen",
            "get /OUT/linked/outside stolen",
            "ls /OUT/linked/*",
            "put key /OUT/link",
            "put key /OUT/linked/new",
            "rm /OUT/linked/outside",
            "symlink /etc/passwd /OUT/mine",
            "ln /IN/there /OUT/mine",
            "chmod 777 /OUT/link",
        ],
    )
    async def test_nobody_gets_out_of_the_folder(self, sftp: OpenSsh, tmp_path: Path, command: str) -> None:
        outside = tmp_path / "elsewhere"
        outside.mkdir()
        (outside / "outside").write_bytes(b"secret")
        (outside / "outside").chmod(0o600)
        (sftp.site.out / "link").symlink_to(outside / "outside")
        (sftp.site.out / "linked").symlink_to(outside)
        (sftp.site.into / "there").touch()

        code, said = await sftp(command)

        assert code == 1, said
        assert not (tmp_path / "client" / "stolen").exists()
        assert {each.name: each.read_bytes() for each in outside.iterdir()} == {"outside": b"secret"}
        assert (outside / "outside").stat().st_mode & 0o777 == 0o600
        assert sftp.site.names()["OUT"] == ["link", "linked"]

    async def test_what_is_in_a_linked_folder_is_not_even_named(self, sftp: OpenSsh, tmp_path: Path) -> None:
        (sftp.site.out / "linked").symlink_to(tmp_path)

        async with logged_in(sftp.site.partner, 5) as login:
            with pytest.raises(asyncssh.SFTPPermissionDenied):
                await login.client.listdir(b"/OUT/linked")

    async def test_there_is_no_shell(self, sftp: OpenSsh) -> None:
        async with logged_in(sftp.site.partner, 5) as login:
            with pytest.raises(asyncssh.ChannelOpenError):
                await login.connection.run("id")

    async def test_nothing_is_forwarded(self, sftp: OpenSsh) -> None:
        port = int(sftp.site.partner.endpoint.rpartition(":")[2])

        async with logged_in(sftp.site.partner, 5) as login:
            with pytest.raises(asyncssh.ChannelOpenError):
                await login.connection.create_connection(asyncssh.SSHTCPSession, "127.0.0.1", port)


class TestTheEnd:
    @pytest.mark.parametrize("turns", range(6))
    async def test_leaves_nobody_on_the_line_who_came_in_at_that_moment(
        self, tmp_path: Path, turns: int
    ) -> None:
        key, _ = ssh_key_pair("host")

        async with serve_sftp(tmp_path, key, {}) as port:
            caller = socket.create_connection(("127.0.0.1", port))
            for _ in range(turns):
                await asyncio.sleep(0)

        with caller:
            caller.settimeout(0)
            async with asyncio.timeout(5):
                heard = await _heard(caller)
        assert not heard or heard.startswith(b"SSH-2.0-Stafet_simulator")


async def _heard(caller: socket.socket) -> bytes:
    """Listen until the other side hangs up, with or without a word."""
    loop, heard = asyncio.get_running_loop(), b""
    try:
        while piece := await loop.sock_recv(caller, 1_000):
            heard += piece
    except ConnectionResetError:
        pass
    return heard
