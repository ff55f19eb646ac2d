"""Files to and from partners over SFTP: put whole or not at all, taken whole or not at all.

The partner's server has a folder OUT, where it leaves files for the hub, and IN, where the hub puts its own;
REFUSED gets those that the hub could not take. Their names are the identifiers `sftp_out`, `sftp_in` and
`sftp_refused`. Needs the extra `services` (asyncssh).
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from stafet_sdk.contract import Connector, Dropped, Outbound, Partner, Reply
from stafet_sdk.errors import ContractBroken, InboundRefused, Refused, Retriable, Unknown
from stafet_sdk.pace import Pace
from stafet_sdk.sftplook import PART, RESERVED
from stafet_sdk.sftpsession import ChangedError, Session, open_session
from stafet_sdk.sftpsource import Limits, SftpSource, folder_of
from stafet_sdk.trigger import MAX_BYTES, SUFFIX, is_file_name, read_trigger

DEADLINE_S: Final = 30.0
PATIENCE_S: Final = 300.0
MAX_FILE_BYTES: Final = 16 * 1024 * 1024
PUT: Final = Reply(201, {}, b"")
"""What is answered for a server that has no words: the file is there."""


class SftpDrop:
    """Puts files at partners (`send`), and makes the sources of those that they leave (`source`).

    `now` is the clock; `deadline_s` bounds every step, such as logging in, or reading one file;
    `patience_s` is how long a file may look half uploaded before that is told as an error.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        deadline_s: float = DEADLINE_S,
        patience_s: float = PATIENCE_S,
        max_file_bytes: int = MAX_FILE_BYTES,
    ) -> None:
        self._now = now
        self._limits = Limits(deadline_s, patience_s, max_file_bytes)
        self._paces: dict[str, Pace] = {}

    def source(self, connector: Connector, partner: Partner, /) -> SftpSource:
        """Make the source of an agency's files.

        Raises:
            TypeError: its connector cannot take files apart.
        """
        if not isinstance(connector, Dropped):
            raise TypeError(f"the connector of {partner.agency} has no unpack and receipts")
        return SftpSource(connector, partner, now=self._now, limits=self._limits)

    async def send(self, outbound: Outbound, partner: Partner, /) -> Reply:
        """Put a file, then its trigger file; what is there already with the same content stays as it is.

        Raises:
            Refused: `name_taken` by another file, or `too_large`.
            ContractBroken: `file_name`: the connector made none that may be used.
            Unknown: the connection broke when the last name was given: it may be there.
        NeedsAction, Retriable: as of a session.
        """
        if not is_file_name(outbound.path) or outbound.path.endswith(RESERVED):
            raise ContractBroken("file_name")
        if len(outbound.body) > self._limits.file_bytes:
            raise Refused("too_large")
        folder = folder_of(partner, "sftp_in")
        if wait_s := self._pace(partner).turn():
            await asyncio.sleep(wait_s)
        async with open_session(partner, self._limits.deadline_s) as session:
            with session.within(self._limits.deadline_s):
                if outbound.trigger is None:
                    await _place(session, folder, outbound.path, outbound.body, _equal, last=True)
                else:
                    await _place(session, folder, outbound.path, outbound.body, _equal, last=False)
                    name = outbound.path + SUFFIX
                    await _place(session, folder, name, outbound.trigger, _same_file, last=True)
        return PUT

    def _pace(self, partner: Partner) -> Pace:
        if partner.agency not in self._paces:
            self._paces[partner.agency] = Pace(partner.rate_per_s, time.monotonic)
        return self._paces[partner.agency]


Same = Callable[[bytes, bytes], bool]


async def _place(session: Session, folder: str, name: str, content: bytes, same: Same, *, last: bool) -> None:
    there = await session.entry(folder, name)
    if there is None:
        await session.write(folder, name + PART, content)
        try:
            await session.rename(folder, name + PART, folder, name)
        except Retriable as lost:
            # The partner counts the message from this name on: nobody knows whether it is there.
            raise (Unknown if last else Retriable)(lost.cause) from None
        return
    if not there.regular or there.size > max(len(content), MAX_BYTES):
        raise Refused("name_taken")
    try:
        found = await session.read(folder, there, name)
    except ChangedError:
        # The partner is just taking it away.
        raise Retriable("file_changed") from None
    if not same(found, content):
        raise Refused("name_taken")


def _equal(found: bytes, wanted: bytes) -> bool:
    return found == wanted


def _same_file(found: bytes, wanted: bytes) -> bool:
    """Say whether two triggers are about the same file: the time of the attempt in them may differ."""
    if found == wanted:
        return True
    try:
        one, other = read_trigger(found), read_trigger(wanted)
    except InboundRefused:
        return False
    return (one.file_name, one.size, one.file_id) == (other.file_name, other.size, other.file_id)
