"""The composition of the gateway: the only place that knows its real ports."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from stafet.gateway.adapters import (
    PostgresCursors,
    PostgresReception,
    PostgresWaiting,
    SealingKeys,
    SealRenewal,
)
from stafet.gateway.collecting import Collector
from stafet.gateway.documents.joining import give_up
from stafet.gateway.documents.waiting import Overlooking, PostgresOverlook
from stafet.gateway.handlers import accept, renew
from stafet.gateway.http import router
from stafet.gateway.ports import SealKey, Sender
from stafet.gateway.settings import GatewaySettings
from stafet.gateway.subscribers import subscription
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import Database
from stafet_runtime.service import Service
from stafet_runtime.vaultport import Vault
from stafet_sdk.contract import Connector, Partner
from stafet_sdk.source import Fetch

DROP: Final = "sftp"
"""The transport of files beside messages."""


def build(  # noqa: PLR0913 - a composition root is handed every port there is
    database: Database,
    clock: Clock,
    ids: Ids,
    settings: GatewaySettings,
    *,
    partners: Mapping[str, Partner],
    connectors: Mapping[str, Connector],
    vault: Vault,
    seal_key: SealKey,
    digest_key: bytes,
    fetching: Mapping[str, Fetch],
) -> Service:
    """Compose the gateway; partners and connectors by agency, `digest_key` random, at least 32 bytes.

    `fetching` makes sources by transport; agencies with another transport, and only they, have an inbox. An
    agency with an inbox may leave files beside its messages: they are fetched as `sftp`.

    Raises:
        KeyError: a partner whose connector is not installed.
    """
    senders = {agency: Sender(partner, connectors[agency]) for agency, partner in partners.items()}
    reception = PostgresReception(database, clock, ids, settings.store_seconds)
    accepting = partial(
        accept, reception=reception.open, seals=SealingKeys(seal_key, digest_key), clock=clock, ids=ids
    )
    renewing = partial(renew, seal_key=seal_key, waiting=PostgresWaiting(database), vault=vault)
    sources = [
        (fetching[transport](each.connector, each.partner), partial(accepting, sender=each))
        for each in senders.values()
        if (transport := each.connector.manifest.transport) in fetching
    ]
    sources += [
        (fetching[DROP](each.connector, each.partner.at_drop()), partial(accepting, sender=each))
        for each in senders.values()
        if each.partner.drop and DROP in fetching
    ]
    overlook = PostgresOverlook(database, clock, ids)
    giving_up = partial(give_up, overlook=overlook.open, clock=clock, hours=settings.document_hours)
    # What is fetched counts because of where it was fetched: nobody may post it.
    posting = {
        agency: each for agency, each in senders.items() if each.connector.manifest.transport not in fetching
    }
    collector = Collector(database, sources, PostgresCursors(database, clock))
    return Service(
        name="gateway",
        database=database,
        subscription=subscription(vault, senders, ids),
        router=router(posting, accepting, clock, settings),
        tasks=(
            SealRenewal(renewing).work,
            Overlooking(giving_up).work,
            *([collector.work] if sources else []),
        ),
    )
