"""The composition of the console: the only place that knows its real ports."""

from stafet.console.adapters.feed import PostgresFeed
from stafet.console.adapters.reports import PostgresReporting
from stafet.console.adapters.traces import PostgresTraces
from stafet.console.http import Recording, console_router
from stafet.console.http.consents import ConsentViews
from stafet.console.http.reports import ReportViews
from stafet.console.ports import ConsentDesk
from stafet.console.settings import ConsoleSettings
from stafet.console.subscribers import subscription
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import Database
from stafet_runtime.service import Service


def build(
    database: Database, clock: Clock, ids: Ids, settings: ConsoleSettings, *, desk: ConsentDesk | None
) -> Service:
    """Compose the console; without a `desk` it cannot record consent.

    Its one task listens for changes; cancel it before the HTTP server stops: that ends the open live streams.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: no time zone data for `settings.timezone` (install tzdata).
    """
    feed, traces = PostgresFeed(database), PostgresTraces(database.pool)
    reporting = PostgresReporting(database, clock, ids).open
    reports = ReportViews(traces, reporting, clock, ids, settings.coordinator)
    return Service(
        name="console",
        database=database,
        subscription=subscription(),
        router=console_router(traces, feed, clock, settings, Recording(ConsentViews(desk, ids), reports)),
        tasks=(feed.listen,),
    )
