"""What the hub has sent where, for whom and for which joint action: PostgreSQL, under one lock."""

from collections.abc import Sequence
from functools import partial
from typing import Final

import asyncpg

from stafet.referrals.adapters.places import read_board, write_reports
from stafet.referrals.adapters.subjects import cases_of, matters_of, referrals_of
from stafet.referrals.domain.board import Ask, Board, Routing, Unit
from stafet_runtime.database import Connection
from stafet_runtime.kin import Things, kin
from stafet_schemas.delivery import DeliveryEvent
from stafet_schemas.event import Event

# One at a time chooses: two that read the same report would give the same place away. It is taken after the
# referrals' rows by everybody, so that nobody waits for each other.
LOCK: Final = "select pg_advisory_xact_lock(hashtext(current_schema() || '.routing'))"
ROUTINGS: Final = "select * from routings where referral = any($1::text[]) or case_id = any($2::text[])"
DANGERS: Final = "select case_id, agency from dangers where case_id = any($1::text[])"
ENDANGER: Final = """
    insert into dangers (case_id, agency) select * from unnest($1::text[], $2::text[]) on conflict do nothing
"""
ROUTE: Final = """
    insert into routings (referral, case_id, sender, service, asked_at, age_group, sex, language, interpreter,
        residence, agency, unit, standing, at, operation)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[],
        $7::text[], $8::text[], $9::boolean[], $10::text[], $11::text[], $12::text[], $13::text[],
        $14::timestamptz[], $15::text[])
    on conflict (referral) do update set standing = excluded.standing, at = excluded.at,
        age_group = excluded.age_group, sex = excluded.sex, language = excluded.language,
        interpreter = excluded.interpreter, residence = excluded.residence
"""


class PostgresRoutings:
    """What one transaction routes by. Opened per batch by the runtime, which also commits."""

    def __init__(self, connection: Connection, known_of_cases: Things) -> None:
        self._connection = connection
        self._kin = partial(kin, known_of_cases)
        self.board = Board()
        self._known: dict[str, Routing] = {}
        self._changed: dict[str, Routing] = {}
        self._reports: dict[tuple[str, str], Unit] = {}
        self._dangers: set[tuple[str, str]] = set()

    async def load(self, events: Sequence[Event]) -> None:
        """Fetch what the referrals and cases were routed as, and the board if an event may need it."""
        referrals, about = referrals_of(events), cases_of(events) | matters_of(events)
        cases = sorted({other for case in about for other in self._kin(case)})
        deciding = [each for each in events if not isinstance(each, DeliveryEvent)]
        if deciding:
            await self._connection.execute(LOCK)
        for row in await self._connection.fetch(ROUTINGS, list(referrals), cases):
            self._known[row["referral"]] = _to_routing(row)
        if not deciding and any(each.operation for each in self._known.values()):
            await self._connection.execute(LOCK)
        if deciding:
            dangers = await self._connection.fetch(DANGERS, cases)
            noted = {(case, agency) for case, agency in dangers}
            self.board = await read_board(self._connection, noted, self._kin)

    def get(self, referral: str) -> Routing | None:
        """Return a routing as fetched, or as it was put since."""
        return self._known.get(referral)

    def of_case(self, case: str) -> list[Routing]:
        """Return what a case has been routed as, in the order of the ids."""
        return [each for _, each in sorted(self._known.items()) if each.ask.case == case]

    def put(self, routing: Routing) -> None:
        """Keep a routing for `save`, and count it on the board."""
        before = self._known.get(routing.referral)
        if before != routing:
            if before is None or before.standing != routing.standing:
                self.board.count(routing, before.standing if before else "")
            self._known[routing.referral] = self._changed[routing.referral] = routing

    def report(self, unit: Unit) -> None:
        """Keep a report for `save`, unless a newer one is known."""
        if self.board.report(unit):
            self._reports[unit.agency, unit.unit] = unit

    def endanger(self, case: str, agency: str) -> None:
        """Keep for `save` that the person must not be sent to an agency."""
        self.board.dangers.add((case, agency))
        self._dangers.add((case, agency))

    async def save(self) -> None:
        """Write what changed."""
        if self._reports:
            await write_reports(self._connection, list(self._reports.values()))
        if self._dangers:
            await self._connection.execute(ENDANGER, *_columns(sorted(self._dangers)))
        if self._changed:
            await self._connection.execute(
                ROUTE, *_columns([_to_row(each) for each in self._changed.values()])
            )


def _to_routing(row: asyncpg.Record) -> Routing:
    ask = Ask(
        row["case_id"], row["sender"], row["service"], row["asked_at"], row["age_group"], row["sex"],
        row["language"], row["interpreter"], row["residence"],
    )  # fmt: skip
    return Routing(
        row["referral"], row["agency"], row["unit"], ask, row["at"], row["standing"], row["operation"]
    )


def _to_row(routing: Routing) -> tuple[object, ...]:
    ask = routing.ask
    return (
        routing.referral, ask.case, ask.sender, ask.service, ask.at, ask.age_group, ask.sex, ask.language,
        ask.interpreter, ask.residence, routing.agency, routing.unit, routing.standing, routing.at,
        routing.operation,
    )  # fmt: skip


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
