"""The composition of deadlines: the only place that knows its real store and clocks."""

from collections.abc import Callable, Sequence

from stafet.deadlines.adapters.clocksfile import load_plan
from stafet.deadlines.adapters.ticker import Ticker
from stafet.deadlines.ports import Reading
from stafet.deadlines.settings import DeadlinesSettings
from stafet.deadlines.subscribers import subscription
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import Database
from stafet_runtime.service import Service


def build(
    database: Database,
    clock: Clock,
    ids: Ids,
    settings: DeadlinesSettings,
    *,
    reading: Callable[[Sequence[str]], Reading],
) -> Service:
    """Compose the service; `reading` is made for its topics. Of several tickers one works, others stand by.

    Raises:
        DataError: the clocks' file says something else than clocks.
    """
    listening = subscription(load_plan(settings.clocks))
    return Service(
        name="deadlines",
        database=database,
        subscription=listening,
        tasks=(Ticker(database, clock, ids, reading(listening.topics)).run,),
    )
