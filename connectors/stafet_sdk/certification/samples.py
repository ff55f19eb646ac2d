"""What a connector offers to be certified by: messages, releases and promises, of synthetic persons only.

Each connector has them in its `samples.py`, found by an entry point in the group `stafet.samples`. What is
abstract here is asked of every connector. The rest may be left out; the tier tells (`tiers.toml`).
"""

import json
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final, Literal

from stafet_sdk.contract import Connector, Outbound, Partner, Reply, Request
from stafet_sdk.draft import Draft, Release
from stafet_sdk.errors import ConnectorError

GROUP: Final = "stafet.samples"
NOW: Final = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
"""When everything in certification happens, as far as a connector is told."""

Way = Literal["push", "inbox", "poll", "drop"]


@dataclass(frozen=True, slots=True)
class Promise:
    """What a fault script of the simulator must end in.

    `way` is where it strikes: what the hub pushes, what the simulator sends to the hub's `inbox`, a page that
    the hub polls, a file that it fetches. `outcome` is the error that it is to be named by, None if all goes
    well in spite of it; `code` narrows it down (the error's `cause` or `code`). Unless the outcome is final,
    the message must land when it is tried again.
    """

    outcome: type[ConnectorError] | None
    code: str | None = None
    way: Way = "push"


@dataclass(frozen=True, slots=True, repr=False)
class Copies:
    """A message and what may be taken for it: the duplicate matrix.

    `again` repeats `first` with new timestamps and signatures; `fresh` is another message with its own ids;
    `enveloped` has the business id and content of `first` under a new envelope id (None: the protocol has one
    id); `other` has the id of `first` and other content; `reused` is another message in the envelope of
    `first` (None: as above).
    """

    first: Request
    again: Request
    fresh: Request
    other: Request
    enveloped: Request | None = None
    reused: Request | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Rotation:
    """The agency changes its key: the hub knows the old one, then both, then only the new one.

    `old` and `new` make the message of a number, signed at NOW by that key; every number is another message.
    """

    before: Partner
    overlap: Partner
    after: Partner
    old: Callable[[int], Request]
    new: Callable[[int], Request]


class Samples(ABC):
    """Inherit in the connector's `samples.py` and offer an instance as `samples`.

    `canaries` are the values of persons in the samples: they must show up nowhere but where they belong.
    """

    connector: Connector
    canaries: Sequence[str]

    @abstractmethod
    def partner(self) -> Partner:
        """Give the configured agency, with keys that fit the samples."""

    @abstractmethod
    def request(self) -> Request:
        """Give an authentic message from the agency, signed at NOW."""

    @abstractmethod
    def releases(self) -> Sequence[Release]:
        """Give one release for each part the agency gets; text values are unique."""

    @abstractmethod
    def incomplete(self) -> Iterator[tuple[str, bytes]]:
        """Yield (name of the field, a message without it), for every field that must be there."""

    @abstractmethod
    def unknown(self) -> tuple[str, bytes]:
        """Give (name, `request` with a field of that name that the connector does not know)."""

    def took_it(self) -> Reply:
        """Give the agency's answer when it took a message."""
        return Reply(200, {"content-type": "application/json"}, b"{}")

    def forged(self) -> Iterator[Request]:
        """Yield what must be refused: `request` with a changed byte, and without each header that signs it.

        Where the channel alone vouches for a message, give it from another channel, or nothing.
        """
        request = self.request()
        middle = len(request.body) // 2
        spoilt = bytearray(request.body)
        spoilt[middle] ^= 1
        yield replace(request, body=bytes(spoilt))
        for name in request.headers:
            if "signature" in name or "timestamp" in name:
                kept = {key: said for key, said in request.headers.items() if key != name}
                yield replace(request, headers=kept)

    def malformed(self) -> Iterator[tuple[str, bytes]]:
        """Yield (name of the field, a message whose value of it has a wrong shape), for all with a shape."""
        yield from ()

    def strange_codes(self) -> Iterator[tuple[str, bytes]]:
        """Yield (code, a message that says it where no list has it): it must be in the draft as it came."""
        yield from ()

    def copies(self) -> Copies | None:
        """Give a message and what may be taken for it."""
        return None

    def rotated(self) -> Rotation | None:
        """Give a change of the agency's key."""
        return None

    def invalid(self, outbound: Outbound) -> Sequence[str] | None:
        """Name what breaks the agency's published format (XSD, JSON Schema, columns); None: there is none."""
        del outbound
        return None

    def drawn(self, source: random.Random) -> tuple[bytes, Draft] | None:
        """Draw a message at random, and say what it must be read as, without using the mapping."""
        del source
        return None

    def told(self) -> Iterator[tuple[str, bytes, Draft]]:
        """Yield (name, message, what it means), for `stafet connector golden` to write down as pairs."""
        yield from ()

    def promises(self) -> Mapping[str, Promise]:
        """Promise what each fault script of the simulator ends in, by the script's name."""
        return {}

    def golden(self) -> Traversable:
        """Find the folder of golden pairs.

        NAME.message.* goes with NAME.draft.json, NAME.release.json with NAME.outbound.*.
        """
        return resources.files(type(self).__module__.rpartition(".")[0]) / "golden"

    def wrapped(self, message: bytes) -> bytes:
        """Make a body of a golden message, where the file holds only the part that matters."""
        return message

    def unwrapped(self, outbound: Outbound) -> bytes:
        """Take from an outbound message what its golden file holds."""
        return outbound.body

    def same(self, left: bytes, right: bytes) -> bool:
        """Compare two outbound messages, unwrapped: as JSON where they are."""
        try:
            return bool(json.loads(left) == json.loads(right))
        except ValueError:
            return left == right
