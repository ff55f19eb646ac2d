"""The composition root: which services run in this process, on which servers, ports and secrets."""

import asyncio
import gc
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import structlog
from pydantic import SecretStr

from stafet.console.app import build as build_console
from stafet.console.settings import ConsoleSettings
from stafet.contacts.app import build as build_contacts
from stafet.contacts.settings import ContactsSettings
from stafet.deadlines.app import build as build_deadlines
from stafet.deadlines.settings import DeadlinesSettings
from stafet.dispatch.app import build as build_dispatch
from stafet.dispatch.settings import DispatchSettings
from stafet.gateway.app import build as build_gateway
from stafet.gateway.settings import GatewaySettings
from stafet.identification.app import build as build_identification
from stafet.identification.settings import IdentificationSettings
from stafet.referrals.app import build as build_referrals
from stafet.referrals.settings import ReferralsSettings
from stafet.support.app import build as build_support
from stafet.support.settings import SupportSettings
from stafet.vault.app.build import build as build_vault
from stafet.vault.app.build import open_session
from stafet.vault.app.erasures import Eraser
from stafet.vault.app.policies import pin_policy
from stafet.vault.app.session import Session
from stafet.vault.keyfiles import read_key_files
from stafet.vault.settings import VaultSettings
from stafet_cli.credentials import OPERATOR, Files, check
from stafet_runtime.broker import create_topics
from stafet_runtime.clock import SystemClock, SystemIds
from stafet_runtime.database import DATABASE_DOWN, Database, migrate, open_database
from stafet_runtime.embedded import KafkaServer, PostgresServer
from stafet_runtime.host import HEALTH, Listener, hosting
from stafet_runtime.partners import load_partners
from stafet_runtime.reading import LogReading
from stafet_runtime.sealing import SealKeyFile
from stafet_runtime.service import Service
from stafet_runtime.settings import SERVICES, HubSettings
from stafet_runtime.vaultclient import open_vault
from stafet_runtime.vaultport import Vault
from stafet_schemas.topics import topics
from stafet_sdk.discovery import connectors
from stafet_sdk.polling import polling
from stafet_sdk.sftpdrop import SftpDrop
from stafet_sdk.transport import HttpPush, Push, PushByTransport

PAUSE_S: Final = 1.0
OVER_HTTP: Final = ("soap", "webhook", "http-push", "http-poll")
POOL_SIZES: Final = {"gateway": 8, "vault": 8, "dispatch": 8}

_log = structlog.get_logger()


@asynccontextmanager
async def servers(settings: HubSettings) -> AsyncGenerator[HubSettings]:
    """Start the embedded servers for what the settings leave empty; yields settings that name both.

    Raises:
        EmbeddedError: one does not start; its message says what to do.
    """
    async with AsyncExitStack() as stack:
        found: dict[str, str] = {}
        starts: list[Awaitable[object]] = []
        kafka, postgres = KafkaServer(settings.home / "kafka"), PostgresServer(settings.home / "postgres")
        for given, server in ((settings.kafka, kafka), (settings.postgres, postgres)):
            if not given:
                starts.append(stack.enter_async_context(server))
        await asyncio.gather(*starts)
        if not settings.kafka:
            found["kafka"] = kafka.bootstrap
            # The folder's lock sees to it that there is one hub on this broker.
            found["instance"] = settings.instance or "embedded"
        if not settings.postgres:
            found["postgres"] = postgres.dsn
        yield settings.model_copy(update=found)


async def prepare(settings: HubSettings) -> None:
    """Create the topics that are missing and bring every schema to its newest version."""
    # One after the other: migrations hold up the loop, on a busy machine longer than the broker may take.
    wanted = topics().values()
    await create_topics(
        settings.kafka, wanted, prefix=settings.topic_prefix, replication=settings.replication
    )
    await migrate(settings.postgres, SERVICES)


@asynccontextmanager
async def running(settings: HubSettings, names: Sequence[str] = SERVICES) -> AsyncGenerator[dict[str, int]]:
    """Run services in this process while the block runs; yields their ports, by service name or `health`.

    Raises:
        CredentialsError, PartnerError, PolicyError: a file is missing or wrong.
        OSError: a port is in use.
    """
    files = check(settings.home, tls=not {"gateway", "dispatch", "vault"}.isdisjoint(names))
    async with AsyncExitStack() as stack:
        databases: dict[str, Database] = {}
        for name in names:
            databases[name] = await _opened(settings, name)
            stack.push_async_callback(databases[name].close)
        session = await _vault_session(settings, databases["vault"]) if "vault" in databases else None
        composition = _Composition(settings, files, databases, session, stack)
        services = [build() for name, build in composition.builders().items() if name in names]
        hosted = hosting(services, settings, _listeners(settings, files), SystemClock(), SystemIds())
        ports = await stack.enter_async_context(hosted)
        # What is loaded by now stays: the garbage collector need not look at it again and again.
        gc.collect()
        gc.freeze()
        yield ports


class _Composition:
    """Builds each service with its real ports; the vault is in this process or over HTTPS."""

    def __init__(
        self,
        settings: HubSettings,
        files: Files,
        databases: Mapping[str, Database],
        session: Session | None,
        stack: AsyncExitStack,
    ) -> None:
        self._settings = settings
        self._files = files
        self._databases = databases
        self._session = session
        self._stack = stack
        self._clock, self._ids = SystemClock(), SystemIds()
        self._connectors = connectors()
        self._vault: Vault | None = None
        self._push: HttpPush | None = None

    def builders(self) -> dict[str, Callable[[], Service]]:
        """Name the services, the vault first, because others in this process call it."""
        session = self._session
        vault = {"vault": lambda: self._build_vault(session)} if session else {}
        return {
            **vault,
            "gateway": self._build_gateway,
            "referrals": lambda: build_referrals(self._databases["referrals"], ReferralsSettings()),
            "contacts": lambda: build_contacts(self._databases["contacts"], ContactsSettings()),
            "identification": lambda: build_identification(
                self._databases["identification"], IdentificationSettings()
            ),
            "support": lambda: build_support(self._databases["support"], SupportSettings()),
            "deadlines": self._build_deadlines,
            "dispatch": self._build_dispatch,
            "console": self._build_console,
        }

    def _build_vault(self, session: Session) -> Service:
        settings = VaultSettings(token=self._token()) if self._alone() else VaultSettings()
        service, self._vault = build_vault(session, self._settings.home, settings)
        return service

    def _build_gateway(self) -> Service:
        return build_gateway(
            self._databases["gateway"],
            self._clock,
            self._ids,
            GatewaySettings(),
            partners=load_partners(self._settings.home, self._connectors),
            connectors=self._connectors,
            vault=self._vault_port(),
            seal_key=SealKeyFile(self._files.seal_public),
            digest_key=self._files.digest_key(),
            fetching={
                "http-poll": polling(self._http(), self._clock.now),
                "sftp": SftpDrop(self._clock.now).source,
            },
        )

    def _build_deadlines(self) -> Service:
        kafka, prefix = self._settings.kafka, self._settings.topic_prefix
        return build_deadlines(
            self._databases["deadlines"],
            self._clock,
            self._ids,
            DeadlinesSettings(),
            reading=lambda topics: LogReading(kafka, "deadlines", topics, prefix=prefix),
        )

    def _build_dispatch(self) -> Service:
        pushes: dict[str, Push] = dict.fromkeys(OVER_HTTP, self._http())
        pushes["sftp"] = SftpDrop(self._clock.now)
        return build_dispatch(
            self._databases["dispatch"],
            self._clock,
            self._ids,
            DispatchSettings(),
            partners=load_partners(self._settings.home, self._connectors),
            connectors=self._connectors,
            vault=self._vault_port(),
            push=PushByTransport(pushes, self._connectors),
        )

    def _build_console(self) -> Service:
        password = self._settings.console_password or SecretStr(self._files.console_password())
        settings = ConsoleSettings(operator=OPERATOR, password=password)
        # A console in its own process sees the vault only if it was told of it.
        desk = self._vault_port() if self._vault or self._settings.vault_url else None
        return build_console(self._databases["console"], self._clock, self._ids, settings, desk=desk)

    def _vault_port(self) -> Vault:
        if self._vault is None:
            remote = open_vault(
                self._settings.vault_url, self._token().get_secret_value(), self._files.authority
            )
            self._stack.push_async_callback(remote.close)
            self._vault = remote
        return self._vault

    def _http(self) -> HttpPush:
        """Give the one of this process: a partner's pace is one, whoever calls."""
        if self._push is None:
            self._push = HttpPush(ssl.create_default_context(cafile=self._files.authority))
            self._stack.push_async_callback(self._push.close)
        return self._push

    def _token(self) -> SecretStr:
        return self._settings.vault_token or SecretStr(self._files.vault_token())

    def _alone(self) -> bool:
        return len(self._databases) < len(SERVICES)


def _listeners(settings: HubSettings, files: Files) -> dict[str, Listener]:
    own = files.certificate, files.key
    # What faces the agencies has one address: they post to the gateway, and fetch from dispatch.
    agencies = Listener(settings.host, settings.gateway_port, *own, clients=files.authority)
    return {
        "gateway": agencies,
        "dispatch": agencies,
        "vault": Listener(settings.host, settings.vault_port, *own),
        "console": Listener(settings.host, settings.console_port),
        HEALTH: Listener(settings.host, settings.health_port),
    }


async def _vault_session(settings: HubSettings, database: Database) -> Session:
    """Open the vault before anybody is served: its policy is the one it says, no erased case is back."""
    keys = read_key_files(settings.home)
    session = open_session(database, SystemClock(), SystemIds(), keys, VaultSettings())
    await pin_policy(session)
    if count := await Eraser(session, settings.home).replay():
        _log.warning("shredded_again", service="vault", count=count)
    return session


async def _opened(settings: HubSettings, name: str) -> Database:
    """Open a service's schema, waiting for a database that is not there yet."""
    while True:
        try:
            return await open_database(settings.postgres, name, size=POOL_SIZES.get(name, 4))
        except DATABASE_DOWN as error:
            _log.warning("database_away", service=name, exception_type=type(error).__name__)
            await asyncio.sleep(PAUSE_S)
