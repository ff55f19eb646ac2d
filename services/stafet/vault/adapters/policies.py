"""The policies that were used, on PostgreSQL."""

from datetime import datetime
from typing import Final

from stafet_runtime.database import Connection

# Of two vaults that start at once with a new version the second waits here, and reads what the first wrote.
RECORD: Final = (
    "insert into policies (version, digest, first_used_at) values ($1, $2, $3) on conflict do nothing"
)
KNOWN: Final = "select digest from policies where version = $1"


class PostgresPolicies:
    """The store of one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def record(self, version: str, digest: str, at: datetime) -> str:
        """Insert the version if it is new; read its digest."""
        await self._connection.execute(RECORD, version, digest, at)
        return str(await self._connection.fetchval(KNOWN, version))
