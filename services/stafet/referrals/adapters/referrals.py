"""The referrals on PostgreSQL: one statement to load and lock, one to save."""

from collections.abc import Sequence
from typing import Final

from stafet.referrals.domain.state import Referral
from stafet_runtime.database import Connection
from stafet_schemas.event import Event

# Locked in one order, so that two transactions about the same referrals wait and never block each other.
LOAD: Final = """
    select referral, case_id, sender, placer, receiver, rule, rungs, purpose, closed
    from referrals
    where referral = any($1::text[]) order by referral for update
"""
# unnest takes arrays of arrays apart, so rungs come as words.
SAVE: Final = """
    insert into referrals (referral, case_id, sender, placer, receiver, rule, rungs, purpose, closed)
    select referral, case_id, sender, placer, receiver, rule, string_to_array(rungs, ' '), purpose, closed
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::text[], $9::bool[])
         as new (referral, case_id, sender, placer, receiver, rule, rungs, purpose, closed)
    on conflict (referral) do update set rungs = excluded.rungs, closed = excluded.closed
"""


class PostgresReferrals:
    """The referrals of one transaction. Opened per batch by the runtime, which also commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[str, Referral] = {}
        self._changed: dict[str, Referral] = {}

    async def load(self, events: Sequence[Event]) -> None:
        """Fetch and lock every referral that these events name."""
        named = {getattr(each.data, "referral", None) for each in events} - {None}
        for row in await self._connection.fetch(LOAD, list(named)):
            self._known[row["referral"]] = Referral(
                case=row["case_id"],
                referral=row["referral"],
                sender=row["sender"],
                placer=row["placer"],
                receiver=row["receiver"],
                rule=row["rule"],
                rungs=tuple(row["rungs"]),
                purpose=row["purpose"],
                closed=row["closed"],
            )

    def get(self, referral: str) -> Referral | None:
        """Return a referral as fetched, or as it was put since."""
        return self._known.get(referral)

    def put(self, referral: Referral) -> None:
        """Keep a referral for `save`, if it is not as it was."""
        if self._known.get(referral.referral) != referral:
            self._known[referral.referral] = self._changed[referral.referral] = referral

    async def save(self) -> None:
        """Write every referral that changed."""
        rows = [
            (
                each.referral, each.case, each.sender, each.placer, each.receiver, each.rule,
                " ".join(each.rungs), each.purpose, each.closed,
            )
            for each in self._changed.values()
        ]  # fmt: skip
        if rows:
            await self._connection.execute(SAVE, *(list(column) for column in zip(*rows, strict=True)))
