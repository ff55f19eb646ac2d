"""The composition of dispatch: the only place that knows its real ports."""

from collections.abc import Mapping
from functools import partial

from stafet.dispatch.adapters.book import PostgresBook
from stafet.dispatch.adapters.lanes import PostgresLanes
from stafet.dispatch.adapters.worker import Worker
from stafet.dispatch.handlers import Tools, attempt
from stafet.dispatch.settings import DispatchSettings
from stafet.dispatch.subscribers import subscription
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import Database
from stafet_runtime.service import Service
from stafet_runtime.vaultport import Vault
from stafet_sdk.contract import Connector, Partner
from stafet_sdk.transport import Push


def build(
    database: Database,
    clock: Clock,
    ids: Ids,
    settings: DispatchSettings,
    *,
    partners: Mapping[str, Partner],
    connectors: Mapping[str, Connector],
    vault: Vault,
    push: Push,
) -> Service:
    """Compose dispatch. Of several processes that run its task, one works and the others stand by."""
    book = PostgresBook(database, clock, ids)
    tools = Tools(vault, push, partners, connectors, clock, settings.schedule_s)
    lanes = PostgresLanes(database, clock, ids)
    worker = Worker(database, lanes, partial(attempt, book=book, tools=tools), settings.in_flight)
    return Service("dispatch", database, subscription=subscription(), tasks=(worker.run,))
