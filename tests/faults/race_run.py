"""Withdrawals against dispatch: each at its moment, through the Red Cross's inbox or at the vault."""

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

import asyncpg
import httpx

from stafet.vault.app.local import LocalVault
from stafet_runtime.vaultport import ConsentOrder
from stafet_sdk import webhooks
from stafet_sdk.cloudevents_http import CONTENT_TYPE, PartnerEvent, build
from stafet_sdk.simulator import SimulatorOptions, read_identifiers, trusting_client
from tests.faults.race_cases import COMING_BACK, REFUSING, Case
from tests.faults.race_hub import KilledHub
from tests.faults.race_judge import BEGUN
from tests.faults.race_partner import RacePartner
from tests.walk.whole_hub import WholeHub

SENDERS: Final = 4
INBOX_LEAD: Final = (-20, 200)
VAULT_LEAD: Final = (-10, 14)
HAIR_SHARE: Final = 0.2
HAIR_S: Final = 0.1
"""So many are withdrawn while the Red Cross comes for them, within this time after it sets out."""
"""How many lanes before the turn of its own content a withdrawal sets out, about; the inbox is slower."""


class InboxDesk:
    """A clerk of the Red Cross who withdraws through the hub's inbox, and sends again until it is taken."""

    def __init__(self, hub: WholeHub, killed: KilledHub, client: httpx.AsyncClient) -> None:
        options = SimulatorOptions("redcross", hub.home, hub.gateway, 0)
        self._source = read_identifiers(options)["source"]
        self._private = (options.own / "webhook_private").read_text(encoding="ascii")
        self._inbox = options.inbox
        self._killed = killed
        self._client = client

    async def withdraw(self, case: Case) -> None:
        """Send until the hub has answered 202."""
        message, data = f"withdrawal-{case.number}", {"stafet_referral": case.referral}
        body = build(PartnerEvent(message, self._source, "dk.redcross.consent.withdrawn", data))
        while True:
            await self._killed.up.wait()
            signature = webhooks.sign(self._private, message, datetime.now(UTC), body)
            headers = {"content-type": CONTENT_TYPE, **signature}
            try:
                answer = await self._client.post(self._inbox, content=body, headers=headers)
            except httpx.TransportError:
                continue
            assert answer.status_code == 202, answer.text
            return


class Race:
    """A race over `cases`; the hub is killed when the Red Cross has something, and when an attempt begins.

    The lanes are taken in the order of their cases, so it can be told whose turn comes next.
    """

    def __init__(
        self, cases: Sequence[Case], chance: random.Random, killed: KilledHub, vault: LocalVault
    ) -> None:
        self.partner = RacePartner(
            {each.referral: each for each in cases}, self._came, self._sets_out, killed.up
        )
        self._content = {each.delivery: each for each in cases}
        self._killed = killed
        self._vault = vault
        line = sorted(cases, key=lambda case: case.stored.case)
        many = len(line)
        self._chance = chance
        self._hair = {
            case.delivery
            for case in line
            if not case.inbox and case.temper not in {COMING_BACK, REFUSING} and chance.random() < HAIR_SHARE
        }
        moments = [
            (place - chance.randint(*(INBOX_LEAD if case.inbox else VAULT_LEAD)), case)
            for place, case in enumerate(line)
            if case.temper not in {COMING_BACK, REFUSING} and case.delivery not in self._hair
        ]
        self._line = sorted(((min(place, many), case) for place, case in moments), key=lambda each: -each[0])
        self._kills = {
            "arrived": chance.randint(many // 10, many // 4),
            "begun": chance.randint(many // 2, many * 3 // 4),
        }
        self._began = set[str]()
        self._arrived = 0
        self._aside = set[str]()
        self._inbox = asyncio.Queue[Case]()
        self._left = many
        self._all = asyncio.Event()

    async def over(self) -> None:
        """Wait until every withdrawal was taken."""
        await self._all.wait()

    @asynccontextmanager
    async def running(self, hub: WholeHub) -> AsyncGenerator[None]:
        """Withdraw every consent at its moment while the block runs."""
        listener = await asyncpg.connect(hub.settings.postgres)
        try:
            await listener.add_listener(BEGUN, self._begun)
            async with trusting_client(hub.home) as client, asyncio.TaskGroup() as self._group:
                desk = InboxDesk(hub, self._killed, client)
                senders = [self._group.create_task(self._send(desk)) for _ in range(SENDERS)]
                yield
                for each in senders:
                    each.cancel()
        finally:
            await listener.close()

    async def _send(self, desk: InboxDesk) -> None:
        while True:
            await desk.withdraw(await self._inbox.get())
            self._taken()

    async def _withdraw(self, case: Case, after_s: float = 0) -> None:
        await asyncio.sleep(after_s)
        order = ConsentOrder(
            statement="withdrawn", agency="operator", message=f"said-{case.number}", case=case.stored.case
        )
        await self._vault.record_consent(order)
        self.partner.withdrawn(case)
        self._taken()

    def _taken(self) -> None:
        self._left -= 1
        if not self._left:
            self._all.set()

    def _begun(self, *heard: object) -> None:
        """Hear of an attempt in the moment of its commit: the release is under way now."""
        if heard[-1] in self._content and heard[-1] not in self._began:
            self._began.add(str(heard[-1]))
            self._kill_at("begun", len(self._began))
            while self._line and self._line[-1][0] <= len(self._began):
                _, case = self._line.pop()
                if case.inbox:
                    self._inbox.put_nowait(case)
                else:
                    self._group.create_task(self._withdraw(case))

    def _came(self, case: Case) -> None:
        """See content at the Red Cross, or that it refuses to be told of it."""
        self._arrived += 1
        self._kill_at("arrived", self._arrived)
        if case.temper in {COMING_BACK, REFUSING} and case.delivery not in self._aside:
            self._aside.add(case.delivery)
            self._group.create_task(self._withdraw(case))

    def _sets_out(self, case: Case) -> None:
        """See the Red Cross set out to fetch: of some, the consent is withdrawn at that very moment."""
        if case.delivery in self._hair:
            self._hair.remove(case.delivery)
            self._group.create_task(self._withdraw(case, self._chance.uniform(0, HAIR_S)))

    def _kill_at(self, kind: str, count: int) -> None:
        # A hub that is just being started is left alone until it works.
        if kind in self._kills and count >= self._kills[kind] and self._killed.up.is_set():
            del self._kills[kind]
            self._killed.kill()
