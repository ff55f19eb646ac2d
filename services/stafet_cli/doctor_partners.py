"""What `stafet doctor` asks dispatch: does an agency take nothing any more?"""

import asyncpg

from stafet.dispatch.adapters.endpoints import closed
from stafet_cli.doctor_checks import Check, Surroundings
from stafet_cli.seat import open_hub_database
from stafet_runtime.vaultport import VaultUnavailableError


async def check_endpoints(surroundings: Surroundings) -> Check:
    """Has an agency closed its endpoint, so that all that is for it waits?"""
    dsn = surroundings.postgres
    if not dsn:
        return Check("endpoints", None, "STAFET_POSTGRES is not set: the hub starts its own")
    try:
        database = await open_hub_database(
            surroundings.settings.model_copy(update={"postgres": dsn}), "dispatch"
        )
    except VaultUnavailableError:
        return Check("endpoints", None, "the database is not here")
    try:
        found = await closed(database)
    except asyncpg.PostgresError:
        return Check("endpoints", None, "dispatch's tables are not at the newest version")
    finally:
        await database.close()
    detail = ", ".join(f"{agency} closed since {since:%Y-%m-%d %H:%M} UTC" for agency, since in found.items())
    remedy = "ask the agency, then `stafet partner enable AGENCY`"
    return Check("endpoints", not found, detail or "none closed", remedy)
