"""The files that a partner leaves in its folder OUT, one after the other, as a source of messages.

A file that is fetched stays where it is until every row of it is accepted or refused and the receipts are
put; then it goes: removed if all of it was accepted, else moved to the folder REFUSED. All steps can be cut
off anywhere: the next look begins with what is left.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from stafet_sdk.contract import Accepted, Answered, Drop, Dropped, Outbound, Outcome, Partner, Request
from stafet_sdk.errors import ContractBroken, InboundRefused, Retriable
from stafet_sdk.filereceipts import refusal
from stafet_sdk.sftplook import (
    PART,
    UPLOADING,
    Candidate,
    Mark,
    Patience,
    agree,
    judge,
    mark_of,
    sort_out,
)
from stafet_sdk.sftpsession import ChangedError, Entry, Session, open_session
from stafet_sdk.source import Batch
from stafet_sdk.trigger import SUFFIX, is_file_name, read_trigger

MAX_ROW_BYTES: Final = 4 * 1024 * 1024
"""What the vault takes of one message."""
FOLDERS: Final = {"sftp_out": "OUT", "sftp_in": "IN", "sftp_refused": "REFUSED"}


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for a step, seconds that a file may look half uploaded, and bytes of a file."""

    deadline_s: float
    patience_s: float
    file_bytes: int


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """A file that is whole; or one that is of no use as it lies there, with the reason, without its body."""

    candidate: Candidate
    drop: Drop
    refused: InboundRefused | None = None


class SftpSource:
    """`Source` of one agency's files."""

    def __init__(
        self, connector: Dropped, partner: Partner, *, now: Callable[[], datetime], limits: Limits
    ) -> None:
        self._connector = connector
        self._partner = partner
        self._now = now
        self._limits = limits
        self._patience = Patience(limits.patience_s)
        self._strange: frozenset[bytes] = frozenset()
        self._begun: set[str] = set()

    @property
    def agency(self) -> str:
        """Code of the agency."""
        return self._partner.agency

    @property
    def interval_s(self) -> float:
        """Seconds to wait when there was nothing more."""
        return self._partner.interval_s or self._connector.manifest.interval_s

    async def fetch(self, cursor: str, /) -> Batch:
        """Fetch the next file that is whole or of no use.

        Raises:
            DeliveryError: the server cannot be used now, or nobody may use it.
        """
        refused: tuple[InboundRefused, ...] = ()
        async with open_session(self._partner, self._limits.deadline_s) as session:
            with session.within(self._limits.deadline_s):
                listing = sort_out(await session.entries(self._folder("sftp_out")))
                for mark in listing.marks:
                    await self._finish(session, mark)
            self._patience.forget_others(listing.candidates)
            if listing.strange - self._strange:
                refused = (InboundRefused("file_name", "a name that no file for the hub may have"),)
            self._strange = listing.strange
            # One that ended in a bug the last time must not keep the others waiting.
            for candidate in sorted(listing.candidates, key=lambda each: each.name in self._begun):
                found = await self._examine(session, candidate.name)
                if found is not None:
                    break
            else:
                return Batch((), cursor, refused=refused)
        return await self._batch(found, cursor, refused)

    async def _examine(self, session: Session, name: str) -> Found | None:
        """Read a file and its trigger if they are whole; None if they are to wait."""
        with session.within(self._limits.deadline_s):
            candidate = await self._candidate(session, name)
        if candidate is None:
            return None
        raw, problem = b"", judge(candidate, self._limits.file_bytes)
        try:
            if problem is None or problem.code == "no_data":
                with session.within(self._limits.deadline_s):
                    raw = await self._read(session, candidate.trigger, candidate.name + SUFFIX)
                problem = problem or agree(candidate, read_trigger(raw))
            if problem is None and candidate.data is not None:
                with session.within(self._limits.deadline_s):
                    body = await self._read(session, candidate.data, candidate.name)
                return Found(candidate, Drop(candidate.name, body, raw))
        except InboundRefused as unreadable:
            problem = unreadable
        except ChangedError:
            return None
        if problem is None or (
            problem.code in UPLOADING and not self._patience.is_over(candidate, self._now())
        ):
            return None
        return Found(candidate, Drop(candidate.name, b"", raw), problem)

    async def _batch(self, found: Found, cursor: str, refused: tuple[InboundRefused, ...]) -> Batch:
        self._begun.add(found.candidate.name)
        requests: tuple[Request, ...] = ()
        problem = found.refused
        if problem is None:
            try:
                # In a thread: a hostile table may cost its parser long, and everybody else's work must go on.
                requests = await asyncio.to_thread(self._unpack, found.drop)
            except InboundRefused as useless:
                problem = useless
        told = refused if problem is None else (*refused, problem)
        settle = partial(self._settle, found, problem)
        return Batch(requests, cursor, more=True, settle=settle, refused=told)

    def _unpack(self, drop: Drop) -> tuple[Request, ...]:
        requests = self._connector.unpack(drop, self._partner, self._now())
        if any(len(each.body) > MAX_ROW_BYTES for each in requests):
            raise InboundRefused("too_large", f"a row has more than {MAX_ROW_BYTES} bytes", status=413)
        return requests

    async def _settle(
        self, found: Found, problem: InboundRefused | None, outcomes: Sequence[Outcome | Answered], /
    ) -> None:
        said = problem or [_no_question(each) for each in outcomes]
        receipts = self._receipts(found, said)
        taken = problem is None and all(isinstance(each, Accepted) for each in outcomes)
        async with open_session(self._partner, self._limits.deadline_s) as session:
            with session.within(self._limits.deadline_s):
                for receipt in receipts:
                    await put(session, self._folder("sftp_in"), receipt.path, receipt.body)
                await self._finish(session, await self._mark(session, found.candidate, taken=taken))
        self._begun.discard(found.candidate.name)

    def _receipts(self, found: Found, said: InboundRefused | Sequence[Outcome]) -> tuple[Outbound, ...]:
        if found.refused is not None:
            return (refusal(found.drop.name, found.drop.trigger, [found.refused]),)
        return self._connector.receipts(found.drop, said, self._partner, self._now())

    async def _mark(self, session: Session, candidate: Candidate, *, taken: bool) -> Mark:
        """Turn the trigger into a mark, if both files are still those that were read."""
        out, name = self._folder("sftp_out"), candidate.name
        if await self._candidate(session, name) != candidate:
            raise Retriable("file_changed")
        mark = mark_of(candidate, taken=taken)
        await session.rename(out, name + SUFFIX, out, mark)
        return Mark(name, mark, taken, candidate.data)

    async def _candidate(self, session: Session, name: str) -> Candidate | None:
        """Look at a file and its trigger: a listing of some servers tells less than they know."""
        out = self._folder("sftp_out")
        trigger = await session.entry(out, name + SUFFIX)
        if trigger is None:
            return None
        return Candidate(name, trigger, await session.entry(out, name))

    async def _finish(self, session: Session, mark: Mark) -> None:
        """Do what a mark says, and take it away last."""
        out, refused = self._folder("sftp_out"), self._folder("sftp_refused")
        if mark.taken:
            if mark.data is not None:
                await session.remove(out, mark.file)
            await session.remove(out, mark.name)
            return
        await session.make_folder(refused)
        if mark.data is not None:
            await session.rename(out, mark.file, refused, mark.file)
        await session.rename(out, mark.name, refused, mark.file + SUFFIX)

    async def _read(self, session: Session, entry: Entry, name: str) -> bytes:
        return await session.read(self._folder("sftp_out"), entry, name)

    def _folder(self, identifier: str) -> str:
        return folder_of(self._partner, identifier)


def folder_of(partner: Partner, identifier: str) -> str:
    """Name one of the folders at a partner's server."""
    return partner.identifiers.get(identifier, FOLDERS[identifier])


async def put(session: Session, folder: str, name: str, content: bytes) -> None:
    """Put a file under its name when it is whole; one that is there already gives way.

    Raises:
        ContractBroken: `file_name`: a connector made one that may not be used.
    """
    if not is_file_name(name):
        raise ContractBroken("file_name")
    await session.write(folder, name + PART, content)
    await session.rename(folder, name + PART, folder, name)


def _no_question(outcome: Outcome | Answered) -> Outcome:
    if isinstance(outcome, Answered):
        return InboundRefused("no_question", "a row of a file cannot ask anything")
    return outcome
