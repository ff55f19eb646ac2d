"""Two hundred referrals in a minute: everybody with the right agency, no bed given twice, nothing lost."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from zlib import crc32

import pytest

from stafet.referrals.app import build
from stafet.referrals.settings import ReferralsSettings
from stafet_runtime.consumer import Processor
from stafet_runtime.database import Database
from stafet_schemas.course import ReferralChosen, ReferralLogged
from stafet_schemas.event import Event
from stafet_schemas.operation import OperationReferralsOpened
from stafet_schemas.referral import ReferralRouted
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.referrals.raid import PERSONS, announced, erased, persons, reported
from tests.services.referrals.samples import NOON, Desk, records

BEDS = {"north": 2, "south": 3}
EVERYBODY = list(persons())
WOMEN = [each for each in EVERYBODY if each.ought == "shelter"]
"""Whom the shelter may house, as long as it has beds."""


def ready() -> list[Event]:
    """Announce the raid, and report the shelter's beds."""
    return [announced(), *(reported(unit, free) for unit, free in BEDS.items())]


async def receivers(desk: Desk) -> dict[str, str]:
    """Say who was sent each referral, or has it from the coordinator, by the events; no referral twice."""
    told = await desk.emitted()
    sent = [(each.data.referral, each.data.receiver) for each in told if isinstance(each, ReferralLogged)]
    routed = [each.data for each in told if isinstance(each, ReferralRouted)]
    sent += [(each.referral, each.recipient) for each in routed if each.part == "notice"]
    assert len(dict(sent)) == len(sent)
    return dict(sent)


def split(events: Sequence[Event], parts: int) -> list[list[Event]]:
    """Share events out by their key, as Kafka does between consumers."""
    return [
        [each for each in events if crc32(each.partitionkey.encode()) % parts == part]
        for part in range(parts)
    ]


class TestRaid:
    async def test_everybody_lands_with_the_right_receiver_and_no_bed_is_given_twice(
        self, desk: Desk
    ) -> None:
        await desk.take(*ready())
        await desk.take(*(each.submitted() for each in EVERYBODY))

        sent = await receivers(desk)
        housed, overflow = WOMEN[: sum(BEDS.values())], WOMEN[sum(BEDS.values()) :]
        assert {each.referral: sent[each.referral] for each in EVERYBODY if each not in WOMEN} == {
            each.referral: each.ought for each in EVERYBODY if each not in WOMEN
        }
        assert {sent[each.referral] for each in housed} == {"shelter"}
        assert {sent[each.referral] for each in overflow} == {"cmm"}
        assert len(sent) == PERSONS

    async def test_the_coordinator_learns_who_is_there_for_want_of_a_bed(self, desk: Desk) -> None:
        await desk.take(*ready(), *(each.submitted() for each in EVERYBODY))

        reasons = Counter(
            (each.data.receiver, each.data.reason)
            for each in await desk.emitted()
            if isinstance(each, ReferralChosen)
        )
        ought = Counter(each.ought for each in EVERYBODY)
        assert reasons == {
            ("redcross", "mandate"): ought["redcross"],
            ("municipality", "mandate"): ought["municipality"],
            ("cmm", "mandate"): ought["cmm"],
            ("shelter", "free_places"): sum(BEDS.values()),
            ("cmm", "no_capacity"): ought["shelter"] - sum(BEDS.values()),
        }

    @pytest.mark.parametrize("seed", range(3))
    async def test_in_batches_of_any_size_some_delivered_twice_by_two_processes_at_once(
        self, database: Database, seed: int
    ) -> None:
        chance = random.Random(seed)
        subscription = build(database, ReferralsSettings()).subscription
        assert subscription is not None
        first, second = (
            Processor(subscription, database, FakeClock(NOON), FakeIds(space=space)) for space in (21, 22)
        )
        await first.process(records(ready()))

        async def consume(processor: Processor, events: list[Event]) -> None:
            done = 0
            while done < len(events):
                size = chance.randint(1, 40)
                batch = records(events[max(0, done - chance.randint(0, 5)) : done + size], done)
                await processor.process(batch)
                done += size

        submitted = [each.submitted() for each in EVERYBODY]
        chance.shuffle(submitted)
        one, other = split(submitted, 2)
        await asyncio.gather(consume(first, one), consume(second, other))

        desk = Desk(first, database)
        sent = await receivers(desk)
        assert Counter(sent.values())["shelter"] == sum(BEDS.values())
        assert len(sent) == PERSONS
        assert await desk.parked() == 0
        counted = await database.pool.fetch(
            "select unit, count(*) from routings where agency = 'shelter' group by 1"
        )
        assert {row["unit"]: row["count"] for row in counted} == BEDS

    async def test_the_night_is_told_in_steps(self, desk: Desk) -> None:
        await desk.take(*ready())
        for first in range(0, PERSONS, 25):
            await desk.take(*(each.submitted() for each in EVERYBODY[first : first + 25]))

        told = [each.data for each in await desk.emitted() if isinstance(each, OperationReferralsOpened)]
        assert [each.referrals for each in told] == [1, 2, 4, 8, 16, 32, 64, 128, 200]
        assert {each.agency for each in told} == {"police"}
        assert told[-1].open == PERSONS

    async def test_it_is_told_when_all_have_an_answer(self, desk: Desk) -> None:
        few = EVERYBODY[:12]
        await desk.take(announced(expected=12), *(each.submitted() for each in few))
        sent = await receivers(desk)
        for each in few:
            await desk.take(each.answered(sent[each.referral]))

        told = [each.data for each in await desk.emitted() if isinstance(each, OperationReferralsOpened)]
        assert [(each.referrals, each.open) for each in told] == [
            (1, 1),
            (2, 2),
            (4, 4),
            (8, 8),
            (12, 12),
            (12, 0),
        ]

    async def test_one_that_was_not_announced_is_counted_all_the_same(self, desk: Desk) -> None:
        await desk.take(*(each.submitted() for each in EVERYBODY[:3]))

        told = [each.data for each in await desk.emitted() if isinstance(each, OperationReferralsOpened)]
        assert [(each.agency, each.referrals) for each in told] == [("unknown", 1), ("unknown", 2)]


class TestErased:
    async def test_nothing_about_the_person_stays_of_what_was_asked(
        self, desk: Desk, database: Database
    ) -> None:
        woman = WOMEN[0]
        await desk.take(reported("north", 1), woman.submitted(), erased(woman))

        (kept,) = await database.pool.fetch("select * from routings")
        assert {kept[name] for name in ("age_group", "sex", "language", "residence")} == {"unknown"}
        assert (kept["standing"], kept["unit"]) == ("released", "north")


class TestPlaces:
    """A place is spoken for until somebody says otherwise."""

    async def test_a_place_that_was_declined_is_free_again(self, desk: Desk) -> None:
        first, second, third, *_ = WOMEN
        await desk.take(reported("north", 1), first.submitted(), second.submitted())
        await desk.take(first.answered("shelter", reason="person_declined"))
        await desk.take(third.submitted())

        sent = await receivers(desk)
        assert [sent[each.referral] for each in (first, second, third)] == ["shelter", "cmm", "shelter"]

    async def test_one_that_was_declined_for_want_of_places_stays_taken(self, desk: Desk) -> None:
        first, second, *_ = WOMEN
        await desk.take(reported("north", 1), first.submitted())
        await desk.take(first.answered("shelter", reason="no_capacity"), second.submitted())

        assert (await receivers(desk))[second.referral] == "cmm"

    async def test_a_report_does_not_give_away_what_nobody_answered_yet(self, desk: Desk) -> None:
        first, second, third, *_ = WOMEN
        await desk.take(reported("north", 1), first.submitted(), reported("north", 1, 120))
        await desk.take(second.submitted())
        await desk.take(first.answered("shelter", seconds=180), reported("north", 1, 240), third.submitted())

        sent = await receivers(desk)
        assert [sent[each.referral] for each in (first, second, third)] == ["shelter", "cmm", "shelter"]

    async def test_an_older_report_that_comes_later_changes_nothing(self, desk: Desk) -> None:
        first, *_ = WOMEN
        await desk.take(reported("north", 0, -60), reported("north", 5, -120))
        await desk.take(reported("north", 5, -180), first.submitted())

        assert (await receivers(desk))[first.referral] == "cmm"

    async def test_it_waits_where_there_is_a_list_if_nobody_has_a_place(self, desk: Desk) -> None:
        first, second, *_ = WOMEN
        await desk.take(reported("north", 1), reported("south", 0, status="waitlist"))
        await desk.take(first.submitted(), second.submitted())

        units = await desk.units()
        assert units == {first.referral: "north", second.referral: "south"}
