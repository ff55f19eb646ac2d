"""A partner's SFTP site for tests: folders on disk, behind a server of ours or behind OpenSSH's."""

import asyncio
import getpass
import os
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from stafet_sdk.contract import Partner
from stafet_sdk.development import ssh_host, ssh_key_pair
from stafet_sdk.freeports import free_port
from stafet_sdk.sftpserver import Confined, Files, serve_sftp
from stafet_sdk.trigger import SUFFIX, Trigger, build_trigger

SBIN = ("/usr/sbin", "/usr/local/sbin", "/usr/lib/openssh", "/usr/libexec/openssh", "/usr/lib/ssh")
USER = "stafet"


@dataclass
class Site:
    """What a test sees: the partner to give to the hub's side, and the folders on disk."""

    root: Path
    partner: Partner

    @property
    def out(self) -> Path:
        """Where the partner leaves files for the hub."""
        return self.root / "OUT"

    @property
    def into(self) -> Path:
        """Where the hub puts files."""
        return self.root / "IN"

    @property
    def refused(self) -> Path:
        """Where files are that the hub could not take."""
        return self.root / "REFUSED"

    def drop(self, name: str, body: bytes, *, size: int | None = None, file_name: str | None = None) -> None:
        """Leave a file for the hub, and then its trigger, which may lie."""
        (self.out / name).write_bytes(body)
        self.trigger(name, len(body) if size is None else size, file_name or name)

    def trigger(self, name: str, size: int, file_name: str = "") -> None:
        """Leave a trigger file."""
        raw = build_trigger(Trigger(file_name or name, size, "shelter", f"id-{name}"))
        (self.out / f"{name}{SUFFIX}").write_bytes(raw)

    def aged(self, name: str, seconds: float) -> None:
        """Make a file that lies in OUT so many seconds older than it is."""
        at = (self.out / name).stat().st_mtime - seconds
        os.utime(self.out / name, (at, at))

    def names(self) -> dict[str, list[str]]:
        """List all folders."""
        return {
            each.name: sorted(found.name for found in each.iterdir())
            for each in self.root.iterdir()
            if each.is_dir()
        }

    def with_keys(self, **keys: bytes) -> Partner:
        """Give the partner with other key files."""
        return replace(self.partner, keys={**self.partner.keys, **keys})


Serving = Callable[[Path], AbstractAsyncContextManager[Site]]


def folders(root: Path) -> Path:
    """Make the folders of a site."""
    for each in ("OUT", "IN"):
        (root / each).mkdir(parents=True)
    return root


def partner_at(endpoint: str, user: str, key: bytes, host_public: bytes) -> Partner:
    """Make the hub's side of a site."""
    known = f"{ssh_host(endpoint)} ".encode() + host_public
    keys = {"ssh_key": key, "known_hosts": known}
    return Partner("shelter", endpoint, {"sftp_user": user}, keys, networks=("127.0.0.0/8",))


@asynccontextmanager
async def own_server(root: Path, files: Files = Confined) -> AsyncGenerator[Site]:
    """Serve by the server that the simulators use."""
    key, public = ssh_key_pair("hub")
    host, host_public = ssh_key_pair("host")
    async with serve_sftp(folders(root), host, {USER: public}, files=files) as port:
        yield Site(root, partner_at(f"sftp://127.0.0.1:{port}", USER, key, host_public))


@asynccontextmanager
async def openssh(own: Path) -> AsyncGenerator[Serving | None]:
    """Run OpenSSH's sshd for the user that runs the tests, and serve any folder by it; None if it cannot."""
    program = find("sshd")
    if program is None:
        yield None
        return
    key, public = ssh_key_pair("hub")
    host, host_public = ssh_key_pair("host")
    port = free_port()
    config = _configured(own, port, host, public)
    server = await asyncio.create_subprocess_exec(
        program, "-D", "-e", "-f", str(config), stderr=asyncio.subprocess.DEVNULL
    )

    @asynccontextmanager
    async def serving(root: Path) -> AsyncGenerator[Site]:
        endpoint = f"sftp://127.0.0.1:{port}{folders(root)}"
        yield Site(root, partner_at(endpoint, getpass.getuser(), key, host_public))

    try:
        yield serving if await _listening(server, port) else None
    finally:
        if server.returncode is None:
            server.terminate()
        await server.wait()


def _configured(own: Path, port: int, host: bytes, public: bytes) -> Path:
    for name, content in (("host", host), ("authorized", public)):
        (own / name).touch(mode=0o600)
        (own / name).write_bytes(content)
    settings = {
        "Port": str(port),
        "ListenAddress": "127.0.0.1",
        "HostKey": str(own / "host"),
        "AuthorizedKeysFile": str(own / "authorized"),
        "PidFile": "none",
        "UsePAM": "no",
        "StrictModes": "no",
        "PasswordAuthentication": "no",
        "PermitRootLogin": "yes",
        "Subsystem": "sftp internal-sftp",
    }
    text = "".join(f"{name} {value}\n" for name, value in settings.items())
    (own / "config").write_text(text, encoding="utf-8")
    return own / "config"


def find(program: str) -> str | None:
    """Find a program of OpenSSH, also where only administrators look."""
    return shutil.which(program, path=os.pathsep.join((os.environ.get("PATH", ""), *SBIN)))


async def _listening(server: asyncio.subprocess.Process, port: int) -> bool:
    """Wait until it listens; false if it ends instead, as it does for root on a machine not made for it."""
    while server.returncode is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            await writer.wait_closed()
            return True
    return False
