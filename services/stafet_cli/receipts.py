"""From an agency's own id of a message to the receipt by which the hub names it, by the gateway's table."""

from typing import Final

import asyncpg

from stafet_cli.seat import open_hub_database
from stafet_runtime.settings import HubSettings
from stafet_runtime.vaultport import VaultUnavailableError

RECEIPT: Final = "select receipt::text from messages where message = $1 order by received_at desc limit 1"


async def receipt_of(settings: HubSettings, message: str) -> str | None:
    """Return the newest receipt for a message of this id; None where there is none, or no gateway.

    Of a case that was erased there is none: an agency's id leads there no more.
    """
    try:
        database = await open_hub_database(settings, "gateway")
    except (VaultUnavailableError, asyncpg.PostgresError):
        return None
    try:
        found: str | None = await database.pool.fetchval(RECEIPT, message)
    finally:
        await database.close()
    return found
