"""All that one transaction of referrals reads and writes."""

from collections.abc import Sequence

from stafet.referrals.adapters.operations import PostgresOperations
from stafet.referrals.adapters.referrals import PostgresReferrals
from stafet.referrals.adapters.routings import PostgresRoutings
from stafet_runtime.database import Connection
from stafet_schemas.event import Event


class PostgresDesk(PostgresReferrals):
    """The referrals, with what they are routed by. Opened per batch by the runtime, which also commits."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.routings = PostgresRoutings(connection, self.cases)
        self.operations = PostgresOperations(connection)

    async def load(self, events: Sequence[Event]) -> None:
        """Fetch all that the events are about: referrals first, the rest under the routings' lock."""
        await super().load(events)
        await self.routings.load(events)
        await self.operations.load(events)

    async def save(self) -> None:
        """Write all that changed."""
        await super().save()
        await self.routings.save()
        await self.operations.save()
