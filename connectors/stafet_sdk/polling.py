"""Asks an agency over HTTPS for what changed: a page at a time, from where the last one ended."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from stafet_sdk.contract import Connector, Page, Partner, Polled, Reply
from stafet_sdk.errors import ContractBroken
from stafet_sdk.source import Batch, Fetch
from stafet_sdk.transport import Push

SMALL_BYTES: Final = 64 * 1024
"""A page up to this size is read in a few milliseconds, and a thread would cost more."""

LONGEST_CURSOR: Final = 2000


@dataclass(frozen=True, slots=True)
class HttpPoll:
    """`Source` of an agency that is polled; `push` carries the questions."""

    connector: Polled
    partner: Partner
    push: Push
    now: Callable[[], datetime]

    @property
    def agency(self) -> str:
        """Code of the agency."""
        return self.partner.agency

    @property
    def interval_s(self) -> float:
        """Seconds between questions once there is nothing more."""
        return self.partner.interval_s or self.connector.manifest.interval_s

    async def fetch(self, cursor: str, /) -> Batch:
        """Ask for the page after `cursor`.

        Raises:
            ContractBroken: `no_progress`: the next page would be this one; `cursor`: no short line.
            DeliveryError: no answer, or one that the connector refuses.
        """
        question = self.connector.ask(cursor, self.partner, self.now())
        page = await self._read(await self.push.send(question, self.partner), cursor)
        if page.more and page.cursor == cursor:
            raise ContractBroken("no_progress")
        if len(page.cursor) > LONGEST_CURSOR or not page.cursor.isprintable():
            raise ContractBroken("cursor")
        return Batch(page.requests, page.cursor, page.more)

    async def _read(self, reply: Reply, cursor: str) -> Page:
        if len(reply.body) <= SMALL_BYTES:
            return self.connector.page(reply, cursor, self.partner, self.now())
        return await asyncio.to_thread(self.connector.page, reply, cursor, self.partner, self.now())


def polling(push: Push, now: Callable[[], datetime]) -> Fetch:
    """Make sources of agencies that are polled.

    Raises:
        TypeError: when one is made, of a connector that cannot ask.
    """

    def source(connector: Connector, partner: Partner) -> HttpPoll:
        if not isinstance(connector, Polled):
            raise TypeError(f"the connector of {partner.agency} has no ask and no page")
        return HttpPoll(connector, partner, push, now)

    return source
