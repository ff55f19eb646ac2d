"""What Red Cross answers to referrals, by the seed and the facts of the notice, one rung at a time."""

import asyncio
import hashlib
import random
import uuid
from collections.abc import Iterator
from typing import Final

from stafet_connectors.redcross import mapping
from stafet_connectors.redcross.simulator_mail import Mail, receipt_of
from stafet_connectors.redcross.simulator_memory import WITHDRAWN, Memory
from stafet_sdk.cloudevents_http import PartnerEvent, build
from stafet_sdk.contract import Reply
from stafet_sdk.faults import Faults
from stafet_sdk.simulator import Record, SimulatorOptions

REJECTED_SHARE: Final = 0.15
TWICE_SHARE: Final = 0.1
SENDERS: Final = 8
TAKEN: Final = 202

_KINDS: Final = {rung: kind for kind, rung in (mapping.ANSWERS | mapping.CONSENTS).items()}
_REASONS: Final = (
    "no_capacity",
    "insufficient_information",
    "outside_mandate",
    "person_declined",
    "not_reachable",
)


class Answers:
    """Says what is due about each referral, in order; several referrals at once."""

    def __init__(
        self,
        options: SimulatorOptions,
        source: str,
        mail: Mail,
        record: Record,
        *,
        memory: Memory,
        faults: Faults,
    ) -> None:
        self._options = options
        self._source = source
        self._mail = mail
        self._record = record
        self._memory = memory
        self._faults = faults
        self._due: asyncio.Queue[str] = asyncio.Queue()
        self._busy: set[str] = set()
        self._again: set[str] = set()
        for referral in sorted({referral for referral, _ in memory.parts}):
            self.wake(referral)

    def wake(self, referral: str) -> None:
        """Look again at what is due about a referral."""
        if referral in self._busy:
            self._again.add(referral)
            return
        self._busy.add(referral)
        self._due.put_nowait(referral)

    async def work(self) -> None:
        """Send what is due, for ever."""
        async with asyncio.TaskGroup() as group:
            for _ in range(SENDERS):
                group.create_task(self._sender())

    async def _sender(self) -> None:
        while True:
            referral = await self._due.get()
            while (rung := self._next(referral)) is not None:
                await self._answer(referral, rung)
            self._busy.discard(referral)
            if referral in self._again:
                self._again.discard(referral)
                self.wake(referral)

    def _next(self, referral: str) -> str | None:
        """Say which answer is due, from what has come and what is said."""
        if (referral, "notice") not in self._memory.parts:
            return None
        for rung in self._ladder(referral):
            if (referral, rung) not in self._memory.answered:
                return rung
            if self._memory.answered[referral, rung] != TAKEN:
                return None
        return None

    def _ladder(self, referral: str) -> Iterator[str]:
        """Name what is to be said by now, in order. Who withdraws is taken in, before or after that word."""
        facts = self._memory.facts[referral]
        chance = self._chance("withdrawal", facts) * 100
        early, late = chance < self._options.withdrawals / 2, chance < self._options.withdrawals
        if not late and self._chance("decision", facts) < REJECTED_SHARE:
            yield "rejected"
            return
        if early:
            yield WITHDRAWN
        yield "accepted"
        if (referral, "content") in self._memory.parts:
            if late and not early:
                yield WITHDRAWN
            yield from ("in_progress", "completed")

    async def _answer(self, referral: str, rung: str) -> None:
        reason = None
        if rung == "rejected":
            reason = _REASONS[int(self._chance("reason", referral) * len(_REASONS))]
        # Written before the first byte leaves: the hub may tell of the content before we have read its 202.
        about_to, done = ("withdrawing", "withdrawn") if rung == WITHDRAWN else ("answering", "answered")
        if (referral, rung) not in self._memory.offered:
            self._record.add(about_to, referral=referral, rung=rung)
            self._memory.offered.add((referral, rung))
        await self._out_of_order(referral, rung)
        event_id, body = self._event(referral, rung, reason)
        reply = await self._mail.send(event_id, body)
        self._record.add(done, referral=referral, rung=rung, reason=reason, status=reply.status)
        self._memory.answered[referral, rung] = reply.status
        if reply.status == TAKEN:
            await self._say_again(referral, rung, event_id, body, reply)

    async def _say_again(self, referral: str, rung: str, event_id: str, body: bytes, first: Reply) -> None:
        if self._chance("twice", event_id) < TWICE_SHARE:
            second = await self._mail.until_heard(event_id, body)
            self._record.add(
                "answered_again", referral=referral, rung=rung, status=second.status,
                same_receipt=receipt_of(second) == receipt_of(first),
            )  # fmt: skip
        if self._faults.strikes("duplicate-id", event_id, self._options.seed):
            _, other = self._event(referral, rung, None, file="RK-other")
            conflict = await self._mail.until_heard(event_id, other)
            self._record.add("conflict", referral=referral, rung=rung, status=conflict.status)

    async def _out_of_order(self, referral: str, rung: str) -> None:
        if rung == "accepted" and self._faults.strikes("out-of-order", referral, self._options.seed):
            event_id, body = self._event(referral, "completed", None, early=True)
            early = await self._mail.until_heard(event_id, body)
            self._record.add("early", referral=referral, rung="completed", status=early.status)

    def _event(
        self, referral: str, rung: str, reason: str | None, *, file: str = "", early: bool = False
    ) -> tuple[str, bytes]:
        """Make the answer: the same id and bytes whenever this answer is sent."""
        about = f"{self._source}/{referral}/{rung}{'/early' if early else ''}"
        event_id = str(uuid.uuid5(uuid.NAMESPACE_URL, about))
        data = {mapping.REFERRAL: referral}
        if rung != WITHDRAWN:
            data[mapping.REFERENCE] = file or "RK-" + hashlib.sha256(referral.encode()).hexdigest()[:10]
        elif file:
            data[mapping.REFERRAL] = str(uuid.uuid5(uuid.NAMESPACE_URL, file))
        if reason is not None:
            data[mapping.REASON] = reason
        return event_id, build(PartnerEvent(event_id, self._source, _KINDS[rung], data, subject=referral))

    def _chance(self, what: str, about: str) -> float:
        return random.Random(f"{self._options.seed}/{what}/{about}").random()
