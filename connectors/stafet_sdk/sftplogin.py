"""Logging in at a partner's SFTP server with keys alone: it proves a pinned host key, we prove ours.

Nothing that it says of a failure goes further than its kind. Needs the extra `services` (asyncssh).
"""

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

import asyncssh

from stafet_sdk import egress
from stafet_sdk.contract import Partner
from stafet_sdk.errors import NOBODY_THERE, ContractBroken, DeliveryError, NeedsAction, Retriable, Unknown

SSH_PORT: Final = 22
PRIVATE_KEY: Final = "ssh_key"
KNOWN_HOSTS: Final = "known_hosts"
"""Key files of a partner: our private key in OpenSSH's format, its host keys as OpenSSH's `known_hosts`."""

GOODBYE_S: Final = 1.0


class AbsentError(NeedsAction):
    """There is no such file or folder."""

    def __init__(self) -> None:
        super().__init__("folder")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a partner's server is, and the folder there that everything is in ("." is the login's own)."""

    host: str
    port: int
    base: str
    user: str

    @classmethod
    def of(cls, partner: Partner) -> Self:
        """Read `sftp://host:port/base` and the identifier `sftp_user`.

        Raises:
            NeedsAction: `address`.
        """
        user = partner.identifiers.get("sftp_user", "")
        try:
            parts = urlsplit(partner.endpoint)
            port = parts.port or SSH_PORT
        except ValueError:
            raise NeedsAction("address") from None
        host = parts.hostname
        stray = parts.query or parts.fragment or parts.username or parts.password
        if parts.scheme != "sftp" or not host or not user or stray or "/../" in f"{parts.path}/":
            raise NeedsAction("address")
        return cls(host, port, parts.path.rstrip("/") or ".", user)


@dataclass(frozen=True, slots=True)
class Login:
    """A connection and the SFTP client on it."""

    connection: asyncssh.SSHClientConnection
    client: asyncssh.SFTPClient


@asynccontextmanager
async def logged_in(partner: Partner, deadline_s: float) -> AsyncGenerator[Login]:
    """Log in at a partner's server; the connection ends with the block, whatever the server does.

    `deadline_s` is for logging in only; what is done in the block needs one of its own.

    Raises:
        NeedsAction: `address`, `address_not_allowed`, `ssh_key`, `host_key` (unknown or changed), `login`,
            `key_exchange` or `no_sftp`.
        Retriable: `timeout`, `connect` or `broken_connection`.
    """
    address = Address.of(partner)
    key, hosts = _private_key(partner), _known_hosts(partner)
    with translated():
        async with asyncio.timeout(deadline_s):
            opened = await egress.connect(address.host, address.port, partner)
            try:
                connection = await _connected(opened, address, key, hosts)
            except BaseException:
                opened.close()
                raise
    try:
        with within(deadline_s, connection):
            # Names as bytes: one that is not UTF-8 must not hide all the others.
            client = await connection.start_sftp_client(path_encoding=None)
        yield Login(connection, client)
    finally:
        await _hang_up(connection)


@contextmanager
def within(deadline_s: float, connection: asyncssh.SSHClientConnection) -> Generator[None]:
    """Cut the connection when the block takes too long: all that waits for the server then ends.

    A task that is cancelled would still ask the server to close its file, and wait for that.

    Raises:
        Retriable, Unknown: `timeout`.
    """
    expired = False

    def expire() -> None:
        nonlocal expired
        expired = True
        connection.abort()

    timer = asyncio.get_running_loop().call_later(deadline_s, expire)
    try:
        with translated():
            yield
    except DeliveryError as error:
        if expired:
            raise (Unknown if isinstance(error, Unknown) else Retriable)("timeout") from None
        raise
    finally:
        timer.cancel()


@contextmanager
def translated() -> Generator[None]:
    """Turn what asyncssh and sockets raise into what happens next; their texts may quote the server."""
    try:
        yield
    except (asyncssh.SFTPError, asyncssh.Error, OSError, UnicodeError) as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            # Closing a file after the server went away takes the place of the cancellation that led there.
            raise asyncio.CancelledError from None
        raise _meaning(error) from None


_MEANINGS: Final[tuple[tuple[type[Exception], type[DeliveryError], str], ...]] = (
    (TimeoutError, Retriable, "timeout"),
    (asyncssh.HostKeyNotVerifiable, NeedsAction, "host_key"),
    (asyncssh.KeyExchangeFailed, NeedsAction, "key_exchange"),
    (asyncssh.ProtocolNotSupported, NeedsAction, "key_exchange"),
    (asyncssh.PermissionDenied, NeedsAction, "login"),
    (asyncssh.IllegalUserName, NeedsAction, "login"),
    (asyncssh.ChannelOpenError, NeedsAction, "no_sftp"),
    (asyncssh.SFTPNoConnection, Retriable, "broken_connection"),
    (asyncssh.SFTPConnectionLost, Retriable, "broken_connection"),
    (asyncssh.SFTPPermissionDenied, NeedsAction, "permission"),
    (asyncssh.SFTPWriteProtect, NeedsAction, "permission"),
    (asyncssh.SFTPBadMessage, ContractBroken, "sftp"),
    (asyncssh.SFTPError, Retriable, "sftp_failure"),
    (asyncssh.Error, Retriable, "broken_connection"),
    (OSError, Retriable, NOBODY_THERE),
    (UnicodeError, NeedsAction, "address"),
)
"""What happens next after each failure; the first that fits holds."""


def _meaning(error: Exception) -> DeliveryError:
    if isinstance(error, asyncssh.SFTPNoSuchFile | asyncssh.SFTPNoSuchPath):
        return AbsentError()
    if isinstance(error, asyncssh.KeyExchangeFailed) and "host key" in error.reason:
        # The server has no key of a kind that is pinned any more.
        return NeedsAction("host_key")
    return next(kind(cause) for raised, kind, cause in _MEANINGS if isinstance(error, raised))


async def _connected(
    opened: socket.socket, address: Address, key: asyncssh.SSHKey, hosts: asyncssh.SSHKnownHosts
) -> asyncssh.SSHClientConnection:
    """Connect with what is given here alone: no agent, no configuration, no password, no compression.

    A compressed packet could unpack to far more than was counted.
    """
    return await asyncssh.connect(
        address.host, address.port, sock=opened, username=address.user, client_keys=[key], known_hosts=hosts,
        config=None, agent_path=None, preferred_auth="publickey", password_auth=False, kbdint_auth=False,
        gss_auth=False, gss_kex=False, host_based_auth=False, compression_algs=["none"],
        client_version="Stafet", x509_trusted_certs=None,
    )  # fmt: skip


async def _hang_up(connection: asyncssh.SSHClientConnection) -> None:
    connection.close()
    try:
        async with asyncio.timeout(GOODBYE_S):
            await connection.wait_closed()
    except TimeoutError:
        connection.abort()
        await connection.wait_closed()


def _private_key(partner: Partner) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_private_key(partner.keys[PRIVATE_KEY])
    except (KeyError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError, UnicodeError):
        raise NeedsAction("ssh_key") from None


def _known_hosts(partner: Partner) -> asyncssh.SSHKnownHosts:
    try:
        return asyncssh.import_known_hosts(partner.keys[KNOWN_HOSTS].decode())
    except (KeyError, ValueError):
        raise NeedsAction("host_key") from None
