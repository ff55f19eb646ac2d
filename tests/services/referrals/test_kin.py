"""Cases of one person: whom one of them bars, none of them is sent to, until they are two persons again."""

import asyncio
from dataclasses import replace
from itertools import permutations
from typing import Final

import pytest
from aiokafka import TopicPartition
from hypothesis import given, settings
from hypothesis import strategies as st

from stafet.referrals.adapters.rulesfile import load_rules
from stafet.referrals.app import build
from stafet.referrals.handlers.kinships import on_case_merged, on_case_split
from stafet.referrals.handlers.routing import on_referral_submitted
from stafet.referrals.handlers.steps import on_step_reported
from stafet.referrals.settings import ReferralsSettings
from stafet_runtime.consumer import Processor, decoded
from stafet_runtime.database import Database
from stafet_runtime.rebuilder import Rebuilder, Rebuilt
from stafet_schemas.case import CaseErased, CaseErasedData
from stafet_schemas.course import ReferralRerouteProposed, ReferralWithdrawn
from stafet_schemas.deadline import DeadlineBreached, DeadlineData
from stafet_schemas.event import Event, EventData
from stafet_schemas.likeness import CaseMerged, CaseSplit, KinshipData
from stafet_schemas.referral import ReferralSubmitted
from stafet_schemas.step import StepReported, StepReportedData
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.fakes.referrals import FakeReferrals
from tests.services.referrals.raid import Person, reported
from tests.services.referrals.samples import NOON, Desk, Life, event_of, records

CASE, OTHER, THIRD = "case-1", "case-2", "case-3"
HERS, JOYS = Life(1, CASE), Life(2, OTHER)
"""One referral to the Red Cross in each case."""
REFUSED: Final = ["refused police no_recipient", "routed police status rejected safety_conflict"]
TAKEN_BACK: Final = [
    "withdrawn safety_conflict",
    "routed redcross revocation withdrawn",
    "routed police status withdrawn safety_conflict",
    "reroute_proposed",
]


def noted(case: str, party: str = "redcross", message: str = "warning-1") -> Event:
    """Let the hotline warn of an agency."""
    return event_of(
        StepReported,
        StepReportedData(
            case=case, agency="hotline", message=message, at=NOON, step="safety_conflict_noted", party=party,
            reason="relative_works_there",
        ),
    )  # fmt: skip


def told(case: str, other: str) -> KinshipData:
    """Name two cases that a human spoke about."""
    return KinshipData(case=case, agency="cmm", message="m-human", at=NOON, other=other)


def related(kind: type[CaseMerged | CaseSplit], case: str = CASE, other: str = OTHER) -> list[Event]:
    """What the vault tells of both cases when a human said it."""
    return [event_of(kind, told(one, two)) for one, two in ((case, other), (other, case))]


def merged() -> list[Event]:
    return related(CaseMerged)


def split() -> list[Event]:
    return related(CaseSplit)


class TestWhoIsBarredInTheOtherCase:
    async def test_is_refused_when_named_as_in_its_own(self, desk: Desk) -> None:
        await desk.take(noted(OTHER), *merged())

        assert await desk.take(HERS.submitted()) == REFUSED

    async def test_is_not_while_they_are_two_persons(self, desk: Desk) -> None:
        await desk.take(noted(OTHER))

        assert await desk.take(HERS.submitted()) == ["routed redcross notice"]

    async def test_is_barred_over_a_third_case(self, desk: Desk) -> None:
        await desk.take(*merged(), *related(CaseMerged, OTHER, THIRD), noted(THIRD))

        assert await desk.take(HERS.submitted()) == REFUSED

    async def test_is_not_chosen(self, desk: Desk) -> None:
        woman = Person(1, "tha", "adult", "female", "lawful")
        case = "case-001"
        await desk.take(reported("north", 5), noted(OTHER, "shelter"), *related(CaseMerged, case, OTHER))

        await desk.take(woman.submitted())

        assert await desk.units() == {woman.referral: None}

    async def test_is_not_who_it_is_redirected_to(self, desk: Desk) -> None:
        await desk.take(HERS.submitted("cmm"), noted(OTHER), *merged())
        onward = StepReportedData(
            case=CASE, agency="cmm", message="on-1", at=NOON, step="referral_redirected",
            subject=HERS.referral, party="redcross",
        )  # fmt: skip

        await desk.take(event_of(StepReported, onward))

        refused = (await desk.emitted())[-1].data.model_dump()
        assert (refused["reason"], refused["field"]) == ("no_recipient", "party")

    async def test_is_not_proposed_when_nobody_answers(self, desk: Desk) -> None:
        silence = DeadlineData(
            deadline="d-1", clock="referral_answer", rule="1", matter=CASE, subject=HERS.referral,
            owner="redcross", due=NOON,
        )  # fmt: skip
        await desk.take(reported("north", 5), HERS.submitted(), HERS.delivered("notice"))
        await desk.take(noted(OTHER, "shelter"), *merged())

        await desk.take(event_of(DeadlineBreached, silence))

        assert await self._candidates(desk) == ()
        await desk.take(*split(), replace(HERS, number=3).submitted("cmm"))
        later = silence.model_copy(update={"deadline": "d-2", "subject": "referral-3"})
        await desk.take(event_of(DeadlineBreached, later))
        assert await self._candidates(desk) == ("shelter",)

    async def test_is_barred_by_its_own_case_alone_after_a_split(self, desk: Desk) -> None:
        await desk.take(noted(OTHER), *merged(), *split())

        assert await desk.take(JOYS.submitted()) == REFUSED
        assert await desk.take(HERS.submitted()) == ["routed redcross notice"]

    async def test_is_barred_in_each_case_that_noted_it_after_a_split(self, desk: Desk) -> None:
        await desk.take(*merged(), noted(OTHER), noted(CASE, message="warning-2"), *split())

        assert await desk.take(HERS.submitted()) == REFUSED

    async def test_is_not_when_that_case_is_erased(self, desk: Desk) -> None:
        erased = CaseErasedData(case=OTHER, reason="objection", recipients=())
        await desk.take(noted(OTHER), *merged(), event_of(CaseErased, erased))

        assert await desk.take(HERS.submitted()) == ["routed redcross notice"]

    async def _candidates(self, desk: Desk) -> tuple[str, ...]:
        proposals = [each.data for each in await desk.emitted() if isinstance(each, ReferralRerouteProposed)]
        return proposals[-1].candidates


class TestWhatIsOpenThere:
    async def test_is_taken_back_when_the_other_case_notes_it(self, desk: Desk) -> None:
        await desk.take(HERS.submitted(), *merged())

        assert await desk.take(noted(OTHER)) == ["noted hotline relative_works_there", *TAKEN_BACK]

    async def test_is_taken_back_once_when_they_are_merged(self, desk: Desk) -> None:
        await desk.take(HERS.submitted(), noted(OTHER))

        assert await desk.take(*merged()) == TAKEN_BACK
        assert await desk.take(HERS.answered("accepted")) == ["refused redcross out_of_order"]

    async def test_is_taken_back_though_the_news_of_one_case_is_late(self, desk: Desk) -> None:
        first, late = merged()
        await desk.take(HERS.submitted(), first)

        assert await desk.take(noted(OTHER), late) == ["noted hotline relative_works_there", *TAKEN_BACK]

    async def test_is_for_the_coordinator_to_end_once_accepted(self, desk: Desk) -> None:
        await desk.take(HERS.submitted(), HERS.answered("accepted"), noted(OTHER))

        assert await desk.take(*merged()) == ["reroute_proposed"]

    async def test_is_the_hubs_word_in_the_case_that_did_not_hear_the_warning(self, desk: Desk) -> None:
        await desk.take(HERS.submitted(), *merged(), noted(OTHER))

        facts = await desk.emitted()
        withdrawn = [each.data for each in facts if isinstance(each, ReferralWithdrawn)]
        assert [(each.case, each.by) for each in withdrawn] == [(CASE, "hub")]
        # An agency that another case names is told nothing with that case in it.
        others = [each for each in facts if each.partitionkey == OTHER]
        assert [type(each).short_name() for each in others] == ["safety_conflict.noted"]


class TestTheSameAskedTwice:
    async def test_is_refused_across_cases_and_does_not_tell_that_they_are_one(self, desk: Desk) -> None:
        await desk.take(HERS.submitted(), HERS.delivered("notice"), *merged())

        assert await desk.take(JOYS.submitted()) == [
            "refused police already_open",
            "routed police status rejected duplicate",
        ]

    async def test_stays_open_twice_if_it_was_before(self, desk: Desk) -> None:
        await desk.take(HERS.submitted(), JOYS.submitted())

        assert await desk.take(*merged()) == []
        assert [rungs for rungs, _ in (await desk.states()).values()] == [["routed"], ["routed"]]

    async def test_is_opened_again_after_a_split(self, desk: Desk) -> None:
        await desk.take(HERS.submitted(), *merged(), *split())

        assert await desk.take(JOYS.submitted()) == ["routed redcross notice"]


class TestAtOnce:
    @pytest.mark.parametrize("number", range(3))
    async def test_whoever_comes_first_nobody_is_left_with_a_barred_agency(
        self, processor: Processor, desk: Desk, number: int
    ) -> None:
        batches = [[noted(OTHER)], [HERS.submitted()], merged()]
        turned = batches[number:] + batches[:number]

        await asyncio.gather(*(processor.process(records(each, at * 10)) for at, each in enumerate(turned)))

        assert (await desk.states())[HERS.referral][0][-1] in {"refused", "withdrawn"}
        assert await desk.parked() == 0


class TestRebuilding:
    TABLES = ("referrals", "routings", "dangers", "things")

    async def test_from_the_log_makes_the_same_rows(self, desk: Desk, database: Database) -> None:
        log = [HERS.submitted(), noted(OTHER), *merged(), JOYS.submitted("cmm"), *split(), *merged()]
        for each in log:
            await desk.take(each)
        before = await self._rows(database)
        await database.pool.execute(f"truncate inbox, outbox, {', '.join(self.TABLES)}")

        subscription = build(database, ReferralsSettings()).subscription
        assert subscription is not None
        ends = {TopicPartition(topic, 0): len(log) for topic in subscription.topics}
        rebuilder = Rebuilder(Rebuilt(subscription, database), ends, FakeClock(NOON), FakeIds())
        await rebuilder.take([decoded(each) for each in records(log)])

        assert await self._rows(database) == before
        assert await desk.emitted() == []

    async def _rows(self, database: Database) -> dict[str, list[str]]:
        return {
            table: sorted(str(row) for row in await database.pool.fetch(f"select * from {table}"))  # noqa: S608 - constants
            for table in self.TABLES
        }


CASES: Final = (CASE, OTHER, THIRD)
PAIRS: Final = list(permutations(CASES, 2))
PARTY: Final = "redcross"
Said = tuple[str, str, str]
"""What happens, in which case, and to which agency or with which other case."""
OF_ONE: Final = [((kind, case, PARTY),) for kind in ("noted", "submitted") for case in CASES]
OF_TWO: Final = [(kind, *pair) for kind in ("merged", "split") for pair in PAIRS]
# Mostly both cases are told before anything else happens.
OF_BOTH: Final = [((kind, one, two), (kind, two, one)) for kind, one, two in OF_TWO]
STORIES: Final = st.lists(
    st.one_of(*(st.sampled_from(each) for each in (OF_ONE, OF_ONE, OF_BOTH, [(one,) for one in OF_TWO]))),
    max_size=20,
).map(lambda parts: [each for part in parts for each in part])


class Night:
    """The handlers with what they know in memory, and beside them what ought to hold."""

    def __init__(self) -> None:
        self.referrals = FakeReferrals()
        self.links: set[tuple[str, str]] = set()
        self.noted: set[tuple[str, str]] = set()
        self._rules = load_rules()

    async def take(self, number: int, said: Said) -> None:
        """Let it happen."""
        kind, case, what = said
        referrals, outbox, rules = self.referrals, Unheard(), self._rules
        if kind == "noted":
            self.noted.add((case, what))
            warning = noted(case, what, f"warning-{number}")
            assert isinstance(warning, StepReported)
            await on_step_reported(warning, referrals=referrals, outbox=outbox, rules=rules)
        elif kind == "submitted":
            submitted = Life(number, case).submitted(what)
            assert isinstance(submitted, ReferralSubmitted)
            await on_referral_submitted(submitted, referrals=referrals, outbox=outbox, rules=rules)
        elif kind == "merged":
            self.links.add((case, what))
            news = event_of(CaseMerged, told(case, what))
            assert isinstance(news, CaseMerged)
            await on_case_merged(news, referrals=referrals, outbox=outbox, rules=rules)
        else:
            self.links.discard((case, what))
            news = event_of(CaseSplit, told(case, what))
            assert isinstance(news, CaseSplit)
            await on_case_split(news, referrals=referrals, outbox=outbox)

    def barred(self, case: str) -> set[str]:
        """Return whom the person of a case must not be sent to, worked out anew."""
        person = {case}
        for _ in CASES:
            person |= {other for one, other in self.links if one in person}
        return {party for one, party in self.noted if one in person}

    @property
    def agreed(self) -> bool:
        """Say whether both cases of each pair have been told the same."""
        return all((other, one) in self.links for one, other in self.links)


class Unheard:
    """An outbox that nobody reads."""

    def emit(self, kind: type[Event], data: EventData, event_id: str | None = None) -> str:
        """Take it."""
        del kind, data, event_id
        return ""


class TestAnyOrder:
    @settings(max_examples=300)
    @given(STORIES)
    def test_nobody_is_left_with_whom_a_case_of_the_person_bars_and_others_are_not_kept_away(
        self, story: list[Said]
    ) -> None:
        night = Night()

        async def live() -> None:
            for number, said in enumerate(story):
                await night.take(number, said)
                waiting = [each for each in night.referrals.known.values() if each.open]
                if night.agreed:
                    assert not [each for each in waiting if each.receiver in night.barred(each.case)]
                mine = night.referrals.get(f"referral-{number}")
                if mine is not None and mine.state == "refused":
                    kept = {each.receiver for each in waiting}
                    assert mine.receiver in night.barred(mine.case) | kept

        asyncio.run(live())
        assert night.referrals.routings.board.dangers == night.noted
