"""Golden pairs: a message and what it means, a release and how it is worded, as files a person can read.

NAME.message.* goes with NAME.draft.json, NAME.release.json with NAME.outbound.*.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, Field, asdict, fields
from datetime import date, datetime
from importlib.resources.abc import Traversable
from typing import Any, Final, cast

from stafet_schemas.groups import Group
from stafet_sdk.draft import Draft, Release

_MESSAGE: Final = ".message."
_DRAFT: Final = ".draft.json"
_RELEASE: Final = ".release.json"
_OUTBOUND: Final = ".outbound."


def inbound_pairs(folder: Traversable) -> Iterator[tuple[str, bytes, bytes]]:
    """Yield (name, message, expected draft as JSON) of every pair, by name."""
    for name, file in sorted(_files(folder).items()):
        start, found, _ = name.partition(_MESSAGE)
        draft = folder / f"{start}{_DRAFT}"
        if found and draft.is_file():
            yield start, file.read_bytes(), draft.read_bytes()


def outbound_pairs(folder: Traversable) -> Iterator[tuple[str, Release, bytes]]:
    """Yield (name, release, expected message) of every pair, by name."""
    for name, file in sorted(_files(folder).items()):
        start, found, _ = name.partition(_OUTBOUND)
        release = folder / f"{start}{_RELEASE}"
        if found and release.is_file():
            yield start, read_release(release.read_bytes()), file.read_bytes()


def lonely(folder: Traversable) -> list[str]:
    """Name every file without its other half, and every file that is none of a pair."""
    names = _files(folder).keys()
    halves = {_MESSAGE: _DRAFT, _DRAFT: _MESSAGE, _RELEASE: _OUTBOUND, _OUTBOUND: _RELEASE}
    return [name for name in sorted(names) if not _other_half(name, names, halves)]


def read_release(text: bytes) -> Release:
    """Read a release; what is left out has its default."""
    read: dict[str, Any] = json.loads(text)
    read["problems"] = tuple((field, problem) for field, problem in read.get("problems", ()))
    for name in ("groups", "referrals"):
        read[name] = tuple(read.get(name, ()))
    if read.get("due") is not None:
        read["due"] = datetime.fromisoformat(read["due"])
    read["values"] = {Group(group): values for group, values in read.get("values", {}).items()}
    return Release(**read)


def show_draft(draft: Draft) -> dict[str, Any]:
    """Word a draft as what its golden file holds: its type and every field that says something."""
    said = asdict(draft)
    told = {each.name: said[each.name] for each in fields(draft) if said[each.name] != _default(each)}
    shown: dict[str, Any] = json.loads(json.dumps(told, default=_plain))
    if "consents" in told:
        shown["consents"] = [show_draft(each) for each in getattr(draft, "consents", ())]
    return {"draft": type(draft).__name__, **shown}


def _default(each: "Field[Any]") -> object:
    return None if each.default is MISSING else each.default


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, object]", value))
    raise TypeError(f"no JSON for {type(value).__name__}")


def _files(folder: Traversable) -> dict[str, Traversable]:
    if not folder.is_dir():
        return {}
    return {each.name: each for each in folder.iterdir() if each.is_file() and not each.name.startswith(".")}


def _other_half(name: str, names: Collection[str], halves: Mapping[str, str]) -> bool:
    return any(
        half in name and any(each.startswith(name.partition(half)[0] + other) for each in names)
        for half, other in halves.items()
    )
