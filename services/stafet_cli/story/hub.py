"""The hub of a story: every service as it is, on the story's clock; agencies in place of transports."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from stafet.console.app import build as build_console
from stafet.console.settings import ConsoleSettings
from stafet.contacts.app import build as build_contacts
from stafet.contacts.settings import ContactsSettings
from stafet.deadlines.adapters.clocksfile import load_plan
from stafet.deadlines.adapters.ticker import Ticker
from stafet.deadlines.subscribers import subscription as deadlines_subscription
from stafet.dispatch.adapters.book import PostgresBook
from stafet.dispatch.adapters.lanes import PostgresLanes
from stafet.dispatch.domain import plan
from stafet.dispatch.handlers import Tools, attempt
from stafet.dispatch.subscribers import subscription as dispatch_subscription
from stafet.gateway.adapters import PostgresReception, SealingKeys
from stafet.gateway.handlers import accept
from stafet.gateway.ports import Sender
from stafet.gateway.subscribers import subscription as gateway_subscription
from stafet.identification.app import build as build_identification
from stafet.identification.settings import IdentificationSettings
from stafet.referrals.app import build as build_referrals
from stafet.referrals.settings import ReferralsSettings
from stafet.support.app import build as build_support
from stafet.support.settings import SupportSettings
from stafet.vault.app.build import build as build_vault
from stafet.vault.app.build import open_session
from stafet.vault.app.consents import ConsentBook
from stafet.vault.app.local import LocalVault
from stafet.vault.app.policies import pin_policy
from stafet.vault.keyfiles import read_key_files
from stafet.vault.settings import VaultSettings
from stafet_cli.credentials import OPERATOR, Files, Wanted, create
from stafet_cli.story.agency import StoryAgency, StoryPush
from stafet_cli.story.clock import StoryClock, StoryIds, StoryReading
from stafet_runtime.database import Database, open_database
from stafet_runtime.sealing import SealKeyFile
from stafet_runtime.service import Service
from stafet_runtime.settings import SERVICES
from stafet_sdk.contract import Answered, Outcome, Request

IN_FLIGHT: Final = 64
COMING: Final = {
    "deadlines": "select min(next_at) from deadlines where next_at > $1",
    "dispatch": "select min(due_at) from lanes where due_at > $1",
    "vault": "select min(until) from consents where until > $1",
}
"""When a service will next do something by itself, by name."""


@dataclass(frozen=True)
class StoryHub:
    """What a story needs of the hub: its services, and what it does by itself when time goes on."""

    services: tuple[Service, ...]
    databases: Mapping[str, Database]
    vault: LocalVault
    receive: Callable[[Request, str], Awaitable[Outcome | Answered]]
    ticks: tuple[Callable[[], Awaitable[object]], ...]

    async def coming(self, now: datetime) -> datetime | None:
        """Return when the hub will next do something by itself; None if nothing is to come."""
        found = [await self.databases[name].pool.fetchval(query, now) for name, query in COMING.items()]
        return min((each for each in found if each is not None), default=None)


@asynccontextmanager
async def story_hub(
    dsn: str, home: Path, clock: StoryClock, ids: StoryIds, agencies: Mapping[str, StoryAgency]
) -> AsyncGenerator[StoryHub]:
    """Compose the hub on a migrated, empty database; `home` gets its keys."""
    create(home, Wanted({}))
    files = Files(home)
    async with AsyncExitStack() as stack:
        databases: dict[str, Database] = {}
        for name in SERVICES:
            databases[name] = await open_database(dsn, name, size=2)
            stack.push_async_callback(databases[name].close)
        session = open_session(databases["vault"], clock, ids, read_key_files(home), VaultSettings())
        await pin_policy(session)
        vault_service, vault = build_vault(session, home, VaultSettings())
        senders = {code: Sender(each.partner, each) for code, each in agencies.items()}
        reception = PostgresReception(databases["gateway"], clock, ids, 30.0)
        seals = SealingKeys(SealKeyFile(files.seal_public), files.digest_key())

        async def receive(request: Request, agency: str) -> Outcome | Answered:
            return await accept(
                request, senders[agency], reception=reception.open, seals=seals, clock=clock, ids=ids
            )

        partners = {code: each.partner for code, each in agencies.items()}
        tools = Tools(vault, StoryPush(), partners, agencies, {}, clock, None, lambda: 0.0)
        # Pydantic makes a secret of the text.
        password = ConsoleSettings(operator=OPERATOR, password=files.console_password())  # type: ignore[arg-type]
        services = (
            vault_service,
            Service("gateway", databases["gateway"], gateway_subscription(vault, senders, ids)),
            build_referrals(databases["referrals"], ReferralsSettings()),
            build_identification(databases["identification"], IdentificationSettings()),
            build_support(databases["support"], SupportSettings()),
            build_contacts(databases["contacts"], ContactsSettings()),
            Service("deadlines", databases["deadlines"], deadlines_subscription(load_plan())),
            Service("dispatch", databases["dispatch"], dispatch_subscription()),
            build_console(databases["console"], clock, ids, password, desk=vault),
        )
        deliver = partial(deliver_all, databases["dispatch"], clock, ids, tools)
        look = Ticker(databases["deadlines"], clock, ids, StoryReading()).tick
        yield StoryHub(services, databases, vault, receive, (deliver, ConsentBook(session).expire, look))


async def deliver_all(database: Database, clock: StoryClock, ids: StoryIds, tools: Tools) -> None:
    """Make every attempt that is due now, one after the other."""
    lanes, book = PostgresLanes(database, clock, ids), PostgresBook(database, clock, ids)
    async with database.pool.acquire() as session:
        while True:
            ahead = plan(await lanes.earliest(session), {}, IN_FLIGHT, clock.now())
            heads = await lanes.begin(session, ahead.slots) if ahead.slots else []
            if not heads:
                return
            for head in heads:
                await attempt(head, book=book, tools=tools)
