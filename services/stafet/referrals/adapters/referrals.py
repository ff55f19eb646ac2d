"""The referrals on PostgreSQL: one statement to load and lock, one to save, one lock for new ones."""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg
from pydantic_core import from_json, to_json

from stafet.referrals.adapters.subjects import cases_of, matter_of, opening_of, referrals_of
from stafet.referrals.domain.state import Referral
from stafet_runtime.casebook import Casebook
from stafet_runtime.database import Connection
from stafet_runtime.kin import kin
from stafet_schemas.event import Event

# Of a case, one at a time opens referrals, bars an agency or joins it to another: whoever comes second finds
# what the first has done. It is taken before anything is read, and before any row.
OPENING: Final = """
    select pg_advisory_xact_lock(hashtextextended('stafet opening ' || case_id, 0))
    from unnest($1::text[]) opening (case_id)
"""
# Locked in one order, so that two transactions about the same referrals wait and never block each other.
LOAD: Final = """
    select referral, case_id, sender, placer, receiver, rule, rungs, purpose, closed, service, course, facts
    from referrals
    where referral = any($1::text[]) or case_id = any($2::text[]) order by referral for update
"""
# unnest takes arrays of arrays apart, so rungs come as words.
SAVE: Final = """
    insert into referrals (referral, case_id, sender, placer, receiver, rule, rungs, purpose, closed, service,
        course, facts)
    select referral, case_id, sender, placer, receiver, rule, string_to_array(rungs, ' '), purpose, closed,
        service, course, facts
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::text[], $9::bool[], $10::text[], $11::jsonb[], $12::jsonb[])
         as new (referral, case_id, sender, placer, receiver, rule, rungs, purpose, closed, service, course,
            facts)
    on conflict (referral) do update set rungs = excluded.rungs, closed = excluded.closed,
        course = excluded.course, facts = excluded.facts
"""
COURSE: Final = ("channel", "reached", "status_only", "duty", "taken", "deadline", "handover")
"""What is kept of a referral as one JSON object."""


class PostgresReferrals:
    """The referrals of one transaction. Opened per batch by the runtime, which also commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.cases = Casebook(connection, matter_of)
        self._known: dict[str, Referral] = {}
        self._changed: dict[str, Referral] = {}

    async def load(self, events: Sequence[Event]) -> None:
        """Fetch and lock every referral that these events name, or of the persons whose cases they change."""
        opening = sorted(opening_of(events))
        if opening:
            await self._connection.execute(OPENING, opening)
        if any(matter_of(each) for each in events):
            await self.cases.load(events)
        named = referrals_of(events)
        cases = {other for case in cases_of(events) for other in kin(self.cases, case)}
        for row in await self._connection.fetch(LOAD, sorted(named), sorted(cases)):
            self._known[row["referral"]] = _to_referral(row)

    def get(self, referral: str) -> Referral | None:
        """Return a referral as fetched, or as it was put since."""
        return self._known.get(referral)

    def of_case(self, case: str) -> list[Referral]:
        """Return those of a case whose events change the case, in the order of their ids."""
        return [each for _, each in sorted(self._known.items()) if each.case == case]

    def of_person(self, case: str) -> list[Referral]:
        """Return those of a case and of all that are merged with it."""
        return [each for other in kin(self.cases, case) for each in self.of_case(other)]

    def put(self, referral: Referral) -> None:
        """Keep a referral for `save`, if it is not as it was."""
        if self._known.get(referral.referral) != referral:
            self._known[referral.referral] = self._changed[referral.referral] = referral

    async def save(self) -> None:
        """Write every referral that changed, and what is known of the cases."""
        await self.cases.save()
        rows = [_to_row(each) for each in self._changed.values()]
        if rows:
            await self._connection.execute(SAVE, *(list(column) for column in zip(*rows, strict=True)))


def _to_referral(row: asyncpg.Record) -> Referral:
    course: dict[str, Any] = from_json(row["course"])
    taken = course.pop("taken", ())
    return Referral(
        case=row["case_id"],
        referral=row["referral"],
        sender=row["sender"],
        placer=row["placer"],
        receiver=row["receiver"],
        rule=row["rule"],
        rungs=tuple(row["rungs"]),
        purpose=row["purpose"],
        closed=row["closed"],
        service=row["service"],
        facts=from_json(row["facts"]),
        taken=tuple(taken),
        **course,
    )


def _to_row(referral: Referral) -> tuple[object, ...]:
    course = {name: getattr(referral, name) for name in COURSE}
    return (
        referral.referral, referral.case, referral.sender, referral.placer, referral.receiver, referral.rule,
        " ".join(referral.rungs), referral.purpose, referral.closed, referral.service,
        to_json(course).decode(), to_json(referral.facts).decode(),
    )  # fmt: skip
