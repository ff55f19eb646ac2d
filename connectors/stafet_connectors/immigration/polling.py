"""Asking the immigration service what changed: windows of time that overlap, pages that do not drift apart.

Their list is sorted by the time of each row's last change. A row that changes again moves to the end, and
all behind it move up: whoever counts pages misses as many rows as moved. So each page has the last LAP rows
of the one before once more; if it begins behind them, more rows moved than that, and the rows are asked for
again from shortly before the newest time that was seen. A row may also show up late, with the time at which
its transaction began: so each window begins OVERLAP before the newest time of the one before.
What comes twice by all this is absorbed by its id and version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from stafet_connectors.immigration.wire import Object, as_list, as_object, read_object, write
from stafet_sdk.contract import Page, Request
from stafet_sdk.errors import ContractBroken

CHANGES: Final = "/changes"
TAKE: Final = 20
LAP: Final = 5
OVERLAP: Final = timedelta(minutes=10)

_NONE: Final = "-"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where to go on: rows changed at or after `since`, without the first `skip`.

    `last` is the newest time seen in this window, as long as it is read page by page.
    """

    since: datetime | None = None
    skip: int = 0
    last: datetime | None = None

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """Read what `written` wrote; empty at first.

        Raises:
            ValueError: it is something else.
        """
        if not text:
            return cls()
        since, skip, last = text.split(" ")
        return cls(_time(since), int(skip), _time(last))

    def written(self) -> str:
        """Write it as one text."""
        return f"{_text(self.since)} {self.skip} {_text(self.last)}"

    def path(self) -> str:
        """Ask for what it stands for."""
        asked = {} if self.since is None else {"since": _text(self.since)}
        return f"{CHANGES}?{urlencode({**asked, 'skip': self.skip, 'take': TAKE})}"

    def after(self, times: Sequence[datetime], rows: int) -> tuple["Cursor", bool]:
        """Say where to go on after so many rows with these times, and whether there is more now."""
        if self.last is not None and (not times or times[0] > self.last):
            return Cursor(self._window(self.last)), True
        seen = [*times] if self.last is None else [self.last, *times]
        newest = max(seen) if seen else None
        if rows == TAKE:
            return Cursor(self.since, self.skip + TAKE - LAP, newest), True
        return Cursor(self.since if newest is None else self._window(newest)), False

    def _window(self, newest: datetime) -> datetime:
        begins = newest - OVERLAP
        return begins if self.since is None else max(self.since, begins)


def read_page(body: bytes, cursor: str) -> Page:
    """Read an answer and say where to go on.

    Raises:
        ContractBroken: `malformed_page` or `unsorted_page`.
    """
    try:
        items = read_object(body)["items"]
    except (ValueError, KeyError):
        raise ContractBroken("malformed_page") from None
    rows = [as_object(each) for each in as_list(items)]
    times = [at for at in map(_changed, rows) if at is not None]
    if not isinstance(items, list) or len(rows) > TAKE or (rows and not times):
        raise ContractBroken("malformed_page")
    if times != sorted(times):
        raise ContractBroken("unsorted_page")
    following, more = Cursor.read(cursor).after(times, len(rows))
    # Each row by itself, as if it had been sent: what is wrong with one is not the others' trouble.
    requests = tuple(Request("GET", CHANGES, {}, write(row)) for row in rows)
    return Page(requests, following.written(), more)


def _changed(row: Object) -> datetime | None:
    try:
        return _time(str(row["changedAt"]))
    except (KeyError, ValueError):
        return None


def _time(text: str) -> datetime | None:
    if text == _NONE:
        return None
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _text(at: datetime | None) -> str:
    return _NONE if at is None else at.isoformat()
