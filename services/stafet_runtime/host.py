"""Runs composed services in this process: HTTP, consumers, relays and tasks; the same for one or for all.

What faces partners needs no broker: a message is accepted into the database while Kafka is away. Stopping
takes tasks first, then HTTP, then the consumers (the running batch ends), and last publishes the outbox.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from fastapi import APIRouter, FastAPI
from faststream.kafka import KafkaBroker

from stafet_runtime.broker import make_broker, make_producer
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.consumer import Processor
from stafet_runtime.database import DATABASE_DOWN
from stafet_runtime.failures import place_of
from stafet_runtime.health import Watched, health_router
from stafet_runtime.relay import Relay
from stafet_runtime.service import Service
from stafet_runtime.settings import HubSettings
from stafet_runtime.subscriber import Runner
from stafet_sdk.server import Clients, serve

PAUSE_S: Final = 1.0
LAST_RELAY_S: Final = 5.0
HEALTH: Final = "health"

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Listener:
    """Where HTTP listens; with a certificate (chain) and its key it speaks TLS only.

    Services that are given the same one share its port. `clients` is the authority whose certificates TLS
    clients may show; without it they are not asked.
    """

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None
    clients: Path | None = None


@asynccontextmanager
async def hosting(
    services: Sequence[Service],
    settings: HubSettings,
    listeners: Mapping[str, Listener],
    clock: Clock,
    ids: Ids,
) -> AsyncGenerator[dict[str, int]]:
    """Run services while the block runs; yields the port of each listener, by service name or `health`.

    Raises:
        OSError: a port is in use.
    """
    broker, producer = make_broker(settings.kafka), make_producer(settings.kafka, "hub")
    relays = [Relay(each.database, producer, topic_prefix=settings.topic_prefix) for each in services]
    runners = [_runner(each, settings, broker, clock, ids) for each in services]
    watched = [
        Watched(service.name, service.database, relay, runner)
        for service, relay, runner in zip(services, relays, runners, strict=True)
    ]
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_kafka_side(broker, producer, relays))
        routers = {each.name: each.router for each in services if each.router is not None}
        routers[HEALTH] = health_router(watched)
        ports: dict[str, int] = {}
        for names in _together(routers, listeners):
            listening = _listening(names[0], [routers[each] for each in names], listeners[names[0]])
            ports |= dict.fromkeys(names, await stack.enter_async_context(listening))
        own = [task for each in services for task in each.tasks]
        tending = [each.tend_forever for each in runners if each is not None]
        await stack.enter_async_context(_tasks([*own, *tending]))
        yield ports


def _runner(
    service: Service, settings: HubSettings, broker: KafkaBroker, clock: Clock, ids: Ids
) -> Runner | None:
    if service.subscription is None:
        return None
    processor = Processor(service.subscription, service.database, clock, ids)
    runner = Runner(service.subscription, processor, settings)
    runner.attach(broker)
    return runner


def _together(names: Iterable[str], listeners: Mapping[str, Listener]) -> list[list[str]]:
    """Group names by their listener: the same object is one socket, an equal one is another."""
    found: dict[int, list[str]] = {}
    for name in names:
        found.setdefault(id(listeners[name]), []).append(name)
    return list(found.values())


@asynccontextmanager
async def _listening(name: str, routers: Sequence[APIRouter], listener: Listener) -> AsyncGenerator[int]:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for each in routers:
        app.include_router(each)

    def refused() -> None:
        # Whom TLS does not let in gets no other answer than TLS's own.
        _log.warning("refused", service=name, component="tls", code="client_certificate_untrusted")

    clients = None if listener.clients is None else Clients(listener.clients, refused)
    tls = listener.certificate, listener.key
    async with serve(app, listener.host, listener.port, *tls, clients=clients) as port:
        yield port


@asynccontextmanager
async def _kafka_side(
    broker: KafkaBroker, producer: AIOKafkaProducer, relays: Sequence[Relay]
) -> AsyncGenerator[None]:
    """Connect in the background, with patience: partners are served while the broker is away."""
    connected = asyncio.Event()

    async def publish() -> None:
        await _until_connected(producer)
        connected.set()
        async with asyncio.TaskGroup() as group:
            for each in relays:
                group.create_task(each.run())

    async def consume() -> None:
        # FastStream leaves a half-started consumer behind when the cluster is away: wait for the producer.
        await connected.wait()
        try:
            await broker.start()
        except BaseException:
            await broker.stop()
            raise
        await asyncio.Event().wait()

    try:
        async with _tasks([publish, consume]):
            try:
                yield
            finally:
                await broker.stop()
    finally:
        # The relays have given up their lead; what the last batches wrote is in the tables.
        await _last_relay(relays)
        await producer.stop()


@asynccontextmanager
async def _tasks(coroutines: Sequence[Callable[[], Awaitable[None]]]) -> AsyncGenerator[None]:
    running = [asyncio.create_task(_endless(each)) for each in coroutines]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _endless(task: Callable[[], Awaitable[None]]) -> None:
    """Begin a task again when a bug has ended it: the others go on, and the log says so each time."""
    while True:
        try:
            await task()
        except Exception as error:  # noqa: BLE001 - whatever it was, the work must go on
            kind = type(error).__name__
            _log.error("task_ended", component="host", exception_type=kind, where=place_of(error))
        await asyncio.sleep(PAUSE_S)


async def _until_connected(producer: AIOKafkaProducer) -> None:
    while True:
        try:
            await producer.start()
        except (KafkaError, OSError) as error:
            _log.warning("kafka_away", component="host", exception_type=type(error).__name__)
            await asyncio.sleep(PAUSE_S)
        else:
            return


async def _last_relay(relays: Sequence[Relay]) -> None:
    """Publish what the last batches wrote; what is left over waits in the outbox for the next start."""
    try:
        async with asyncio.timeout(LAST_RELAY_S):
            for each in relays:
                while await each.relay_once():
                    pass
    except (*DATABASE_DOWN, KafkaError) as error:
        _log.warning("outbox_left_over", component="host", exception_type=type(error).__name__)
