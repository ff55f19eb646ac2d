"""What the simulated immigration service knows: all of it is in its record, and is read from there again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from stafet_sdk.simulator import Record

Data = Mapping[str, object]
TAKEN: Final = 201


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a request: `digest` tells it from another one under the same id."""

    digest: str
    status: int
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A row of the list of changes. `about` names a referral or an own suspicion, `facts` go into its data.

    `late` says that it does not show at once; `shown` that it has been fetched.
    """

    id: str
    version: int
    kind: str
    about: str
    changed: datetime
    facts: tuple[tuple[str, str], ...] = ()
    late: bool = False
    shown: bool = False

    def order(self) -> tuple[datetime, str]:
        """Sort by the last change."""
        return self.changed, self.id


class Book:
    """Requests, referrals and items, on top of the record; `values` are the data of whom it refers itself."""

    def __init__(self, record: Record, values: Mapping[str, Data]) -> None:
        self.record = record
        self._values = values
        self.requests: dict[str, Kept] = {}
        self.facts: dict[str, str] = {}
        self.taken: set[tuple[str, str]] = set()
        self.erased: set[str] = set()
        self._items: dict[str, Item] = {}
        for entry in record.entries:
            self._recall(entry)

    def keep(self, request: str, kept: Kept, part: str, **said: str | int | bool | None) -> None:
        """Write down a request and what it was answered with."""
        self.record.add(
            "received",
            request=request,
            part=part,
            digest=kept.digest,
            status=kept.status,
            code=kept.code,
            **said,
        )
        self._recall(self.record.entries[-1])

    def forget(self, referrals: list[str]) -> None:
        """Show nothing of these referrals any more."""
        self.erased.update(referrals)

    def add(self, item: Item) -> None:
        """Put an item on the list, unless it is there."""
        if item.id in self._items:
            return
        self.record.add(
            "item", item=item.id, version=item.version, type=item.kind, about=item.about,
            changed=item.changed.isoformat(), late=item.late, **dict(item.facts),
        )  # fmt: skip
        self._items[item.id] = item

    def move(self, item: Item, now: datetime) -> None:
        """Change an item: it becomes the newest, in its next version."""
        moved = replace(item, version=item.version + 1, changed=now)
        self.record.add("moved", item=item.id, version=moved.version, changed=now.isoformat())
        self._items[item.id] = moved

    def reveal(self, items: list[Item]) -> None:
        """Let late items show from now on."""
        for each in items:
            self.record.add("revealed", item=each.id)
            self._items[each.id] = replace(each, late=False)

    def show(self, items: list[Item]) -> None:
        """Note that items have been fetched."""
        for each in items:
            if not each.shown:
                self.record.add("shown", item=each.id, version=each.version)
                self._items[each.id] = replace(each, shown=True)

    def changes(self, since: datetime | None) -> list[Item]:
        """List what changed, oldest first, late items included."""
        return sorted(
            (
                each
                for each in self._items.values()
                if each.about not in self.erased and (since is None or each.changed >= since)
            ),
            key=Item.order,
        )

    def of(self, kind: str) -> Iterator[Item]:
        """Give the items of a kind."""
        return (each for each in list(self._items.values()) if each.kind == kind)

    def row(self, item: Item) -> Data:
        """Write an item as it stands on the list."""
        data = (
            self._values[item.about]
            if item.about in self._values
            else {"referralId": item.about, **dict(item.facts)}
        )
        return {
            "itemId": item.id,
            "version": item.version,
            "type": item.kind,
            "changedAt": item.changed.isoformat(),
            "data": data,
        }

    def _recall(self, entry: Mapping[str, object]) -> None:
        match entry["kind"]:
            case "received":
                code = entry["code"]
                kept = Kept(
                    str(entry["digest"]), int(str(entry["status"])), None if code is None else int(str(code))
                )
                self.requests[str(entry["request"])] = kept
                if kept.status == TAKEN:
                    self._take(entry)
            case "item":
                self._items[str(entry["item"])] = _item(entry)
            case "moved":
                item = self._items[str(entry["item"])]
                changed = datetime.fromisoformat(str(entry["changed"]))
                self._items[item.id] = replace(item, version=int(str(entry["version"])), changed=changed)
            case "revealed":
                item = self._items[str(entry["item"])]
                self._items[item.id] = replace(item, late=False)
            case "shown":
                item = self._items[str(entry["item"])]
                self._items[item.id] = replace(item, shown=True)
            case _:
                pass

    def _take(self, entry: Mapping[str, object]) -> None:
        referral, part = str(entry.get("referral")), str(entry["part"])
        self.taken.add((referral, part))
        if part == "notice":
            self.facts[referral] = str(entry["facts"])
        if part == "erasure":
            self.forget(str(entry.get("referrals") or "").split())


_OWN: Final = frozenset({"kind", "at", "item", "version", "type", "about", "changed", "late"})


def _item(entry: Mapping[str, object]) -> Item:
    facts = tuple((name, str(value)) for name, value in entry.items() if name not in _OWN)
    return Item(
        str(entry["item"]),
        int(str(entry["version"])),
        str(entry["type"]),
        str(entry["about"]),
        datetime.fromisoformat(str(entry["changed"])),
        facts,
        late=bool(entry["late"]),
    )
