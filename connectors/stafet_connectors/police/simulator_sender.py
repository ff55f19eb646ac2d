"""The sending side of the simulated police: the plan goes out, every message until it is answered.

A connection that breaks, 429 and 5xx without a SOAP fault, and 503 in any case mean: again, with the same id.
Copies: 1 is the message, 2 its repetition, 3 other content under the same id.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import httpx

from stafet_connectors.police.simulator_forms import consents
from stafet_connectors.police.simulator_messages import Office, headers, message, read_answer
from stafet_connectors.police.simulator_plan import AT_ONCE, CONFLICT, LATER, Planned
from stafet_sdk.errors import InboundRefused
from stafet_sdk.replies import retry_after
from stafet_sdk.simulator import LONGEST_PAUSE, Record, pauses, post

CONCURRENCY: Final = 4

_AGAIN: Final = frozenset({429, 502, 503, 504})
# A hub that refuses by size may close before it has read all: the answer can be lost with the connection.
_OVERSIZE_TRIES: Final = 5


class Pace:
    """At most `rate` messages per second; None is no limit."""

    def __init__(self, rate: float | None) -> None:
        self._gap = 0.0 if rate is None else 1.0 / rate
        self._next = 0.0

    async def turn(self) -> None:
        """Wait until the next message may go."""
        now = asyncio.get_running_loop().time()
        self._next = max(self._next, now) + self._gap
        await asyncio.sleep(self._next - self._gap - now)


@dataclass(slots=True)
class Sender:
    """Sends to `inbox`; `now` is the clock."""

    client: httpx.AsyncClient
    inbox: str
    office: Office
    record: Record
    pace: Pace
    now: Callable[[], datetime]
    _submitted: set[tuple[str, int]] = field(init=False)
    _answered: set[tuple[str, int]] = field(init=False)

    def __post_init__(self) -> None:
        """Take up what an earlier run recorded."""
        self._submitted = {_key(entry["transaction"], entry["copy"]) for entry in self.record.of("submitted")}
        self._answered = {_key(entry["transaction"], entry["copy"]) for entry in self.record.of("answer")}

    async def send_all(self, chains: list[list[Planned]]) -> None:
        """Send every chain, CONCURRENCY at a time, then the late repetitions."""
        await self._spread([[(each, 1) for each in chain] for chain in chains])
        late = [each for chain in chains for each in chain if each.again == LATER]
        await self._spread([[(each, 2)] for each in late])

    async def _spread(self, chains: list[list[tuple[Planned, int]]]) -> None:
        waiting = iter(chains)

        async def work() -> None:
            for chain in waiting:
                for planned, copy in chain:
                    await self._send_with_copies(planned, copy)

        async with asyncio.TaskGroup() as group:
            for _ in range(CONCURRENCY):
                group.create_task(work())

    async def _send_with_copies(self, planned: Planned, copy: int) -> None:
        if copy == 1 and planned.again == AT_ONCE:
            await asyncio.gather(self.send(planned, 1), self.send(planned, 2))
        else:
            await self.send(planned, copy)
        if copy == 1 and planned.conflict:
            await self.send(planned, 3)

    async def send(self, planned: Planned, copy: int) -> None:
        """Send one copy until the hub answers it; what was answered in an earlier run is not sent again."""
        key = (planned.transaction, copy)
        fault = CONFLICT if copy == 3 else planned.fault
        if key in self._answered:
            return
        if key not in self._submitted:
            consented = consents(planned.reference, planned.profile)
            self.record.add(
                "submitted", transaction=planned.transaction, fault=fault, copy=copy, consented=consented
            )
        await self.pace.turn()
        lost = 0
        for pause in pauses():
            body = message(planned, self.office, self.now(), conflict=copy == 3)
            try:
                answer = await post(self.client, self.inbox, body, headers(fault))
            except httpx.TransportError as error:
                # A hub that is away has refused nothing: it is asked again for as long as it takes.
                lost += not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                if fault == "oversize" and lost == _OVERSIZE_TRIES:
                    self._record(key, 0, "connection_closed", "")
                    return
                await asyncio.sleep(pause)
                continue
            read = self._read(answer)
            if read is not None:
                self._record(key, answer.status_code, *read)
                return
            asked = retry_after(answer.headers, self.now())
            await asyncio.sleep(min(pause if asked is None else asked, LONGEST_PAUSE))

    def _read(self, answer: httpx.Response) -> tuple[str, str] | None:
        """Read code and receipt, or None when the message has to be sent again."""
        if answer.status_code in _AGAIN:
            return None
        try:
            return read_answer(answer.content, self.office, self.now())
        except InboundRefused as refused:
            return None if answer.status_code >= 500 else (f"answer_{refused.code}", "")

    def _record(self, key: tuple[str, int], status: int, code: str, receipt: str) -> None:
        transaction, copy = key
        self._answered.add(key)
        self.record.add(
            "answer", transaction=transaction, status=status, code=code, copy=copy, receipt=receipt
        )


def _key(transaction: object, copy: object) -> tuple[str, int]:
    return str(transaction), int(str(copy))
