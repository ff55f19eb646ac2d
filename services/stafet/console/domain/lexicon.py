"""The words of the console as data: what events say (`events.toml`), their threads, and names of codes."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict


class EventWords(BaseModel):
    """How one event is told. `thread` is what it is part of; `needs` and `remedy`: who must act, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    says: str
    thread: str = ""
    needs: Literal["", "waiting", "stopped"] = ""
    remedy: str = ""


class ThreadWords(BaseModel):
    """What tells two threads of one kind apart, and what the kind is called."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: tuple[str, ...]
    title: str = ""

    def key_of(self, data: Mapping[str, Any]) -> str:
        """Name the thread that an event with these data is part of."""
        chosen = [next((data[name] for name in each.split("|") if data.get(name)), "") for each in self.key]
        return " ".join(str(each) for each in chosen)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__ or __name__) / name).read_text(encoding="utf-8"))


EVENTS: Final[Mapping[str, EventWords]] = {
    name: EventWords(**each) for name, each in _read("events.toml").items()
}
THREADS: Final[Mapping[str, ThreadWords]] = {
    name: ThreadWords(**each) for name, each in _read("threads.toml").items()
}
NAMES: Final[Mapping[str, Mapping[str, str]]] = _read("names.toml")
