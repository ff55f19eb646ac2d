"""What the simulated police decide about referrals to them, by the seed, and how they tell the hub.

After the notice they accept or reject; after the content they take it into their case system and close it.
What was decided and told is in the record, from which a run that was killed goes on.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import httpx

from stafet_connectors.police.messages import RECEIPT_ACTION, Context, answer_request, business_receipt
from stafet_connectors.police.simulator_messages import Office
from stafet_connectors.police.simulator_posting import read_whole, until_answered
from stafet_sdk.faults import Faults
from stafet_sdk.simulator import Record
from stafet_sdk.soap import signed_envelope

NOTICE: Final = "notice"
CONTENT: Final = "content"
SCRIPTS: Final = {"silent-drop": 20, "late-receipt": 20, "afvist-after-accept": 20}
"""Each script of what is told, and how many percent of the referrals it strikes."""
REJECTED_SHARE: Final = 0.15
LATE_S: Final = 2.0
WORKERS: Final = 4

_REASONS: Final = ("no_capacity", "insufficient_information", "outside_mandate")


@dataclass(frozen=True, slots=True)
class Step:
    """One receipt to send."""

    code: str
    kind: str = "Forretning"
    reason: str | None = None


@dataclass(slots=True)
class Decisions:
    """Decides by `seed` and sends to the hub with `client`."""

    client: httpx.AsyncClient
    office: Office
    record: Record
    faults: Faults
    seed: int
    now: Callable[[], datetime]
    _due: asyncio.Queue[str] = field(init=False, default_factory=asyncio.Queue[str])
    _busy: set[str] = field(init=False, default_factory=set[str])

    def __post_init__(self) -> None:
        """Take up where an earlier run was killed."""
        for referral in dict.fromkeys(str(each["referral"]) for each in self.record.of("object")):
            self.wake(referral)

    def wake(self, referral: str) -> None:
        """See to it that what is due of a referral is sent."""
        self._due.put_nowait(referral)

    async def work(self) -> None:
        """Send what is due, for ever: in order for each referral, several referrals at once."""
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._worker())

    async def _worker(self) -> None:
        while True:
            referral = await self._due.get()
            if referral in self._busy:
                continue
            self._busy.add(referral)
            while (step := self._next(referral)) is not None:
                await self._tell(referral, step)
            self._busy.discard(referral)

    def steps(self, referral: str) -> list[Step]:
        """Say all that is to be told of a referral, as far as it has come."""
        parts = {str(each["part"]) for each in self.record.of("object") if each["referral"] == referral}
        chance = random.Random(f"police/{self.seed}/{referral}")
        if NOTICE not in parts or self.faults.strikes("silent-drop", referral, self.seed):
            return []
        if chance.random() < REJECTED_SHARE:
            return [Step("AFVIST", reason=chance.choice(_REASONS))]
        told = [Step("ACCEPTERET")]
        if self.faults.strikes("afvist-after-accept", referral, self.seed):
            told.append(Step("AFVIST", reason=_REASONS[0]))
        if CONTENT in parts:
            told += [Step("AFLEVERET", "Teknisk"), Step("AFLEVERET")]
        return told

    def _next(self, referral: str) -> Step | None:
        told = {
            (each["code"], each["type"]) for each in self.record.of("told") if each["referral"] == referral
        }
        return next((each for each in self.steps(referral) if (each.code, each.kind) not in told), None)

    async def _tell(self, referral: str, step: Step) -> None:
        if step.code == "ACCEPTERET" and self.faults.strikes("late-receipt", referral, self.seed):
            await asyncio.sleep(LATE_S)
        answer = await until_answered(
            self.client, self.office, RECEIPT_ACTION, lambda: self._message(referral, step)
        )
        code, receipt = read_whole(answer.content, self.office, self.now())
        self.record.add(
            "told", referral=referral, code=step.code, type=step.kind, reason=step.reason or "",
            status=answer.status_code, answer=code, receipt=receipt,
        )  # fmt: skip

    def _message(self, referral: str, step: Step) -> bytes:
        known = self.office.identifiers
        deliveries = [e["delivery"] for e in self.record.of("object") if e["referral"] == referral]
        context = Context(
            transaction=referral,
            sender=known["hub_cvr"],
            routed=known["cvr"],
            receiver=known["uuid"],
            distribution=str(deliveries[0]),
        )
        request = answer_request(business_receipt(step.code, step.kind, step.reason), context)
        addressing = self.office.addressed(RECEIPT_ACTION, f"{referral}/{step.code}/{step.kind}")
        return signed_envelope(request, self.office.credentials, self.now(), addressing)
