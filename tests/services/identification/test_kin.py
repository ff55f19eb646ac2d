"""Two cases that are about one person, as a human said: each keeps its own, nothing is lost or doubled."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from stafet.identification.handlers import Desk, on_case_merged, on_case_split, on_step_reported
from stafet_runtime.kin import KIND
from stafet_runtime.thing import Thing
from stafet_schemas.case import CaseErased, CaseErasedData
from stafet_schemas.event import Event, EventData
from stafet_schemas.likeness import CaseMerged, CaseSplit, KinshipData
from stafet_schemas.step import StepReported
from tests.fakes.book import FakeBook
from tests.services.identification.samples import CASE, NOON, RULES, VOCABULARIES, Hub, event_of, iso, step

OTHER: Final = "case-2"


def related(kind: type[CaseMerged | CaseSplit]) -> tuple[Event, Event]:
    """What the vault tells of both cases when a human said it."""

    def told(case: str, other: str) -> Event:
        return event_of(kind, KinshipData(case=case, agency="cmm", message="m-human", at=NOON, other=other))

    return told(CASE, OTHER), told(OTHER, CASE)


def begun(residence: str, since: int, case: str) -> tuple[Event, Event]:
    return (
        step("identification_requested", case=case, message=f"begun-{case}"),
        step("residence_changed", case=case, message=f"stay-{case}", residence=residence, starts=iso(since)),
    )


MERGED: Final = related(CaseMerged)
SPLIT: Final = related(CaseSplit)


class TestAStepAboutAThingOfTheOtherCase:
    async def test_is_refused_while_nobody_said_that_they_are_one_person(self, hub: Hub) -> None:
        await hub.take(step("interview_offered", case=OTHER, message="i-2"))

        told = await hub.take(step("interview_scheduled", subject="i-2", channel="shelter"))

        assert told == ["step.refused interview_scheduled unknown_subject subject"]

    async def test_moves_that_thing_once_they_are(self, hub: Hub) -> None:
        await hub.take(step("interview_offered", case=OTHER, message="i-2"), *MERGED)

        told = await hub.take(step("interview_scheduled", subject="i-2", channel="shelter"))

        assert told == ["interview.scheduled"]
        assert (await hub.emitted())[-1].partitionkey == OTHER
        assert (await hub.things())["interview", "i-2"] == "scheduled"

    async def test_moves_it_over_a_third_case(self, hub: Hub) -> None:
        third = KinshipData(case=OTHER, agency="cmm", message="m-3", at=NOON, other="case-3")
        await hub.take(*MERGED, event_of(CaseMerged, third))
        await hub.take(step("custody_started", case="case-3", message="c-3"))

        assert await hub.take(step("custody_ended", subject="c-3")) == ["custody.ended"]

    async def test_is_refused_again_after_a_split(self, hub: Hub) -> None:
        await hub.take(step("interview_offered", case=OTHER, message="i-2"), *MERGED, *SPLIT)

        told = await hub.take(step("interview_scheduled", subject="i-2", channel="shelter"))

        assert told == ["step.refused interview_scheduled unknown_subject subject"]
        assert await hub.take(step("interview_scheduled", case=OTHER, subject="i-2", channel="shelter")) == [
            "interview.scheduled"
        ]


class TestTheCompetentAuthority:
    async def test_follows_in_both_cases_from_the_later_status(self, hub: Hub) -> None:
        await hub.take(*begun("lawful", 0, CASE), *begun("none", -5, OTHER))

        assert await hub.take(*MERGED) == ["competent_authority.determined cmm lawful"]
        assert (await hub.emitted())[-1].partitionkey == OTHER

    async def test_is_each_cases_own_again_after_a_split(self, hub: Hub) -> None:
        await hub.take(*begun("lawful", 0, CASE), *begun("none", -5, OTHER), *MERGED)

        assert await hub.take(*SPLIT) == ["competent_authority.determined immigration none"]
        assert (await hub.emitted())[-1].partitionkey == OTHER

    async def test_changes_in_both_with_a_status_told_of_one(self, hub: Hub) -> None:
        await hub.take(*begun("lawful", -5, CASE), *begun("lawful", -5, OTHER), *MERGED)

        told = await hub.take(step("residence_changed", residence="none", starts=iso(0)))

        assert told == [
            "residence_status.changed none " + iso(0),
            "competent_authority.determined immigration none",
            "competent_authority.determined immigration none",
        ]
        assert {each.partitionkey for each in (await hub.emitted())[-2:]} == {CASE, OTHER}

    async def test_stays_each_cases_own_where_neither_status_is_later(self, hub: Hub) -> None:
        await hub.take(*begun("lawful", 0, CASE), *begun("none", 0, OTHER))

        assert await hub.take(*MERGED) == []

    async def test_is_its_own_again_when_the_other_case_is_erased(self, hub: Hub) -> None:
        await hub.take(*begun("lawful", 0, CASE), *begun("none", -5, OTHER), *MERGED)

        erased = CaseErasedData(case=CASE, reason="objection", recipients=())
        told = await hub.take(event_of(CaseErased, erased))

        assert told == [
            "identification.discontinued erased",
            "competent_authority.determined immigration none",
        ]
        assert await hub.take(step("residence_changed", residence="asylum_seeker")) == [
            "step.refused residence_changed unknown_subject case"
        ]


class TestDecisions:
    async def test_of_both_cases_stand_side_by_side(self, hub: Hub) -> None:
        of_two = [
            step("assessment_decided", case=case, message=f"d-{case}", party="cmm", outcome=outcome)
            for case, outcome in ((CASE, "positive"), (OTHER, "negative"))
        ]

        told = await hub.take(*MERGED, *of_two)

        decided = [each for each in told if each.startswith("final_assessment.decided")]
        assert decided == [
            "final_assessment.decided cmm positive",
            "final_assessment.decided cmm negative",
        ]


BEGUN: Final = [
    step("identification_requested", case=each, message=f"begun-{each}") for each in (CASE, OTHER)
]
OF_BOTH: Final = [
    step(name, case=case, message=f"{name}-{case}", **fields)
    for case in (CASE, OTHER)
    for name, fields in (
        ("interview_offered", {}),
        ("residence_changed", {"residence": "lawful" if case == CASE else "none", "starts": iso(-3)}),
        ("custody_started", {}),
    )
]
LATER: Final = step(
    "residence_changed", case=OTHER, message="later", residence="asylum_seeker", starts=iso(-1)
)
OF_THE_OTHER: Final = [
    step("interview_scheduled", subject=f"interview_offered-{OTHER}", channel="shelter"),
    step("custody_ended", case=OTHER, subject=f"custody_started-{CASE}"),
]
NO_ANSWERS: Final = {"competent_authority.determined", "step.refused"}


@dataclass
class Told:
    """An outbox in memory: the type, case and receipt of each fact."""

    facts: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])

    def emit(self, kind: type[Event], data: EventData, event_id: str | None = None) -> str:
        """Keep it."""
        del event_id
        told = data.model_dump()
        self.facts.append((kind.short_name(), told["case"], told["message"]))
        return ""


def after(events: Sequence[Event]) -> tuple[dict[tuple[str, str, str], Thing], Told]:
    """Take events after two beginnings; return what is known, but not who is whose kin, and what was told."""
    book, told = FakeBook(), Told()
    desk = Desk(book, told, RULES, VOCABULARIES)

    async def take() -> None:
        for each in (*BEGUN, *events):
            if isinstance(each, StepReported):
                await on_step_reported(each, desk=desk)
            elif isinstance(each, CaseMerged):
                await on_case_merged(each, desk=desk)
            elif isinstance(each, CaseSplit):
                await on_case_split(each, desk=desk)

    asyncio.run(take())
    return {key: each for key, each in book.things.items() if each.kind != KIND}, told


class TestAnyOrder:
    @settings(max_examples=60)
    @given(st.permutations([*OF_BOTH, *MERGED]), st.permutations([LATER, *MERGED]))
    def test_of_a_merge_among_steps_ends_in_the_same(self, told: list[Event], later: list[Event]) -> None:
        assert after([*told, *later])[0] == after([*MERGED, *OF_BOTH, LATER])[0]

    @settings(max_examples=60)
    @given(st.permutations(OF_BOTH), st.integers(0, 6), st.integers(0, 6))
    def test_of_a_merge_and_a_split_leaves_what_was_each_cases_own(
        self, told: list[Event], one: int, another: int
    ) -> None:
        merged, split = sorted((one, another))
        between = [*told[:merged], *MERGED, *told[merged:split], *SPLIT, *told[split:]]

        assert after(between)[0] == after(told)[0]

    @settings(max_examples=60)
    @given(st.permutations(OF_BOTH), st.permutations([*OF_BOTH, *OF_THE_OTHER]))
    def test_makes_one_fact_of_every_step_in_merged_cases_though_it_comes_twice(
        self, first: list[Event], again: list[Event]
    ) -> None:
        _, told = after([*MERGED, *first, *again, *OF_THE_OTHER])

        answers = Counter(message for name, _, message in told.facts if name not in NO_ANSWERS)
        assert answers == {each.data.model_dump()["message"]: 1 for each in (*BEGUN, *OF_BOTH, *OF_THE_OTHER)}
