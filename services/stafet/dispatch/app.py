"""The composition of dispatch: the only place that knows its real ports."""

import random
from collections.abc import Callable, Mapping
from functools import partial

from stafet.dispatch.adapters.book import PostgresBook
from stafet.dispatch.adapters.lanes import PostgresLanes
from stafet.dispatch.adapters.shelf import PostgresShelf
from stafet.dispatch.adapters.worker import Worker
from stafet.dispatch.handlers import Tools, attempt, hand_over
from stafet.dispatch.http import router
from stafet.dispatch.settings import DispatchSettings
from stafet.dispatch.subscribers import subscription
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import Database
from stafet_runtime.service import Service
from stafet_runtime.vaultport import Vault
from stafet_sdk.contract import Connector, Fetched, Partner
from stafet_sdk.transport import Push


def build(  # noqa: PLR0913 - a composition root is handed every port there is
    database: Database,
    clock: Clock,
    ids: Ids,
    settings: DispatchSettings,
    *,
    partners: Mapping[str, Partner],
    connectors: Mapping[str, Connector],
    vault: Vault,
    push: Push,
    chance: Callable[[], float] = random.random,
) -> Service:
    """Compose dispatch. Of several processes that run its task, one works and the others stand by."""
    book = PostgresBook(database, clock, ids)
    fetched = {name: each for name, each in connectors.items() if isinstance(each, Fetched)}
    tools = Tools(vault, push, partners, connectors, fetched, clock, settings.schedule_s, chance)
    shelf = PostgresShelf(database, clock, ids)
    lanes = PostgresLanes(database, clock, ids)
    worker = Worker(database, lanes, partial(attempt, book=book, tools=tools), settings.in_flight)
    return Service(
        name="dispatch",
        database=database,
        subscription=subscription(),
        router=router(partial(hand_over, shelf=shelf, tools=tools)),
        tasks=(worker.run,),
    )
