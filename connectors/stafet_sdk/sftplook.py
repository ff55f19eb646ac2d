"""What lies in a folder: which files are whole, which wait, which cannot be used. Pure; time is passed in.

A file counts once its trigger file says so. When it is settled, the trigger first becomes a mark
(`x.csv.SIZE-TIME.taken` or `.refused`, of the data file): whoever finds it goes on with what the mark says.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from stafet_sdk.errors import InboundRefused
from stafet_sdk.sftpsession import Entry
from stafet_sdk.trigger import MAX_BYTES, SUFFIX, Trigger, is_file_name

TAKEN: Final = ".taken"
REFUSED: Final = ".refused"
PART: Final = ".part"
_MARK: Final = re.compile(
    r"(?P<name>.+)\.(?P<size>[0-9]{1,15})-(?P<modified>[0-9]{1,15})(?P<suffix>\.taken|\.refused)"
)

RESERVED: Final = (SUFFIX, TAKEN, REFUSED, PART)

UPLOADING: Final = frozenset({"malformed", "trigger", "no_data", "size_mismatch"})
"""What a file looks like whose upload is under way: it counts only when it stays so."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file whose trigger is there."""

    name: str
    trigger: Entry
    data: Entry | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A file that was settled half-way; `data` is what still lies there of it."""

    file: str
    name: str
    taken: bool
    data: Entry | None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a folder holds; `strange` are names that no file for us may have; the rest waits for a trigger."""

    candidates: tuple[Candidate, ...]
    marks: tuple[Mark, ...]
    strange: frozenset[bytes]


def sort_out(entries: Sequence[Entry]) -> Listing:
    """Sort a folder's entries; candidates in the order of their triggers' times, then names."""
    named = {each.name.decode(): each for each in entries if _is_ours(each.name)}
    candidates = [
        Candidate(name, entry, named.get(name)) for name, entry in _with_suffix(named.items(), SUFFIX)
    ]
    marks = [mark for name in named if (mark := _mark(name, named)) is not None]
    strange = frozenset(each.name for each in entries if each.regular and not _is_ours(each.name))
    ordered = sorted(candidates, key=lambda each: (each.trigger.modified, each.name))
    return Listing(tuple(ordered), tuple(marks), strange)


def mark_of(candidate: Candidate, *, taken: bool) -> str:
    """Name the mark of a file that is settled; it says which data file is meant."""
    data = candidate.data
    size, modified = (data.size, data.modified) if data else (0, 0)
    return f"{candidate.name}.{size}-{modified}{TAKEN if taken else REFUSED}"


def judge(candidate: Candidate, most: int) -> InboundRefused | None:
    """Say what is wrong with a file as far as its folder tells; `most` bytes may be in it.

    The code is `not_a_file`, `too_large` or `no_data`.
    """
    data, trigger = candidate.data, candidate.trigger
    if not trigger.regular or (data is not None and not data.regular):
        return InboundRefused("not_a_file", "a link, a folder or something else that is no regular file")
    if trigger.size > MAX_BYTES:
        return InboundRefused("too_large", f"the trigger has more than {MAX_BYTES} bytes", status=413)
    if data is None:
        return InboundRefused("no_data", "there is a trigger, but no file of that name")
    if data.size > most:
        return InboundRefused("too_large", f"the file has more than {most} bytes", status=413)
    return None


def agree(candidate: Candidate, trigger: Trigger) -> InboundRefused | None:
    """Say what is wrong between a file and its trigger: `trigger` or `size_mismatch`."""
    if trigger.file_name != candidate.name:
        return InboundRefused("trigger", "FileName is not the file beside it", fields=["FileName"])
    if candidate.data is None or candidate.data.size != trigger.size:
        return InboundRefused("size_mismatch", "the file has another size", fields=["SizeInBytes"])
    return None


class Patience:
    """How long a file that is not whole may stay as it is before that is told as an error."""

    def __init__(self, seconds: float) -> None:
        self._longest = timedelta(seconds=seconds)
        self._since: dict[str, tuple[Candidate, datetime]] = {}

    def is_over(self, candidate: Candidate, now: datetime) -> bool:
        """Say whether a candidate has been exactly so for too long; one that grows begins anew."""
        known, since = self._since.get(candidate.name, (None, now))
        if known != candidate:
            since = now
        self._since[candidate.name] = (candidate, since)
        return now - since >= self._longest

    def forget_others(self, candidates: Iterable[Candidate]) -> None:
        """Keep nothing of candidates that are not there any more."""
        there = {each.name for each in candidates}
        self._since = {name: known for name, known in self._since.items() if name in there}


def _mark(name: str, named: Mapping[str, Entry]) -> Mark | None:
    said = _MARK.fullmatch(name)
    if said is None:
        return None
    file, data = said["name"], named.get(said["name"])
    settled = (int(said["size"]), int(said["modified"]))
    # Another file of the same name may have come since: it is not the one that was settled.
    if data is not None and ((data.size, data.modified) != settled or file + SUFFIX in named):
        data = None
    return Mark(file, name, said["suffix"] == TAKEN, data)


def _with_suffix(named: Iterable[tuple[str, Entry]], suffix: str) -> list[tuple[str, Entry]]:
    return [(name.removesuffix(suffix), entry) for name, entry in named if name.endswith(suffix)]


def _is_ours(raw: bytes) -> bool:
    """Say whether a name is one of a file, or of something of ours beside a file."""
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        return False
    for suffix in RESERVED:
        if name.endswith(suffix):
            name = name.removesuffix(suffix)
            break
    return is_file_name(name) and not name.endswith(RESERVED)
