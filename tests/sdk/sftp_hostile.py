"""Partners' SFTP servers that lie, dawdle and flood. Each has one thing changed."""

import asyncio
import os
from collections.abc import AsyncIterator
from typing import BinaryIO, ClassVar, Final, cast

import asyncssh

from stafet_sdk.sftpserver import Confined

DRIP_S: Final = 0.1


class Lying(Confined):
    """Tells everything of a listing under names of its own."""

    names: tuple[bytes, ...] = ()
    touched: ClassVar[list[bytes]] = []
    """Which of them were asked for."""

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        """List what is not there."""
        del path
        for name in self.names:
            yield asyncssh.SFTPName(name, attrs=ten_bytes())

    def lstat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """Note it."""
        self.touched.append(path)
        return ten_bytes()


class Traversing(Lying):
    """Has files and triggers whose names lead elsewhere."""

    names = (
        b"../../etc/passwd",
        b"../../etc/passwd.trigger.xml",
        b"/etc/passwd.trigger.xml",
        b"a/b.csv.trigger.xml",
        b"..\\x.csv.trigger.xml",
        b"..trigger.xml",
        b"new\nline.csv.trigger.xml",
        b"\x1b[2Jterminal.csv.trigger.xml",
        b"=formula.csv.trigger.xml",
        b"rtl\xe2\x80\xaegpj.csv.trigger.xml",
        b"\xff\xfe.csv.trigger.xml",
        b"x" * 200 + b".csv.trigger.xml",
        b"x.trigger.xml.trigger.xml",
        b".trigger.xml",
    )


class Crowded(Lying):
    """Has more files than anybody wants."""

    names = tuple(b"%d.csv" % number for number in range(6000))


class Swapping(asyncssh.SFTPServer):
    """Says that data files are regular and have ten bytes, and follows the links that they are."""

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        """List what `lstat` tells."""
        with os.scandir(self.map_path(path)) as listed:
            for each in listed:
                yield asyncssh.SFTPName(each.name, attrs=self.lstat(path + b"/" + each.name))

    def lstat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """Tell of ten bytes, of what is not a trigger."""
        if path.endswith(b".csv"):
            return ten_bytes()
        return asyncssh.SFTPAttrs.from_local(os.lstat(self.map_path(path)))


class Served(Swapping):
    """Says so even when they are open; `read` of a subclass gives their content."""

    reads: ClassVar[int] = 0
    """How many bytes were asked for."""

    def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        """Tell of ten bytes again, of what is not a trigger."""
        if is_trigger(file_obj):
            return asyncssh.SFTPAttrs.from_local(os.fstat(cast("BinaryIO", file_obj).fileno()))
        return ten_bytes()


class Flooding(Served):
    """Never ends the file, and answers each question with as much as a packet takes."""

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Give far more than was asked for."""
        if is_trigger(file_obj):
            return cast("bytes", super().read(file_obj, offset, size))
        Flooding.reads += size
        return bytes(4_000_000)


class Endless(Served):
    """Never ends the file, in good manners."""

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Give what was asked for."""
        if is_trigger(file_obj):
            return cast("bytes", super().read(file_obj, offset, size))
        Endless.reads += size
        return bytes(size)


class Dripping(Served):
    """Gives a byte at a time, faster than any time-out between bytes."""

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Give one byte."""
        if is_trigger(file_obj):
            return cast("bytes", super().read(file_obj, offset, size))
        await asyncio.sleep(DRIP_S)
        return b"." if offset < 1000 else b""


class Stuck(Confined):
    """Opens files and never closes one."""

    async def close(self, file_obj: object) -> None:
        """Answer to nobody."""
        await self.connection.wait_closed()
        closed = super().close(file_obj)
        assert closed is None


class Vanishing(Confined):
    """Hangs up in the middle of a file."""

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Cut the connection."""
        del file_obj, offset, size
        self.connection.abort()
        return b""


class LosingTheAnswer(Confined):
    """Gives a file its name and hangs up; which file, its subclass says."""

    ending: ClassVar[bytes] = b""

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename, and cut the connection if it is that file."""
        renamed = super().posix_rename(oldpath, newpath)
        assert renamed is None
        if newpath.endswith(self.ending):
            self.connection.abort()


class LosingTheData(LosingTheAnswer):
    """Hangs up at the data file."""

    ending = b".csv"


class LosingTheTrigger(LosingTheAnswer):
    """Hangs up at the trigger file."""

    ending = b".xml"


class HangingAtTheTrigger(Confined):
    """Gives the trigger file its name and does not say so."""

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename, and wait until the other side has gone if it is the trigger."""
        renamed = super().posix_rename(oldpath, newpath)
        assert renamed is None
        if newpath.endswith(b".xml"):
            await self.connection.wait_closed()


def ten_bytes() -> asyncssh.SFTPAttrs:
    """Describe a regular file."""
    return asyncssh.SFTPAttrs(permissions=0o100644, size=10, atime=1, mtime=1)


def is_trigger(file_obj: object) -> bool:
    """Say whether an open file is a trigger file."""
    return str(getattr(file_obj, "name", "")).rstrip("'").endswith(".xml")
