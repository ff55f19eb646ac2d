"""The audit of the ledger: every row against its keys, its chain, its leaf, and every tree head."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from hmac import HMAC
from typing import Final, NamedTuple, Protocol

from stafet.vault.domain.ledger import (
    CASE,
    FIRST,
    HUB,
    commitment,
    link,
    place,
    row_bytes,
    row_digest,
    stamp,
)
from stafet.vault.domain.merkle import Frontier
from stafet.vault.domain.treehead import TreeHead

CHANGED: Final = "changed"
MISSING: Final = "missing"
MOVED: Final = "moved"
ADDED: Final = "added"
REWRITTEN: Final = "rewritten"
FORGED: Final = "forged"

RowKey = Callable[[str], bytes]


class Row(NamedTuple):
    """A row as it stands; `columns` in the order of `COLUMNS`, None where only its leaf is left.

    `leaf` is the hash that its leaf has, None as long as it has none; `planted` is the disclosure that the
    leaf names if that is not this row's.
    """

    lane: str
    number: int
    planted: str | None
    leaf: bytes | None
    previous: bytes
    hash: bytes
    keyed: str
    digest: bytes
    stamp: bytes
    columns: Sequence[object] | None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: numbers `first` to `last` of a lane, or positions of the tree without one.

    changed: not as it was written; missing: removed; moved: another row's place; added: written by no
    release; rewritten: signed tree heads say otherwise; forged: a tree head that this hub did not sign.
    """

    kind: str
    first: int
    last: int
    lane: str | None = None
    disclosure: str | None = None


class HubKeys(Protocol):
    """The hub's own keys, as far as an audit needs them."""

    @property
    def stamps(self) -> HMAC:
        """An HMAC begun with the key of the stamps of all rows."""
        ...

    def row_key(self, disclosure: str) -> bytes:
        """Return the key of a row that no case has a key for."""
        ...


class LaneAudit:
    """Audits the rows of a lane by number; goes on after a fault, and blames no other row for it."""

    def __init__(self, lane: str, hub: HubKeys, case_key: RowKey | None, faults: list[Fault]) -> None:
        self._lane = lane
        self._hub = hub
        self._case_key = case_key
        self._faults = faults
        self._before = len(faults)
        self._number = 0
        self._last: bytes | None = FIRST
        self._bare: tuple[int, str] | None = None

    def take(self, row: Row) -> None:
        """Take the next row."""
        if row.number != self._number + 1:
            self._fault(MISSING, self._number + 1, None, row.number - 1)
            self._last = None
        self._number = row.number
        if row.columns is None:
            self._fault(MISSING, row.number, row.planted)
            self._last = None
            return
        disclosure = str(row.columns[0])
        self._place(row, disclosure)
        kind = self._wrong(row, disclosure, row.columns)
        self._last = row.hash
        if kind is not None:
            self._fault(kind, row.number, disclosure)
            # The next row hangs on what stood here before: it is not to blame.
            self._last = None

    def end(self, entries: int, head: bytes) -> None:
        """Hold the end of the chain against how many rows it should have and the hash of the last."""
        if self._number < entries:
            self._fault(MISSING, self._number + 1, None, entries)
        elif self._number > entries:
            self._fault(ADDED, entries + 1, None, self._number)
        elif head != self._last and len(self._faults) == self._before:
            self._fault(CHANGED, self._number, None)

    def _place(self, row: Row, disclosure: str) -> None:
        """Leaves are planted in order: a row without one is new, unless a later row has one."""
        if row.leaf is None:
            self._bare = self._bare or (row.number, disclosure)
        elif self._bare is not None:
            self._fault(ADDED, *self._bare)
            self._bare = None

    def _wrong(self, row: Row, disclosure: str, columns: Sequence[object]) -> str | None:
        if row.planted is not None:
            return MOVED
        try:
            shown, hidden = row_bytes(columns)
        except TypeError:
            return CHANGED
        whole = (
            stamp(self._hub.stamps, row.hash, shown, hidden) == row.stamp
            and row.hash == link(row.previous, row.digest, place(self._lane, row.number, row.keyed))
            and self._last in {None, row.previous}
            and row.leaf in (None, row.hash)
            and self._digest_holds(row, disclosure, shown, hidden)
        )
        return None if whole else CHANGED

    def _digest_holds(self, row: Row, disclosure: str, shown: bytes, hidden: bytes) -> bool:
        """Hold the digest against the row; where the case's key is destroyed, the stamp alone must do."""
        if row.keyed == CASE:
            if self._case_key is None:
                return True
            row_key = self._case_key(disclosure)
        else:
            row_key = self._hub.row_key(disclosure)
        return row.keyed in (CASE, HUB) and row.digest == row_digest(
            row_key, shown, commitment(row_key, hidden)
        )

    def _fault(self, kind: str, number: int, disclosure: str | None, last: int | None = None) -> None:
        self._faults.append(Fault(kind, number, last or number, self._lane, disclosure))


class TreeAudit:
    """Grows the tree anew and holds it against every head, each signed over the first `size` leaves."""

    def __init__(self, heads: Sequence[TreeHead], public: bytes, faults: list[Fault]) -> None:
        judged = [(each, each.key == public and each.holds()) for each in heads]
        faults += [Fault(FORGED, 0, each.size - 1) for each, genuine in judged if not genuine]
        genuine = (each for each, genuine in judged if genuine)
        self._heads = sorted(genuine, key=lambda each: each.size, reverse=True)
        self._faults = faults
        self._frontier = Frontier()
        self._sound = 0
        self._broken = False

    @property
    def size(self) -> int:
        """How many leaves there are so far."""
        return self._frontier.size

    def take(self, leaves: Iterable[tuple[int, bytes]]) -> None:
        """Take the next leaves: position and hash."""
        frontier = self._frontier
        wanted = self._heads[-1].size if self._heads else 0
        for position, hash_ in leaves:
            if position != frontier.size and not self._broken:
                self._faults.append(Fault(MISSING, frontier.size, position - 1))
                self._broken = True
            frontier.add(hash_)
            if frontier.size == wanted:
                self._compare()
                wanted = self._heads[-1].size if self._heads else 0

    def end(self) -> None:
        """Name the leaves that heads were signed over and that are not there."""
        if self._heads and not self._broken:
            self._faults.append(Fault(MISSING, self._frontier.size, self._heads[0].size - 1))

    def _compare(self) -> None:
        """Hold the heads of this size against the tree; later ones have the same fault in them."""
        size, roots = self._frontier.size, {self._frontier.root()}
        while self._heads and self._heads[-1].size == size:
            roots.add(self._heads.pop().root)
        if len(roots) > 1 and not self._broken:
            self._faults.append(Fault(REWRITTEN, self._sound, size - 1))
            self._broken = True
        self._sound = size


def name_moves(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Say "moved" of a row that is missing in one place and wrong in another."""
    missing = {each.disclosure for each in faults if each.kind == MISSING and each.disclosure}
    return tuple(
        replace(each, kind=MOVED) if each.kind == CHANGED and each.disclosure in missing else each
        for each in faults
    )
