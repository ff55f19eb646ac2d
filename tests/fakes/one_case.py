"""The vault's ports for one case that is held in memory, with keys that close nothing."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, cast

from pydantic_core import to_json

from stafet.vault.domain.consent import Holding, Version
from stafet.vault.domain.ledger import Entry, Marks
from stafet.vault.domain.places import Place
from stafet.vault.domain.zones import GDPR
from stafet.vault.handlers.tools import Tools
from stafet.vault.ports.consents import Consents, Routing
from stafet.vault.ports.keys import Keys, LockedKey, ZoneKey
from stafet.vault.ports.store import Head, Held, Store
from stafet_schemas.event import Event, EventData
from stafet_schemas.groups import Group
from stafet_sdk.draft import Fields

if TYPE_CHECKING:
    from stafet.vault.ports.kinships import Kinships
    from stafet_runtime.clock import Ids
    from stafet_runtime.outbox import Outbox

CASE = "c-1"
REFERRAL = "0192f3a0-0000-7000-8000-000000000001"
RECORD = "r-1"
KEY = LockedKey(CASE, (ZoneKey(GDPR, "kek", b""),))


@dataclass
class OneCase:
    """As much of Store, Consents, Keys, CaseKey, Outbox, Clock and Ids as a release asks for.

    `row` is the newest of its ledger. `strangers` are senders that have nothing to do with the case.
    """

    at: datetime
    values: dict[Group, bytes] = field(default_factory=dict[Group, bytes])
    said: tuple[Version, ...] = ()
    held: tuple[Holding, ...] = ()
    erased: bool = False
    strangers: frozenset[str] = frozenset()
    row: Entry | None = None

    locked = KEY
    stamps = hmac.new(bytes(32), digestmod="sha256")

    def holds(self, values: Mapping[Group, Fields]) -> None:
        """Hold these values and no others."""
        self.values = {group: to_json(fields) for group, fields in values.items()}

    @property
    def tools(self) -> Tools:
        """Hand it over as each of the ports."""
        return Tools(
            cast("Store", self),
            cast("Consents", self),
            cast("Kinships", self),
            cast("Keys", self),
            cast("Outbox", self),
            self,
            cast("Ids", self),
        )

    def now(self) -> datetime:
        """Return the time it is set to."""
        return self.at

    def new(self) -> str:
        """Give everything the same id."""
        return "0192f3a0-0000-7000-8000-00000000d001"

    def emit(self, kind: type[Event], data: EventData, event_id: str | None = None) -> str:
        """Tell nobody."""
        return event_id or f"{kind.type_name()} of {type(data).__name__}"

    async def lock(self, lane: str) -> Head:  # noqa: ARG002 - the port's shape
        """Take an empty chain."""
        return Head(0, bytes(32))

    async def load(
        self,
        case: str | None,
        record: str | None,
        sender: str,
        delivery: str,  # noqa: ARG002 - the port's shape
        recipient: str = "",  # noqa: ARG002 - the port's shape
    ) -> Held:
        """Read what there is of the case."""
        known = case == CASE and not self.erased
        mine = record == RECORD and known
        return Held(
            key=KEY if known else None,
            sender_known=sender not in self.strangers,
            version=1 if mine else None,
            values=self.values if mine else {},
            released=0,
            erased=case == CASE and self.erased,
            named=True,
        )

    async def append(self, entry: Entry, marks: Marks) -> None:  # noqa: ARG002 - the port's shape
        """Keep the row."""
        self.row = entry

    async def history(self, case: str) -> tuple[Version, ...]:
        """Read what was said."""
        return self.said if case == CASE else ()

    async def holdings(self, case: str) -> tuple[Holding, ...]:
        """Read who holds what."""
        return self.held if case == CASE else ()

    async def referrals(self, case: str, recipient: str) -> Sequence[str]:
        """Read the one referral of whoever holds something."""
        return (REFERRAL,) if case == CASE and any(each.recipient == recipient for each in self.held) else ()

    async def concerned(self, case: str, recipient: str) -> Sequence[str]:
        """Read the one referral of whoever takes part: whoever holds something."""
        return await self.referrals(case, recipient)

    async def routing(self, case: str) -> Routing | None:
        """Read the routing facts."""
        ciphertext = self.values.get(Group.ROUTING)
        return Routing(RECORD, 1, ciphertext) if ciphertext and case == CASE else None

    def open_case(self, key: LockedKey) -> "OneCase":
        """Open the case, which is open."""
        assert key == KEY
        return self

    def decrypt(self, ciphertext: bytes, place: Place) -> bytes:
        """Return what was never closed, if it is asked for by its own place."""
        assert self.values[Group(place.names[-1])] == ciphertext
        return ciphertext

    def person(self, recipient: str) -> str:
        """Name the person to a recipient."""
        return f"person-of-{recipient}"

    def row_key(self, disclosure: str) -> bytes:
        """Return no secret."""
        return disclosure[:32].encode()
