"""Fault scripts of simulators: which ones are asked for, and which messages each strikes, by the seed."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_SPAN: Final = 2**32


class UnknownFaultError(ValueError):
    """There is no such fault script, or no such percent; the message names those that there are."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Fault scripts with the share of messages that each strikes, in percent."""

    percents: Mapping[str, int]

    def __contains__(self, script: object) -> bool:
        """Say whether a script was asked for."""
        return script in self.percents

    def strikes(self, script: str, key: str, seed: int) -> bool:
        """Say whether a script strikes the message `key`; always the same for the same seed."""
        percent = self.percents.get(script, 0)
        drawn = hashlib.sha256(f"{seed}/{script}/{key}".encode()).digest()
        return int.from_bytes(drawn[:4], "big") * 100 < percent * _SPAN

    def striking(self, key: str, seed: int) -> str | None:
        """Name the first script, in the order asked for, that strikes the message `key`."""
        return next((script for script in self.percents if self.strikes(script, key, seed)), None)


def read_faults(names: Iterable[str], known: Mapping[str, int]) -> Faults:
    """Read scripts `name` or `name:percent`; `known` gives each script's percent where none is said.

    Raises:
        UnknownFaultError: no such script, or no percent from 0 to 100.
    """
    percents: dict[str, int] = {}
    for each in names:
        name, separator, percent = each.partition(":")
        if name not in known:
            raise UnknownFaultError(f"unknown fault script {name}: choose of {', '.join(sorted(known))}")
        if separator and not (percent.isascii() and percent.isdigit() and int(percent) <= 100):
            raise UnknownFaultError(f"{name}: say how many percent it strikes, from 0 to 100")
        percents[name] = int(percent) if separator else known[name]
    return Faults(percents)
