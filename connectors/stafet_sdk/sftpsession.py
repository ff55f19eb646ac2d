"""Files in one SFTP session, each taken for what it is: nothing is followed, overrun or half done.

The partner's server is not trusted: every answer is bounded, and every path is one that we made. Needs the
extra `services` (asyncssh).
"""

import asyncio
import contextlib
import stat
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final, cast

import asyncssh

from stafet_sdk.contract import Partner
from stafet_sdk.errors import ContractBroken, NeedsAction, Retriable
from stafet_sdk.sftplogin import AbsentError, Address, Login, logged_in, translated, within

BLOCK_BYTES: Final = 32 * 1024
CHUNK_BYTES: Final = 8 * BLOCK_BYTES
"""So much is under way at once."""
MAX_ENTRIES: Final = 5_000


class ChangedError(Exception):
    """A file is not the one any more that it was when it was looked at."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in a folder as the server tells it, links not followed; `modified` in seconds since 1970."""

    name: bytes
    size: int
    modified: int
    regular: bool


class Session:
    """Files of an open session; every method raises DeliveryError by what happens next."""

    def __init__(self, login: Login, base: str) -> None:
        self._connection = login.connection
        self._client = login.client
        self._base = base

    def within(self, deadline_s: float) -> AbstractContextManager[None]:
        """Bound the time of what is done in the block; the session ends with it when it is over."""
        return within(deadline_s, self._connection)

    async def entries(self, folder: str) -> list[Entry]:
        """List a folder, at most MAX_ENTRIES names.

        Raises:
            NeedsAction: `folder_full`: somebody must clear it up.
        """
        found: list[Entry] = []
        with translated():
            scan = cast("AsyncGenerator[asyncssh.SFTPName]", self._client.scandir(self._path(folder)))
            async with contextlib.aclosing(scan) as listed:
                async for each in listed:
                    name = _bytes(each.filename)
                    if name in (b".", b".."):
                        continue
                    if len(found) == MAX_ENTRIES:
                        raise NeedsAction("folder_full")
                    found.append(_entry(name, each.attrs))
        return found

    async def entry(self, folder: str, name: str) -> Entry | None:
        """Look at one name, links not followed; None where there is nothing."""
        try:
            with translated():
                return _entry(name.encode(), await self._client.lstat(self._path(folder, name)))
        except AbsentError:
            return None

    async def read(self, folder: str, known: Entry, name: str) -> bytes:
        """Read a regular file that is still the one that `entry` has just told of.

        Raises:
            ChangedError: it is not, when it is opened or afterwards.
        """
        if not known.regular:
            raise ChangedError
        try:
            with translated():
                content = await self._read(self._path(folder, name), known)
        except AbsentError:
            raise ChangedError from None
        if len(content) != known.size:
            raise ChangedError
        return content

    async def _read(self, path: bytes, known: Entry) -> bytes:
        # A file that is not closed here ends with the session: after a failure there is nobody to wait for.
        file = await self._client.open(path, "rb", encoding=None, block_size=0)
        # The server may have followed a link that took the file's place in between.
        _same(known, await file.stat())
        content = await _content(file, known.size)
        _same(known, await file.stat())
        await file.close()
        return content

    async def write(self, folder: str, name: str, content: bytes) -> None:
        """Make a new file of that name, on the server's disk if it says so; an old one is removed before."""
        await self.remove(folder, name)
        with translated():
            # "x": whatever stands in the place by now, a link for example, is not written through.
            file = await self._client.open(self._path(folder, name), "xb", encoding=None, block_size=0)
            await _write(file, content)
            with contextlib.suppress(asyncssh.SFTPOpUnsupported):
                await file.fsync()
            written = (await file.stat()).size
            await file.close()
        if written != len(content):
            raise Retriable("short_write")

    async def rename(self, folder: str, name: str, to_folder: str, to_name: str) -> None:
        """Give a file another name, in whose place there may be another one, at once if the server can."""
        old, new = self._path(folder, name), self._path(to_folder, to_name)
        with translated():
            try:
                await self._client.posix_rename(old, new)
            except asyncssh.SFTPOpUnsupported:
                with contextlib.suppress(asyncssh.SFTPNoSuchFile):
                    await self._client.remove(new)
                await self._client.rename(old, new)

    async def remove(self, folder: str, name: str) -> None:
        """Remove a file or a link, if it is there."""
        with contextlib.suppress(AbsentError), translated():
            await self._client.remove(self._path(folder, name))

    async def make_folder(self, folder: str) -> None:
        """Make a folder, if it is not there."""
        try:
            with translated():
                await self._client.lstat(self._path(folder))
        except AbsentError:
            with translated():
                await self._client.mkdir(self._path(folder))

    def _path(self, *parts: str) -> bytes:
        return "/".join((self._base, *parts)).encode()


@asynccontextmanager
async def open_session(partner: Partner, deadline_s: float) -> AsyncGenerator[Session]:
    """Open a session as `logged_in` does."""
    async with logged_in(partner, deadline_s) as login:
        yield Session(login, Address.of(partner).base)


# Blocks are asked for here, not by asyncssh (`block_size=0`): its requests in flight are forgotten when a
# transfer is cut, and each is then told by the loop as a task whose failure nobody heard of.
async def _content(file: asyncssh.SFTPClientFile, size: int) -> bytes:
    """Read to the end, at most one byte more than there should be."""
    content = bytearray()
    while len(content) <= size:
        asked = list(_blocks(len(content), min(len(content) + CHUNK_BYTES, size + 1)))
        found = await asyncio.gather(*(_block(file, *each) for each in asked))
        before = len(content)
        for (_, length), block in zip(asked, found, strict=True):
            if len(block) > length:
                raise ContractBroken("sftp")
            content += block
            if len(block) < length:
                # A server may give less than asked for: what follows it is asked for again.
                break
        if len(content) == before:
            break
    return bytes(content)


async def _block(file: asyncssh.SFTPClientFile, start: int, length: int) -> bytes:
    return cast("bytes", await file.read(length, start))


async def _write(file: asyncssh.SFTPClientFile, content: bytes) -> None:
    for start in range(0, len(content), CHUNK_BYTES):
        blocks = _blocks(start, min(start + CHUNK_BYTES, len(content)))
        await asyncio.gather(*(file.write(content[at : at + length], at) for at, length in blocks))


def _blocks(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a range into blocks: where each begins, and its length."""
    for at in range(start, end, BLOCK_BYTES):
        yield at, min(BLOCK_BYTES, end - at)


def _same(known: Entry, attributes: asyncssh.SFTPAttrs) -> None:
    if _entry(known.name, attributes) != known:
        raise ChangedError


def _entry(name: bytes, attributes: asyncssh.SFTPAttrs) -> Entry:
    mode = attributes.permissions
    regular = mode is not None and stat.S_ISREG(mode) and attributes.size is not None
    return Entry(name, attributes.size or 0, int(attributes.mtime or 0), regular)


def _bytes(name: bytes | str) -> bytes:
    return name if isinstance(name, bytes) else name.encode()


def names_of(entries: Sequence[Entry]) -> dict[str, Entry]:
    """Key entries by their names, without those that are not UTF-8."""
    found: dict[str, Entry] = {}
    for each in entries:
        with contextlib.suppress(UnicodeDecodeError):
            found[each.name.decode()] = each
    return found
