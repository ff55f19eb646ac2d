"""A step about what another case of the same person has moves it there."""

import pytest

from stafet_schemas.event import Event
from stafet_schemas.likeness import CaseMerged, CaseSplit, KinshipData
from tests.services.support.samples import CASE, NOON, Desk, erased, event_of, step

OTHER = "case-other"
RESERVED = step("accommodation_reserved", "shelter", subject="s-2")
UNKNOWN = "step.refused accommodation_reserved unknown_subject subject"


def said(kind: type[CaseMerged | CaseSplit]) -> list[Event]:
    """What the vault tells of both cases when a human said it."""
    return [
        event_of(kind, KinshipData(case=case, agency="cmm", message="m-human", at=NOON, other=other))
        for case, other in ((CASE, OTHER), (OTHER, CASE))
    ]


@pytest.fixture(autouse=True)
async def asked(desk: Desk) -> None:
    """A place that was asked for in the other case."""
    await desk.take(step("accommodation_requested", case=OTHER, party="shelter", message="s-2"))


class TestAStepAboutTheOtherCasesStay:
    async def test_is_refused_while_they_are_two_persons(self, desk: Desk) -> None:
        assert await desk.take(RESERVED) == [UNKNOWN]

    async def test_moves_it_where_it_is_once_they_are_one(self, desk: Desk) -> None:
        await desk.take(*said(CaseMerged))

        assert await desk.take(RESERVED) == ["accommodation.reserved shelter"]
        assert (await desk.last())["case"] == OTHER

    async def test_is_refused_again_after_a_split(self, desk: Desk) -> None:
        await desk.take(*said(CaseMerged), *said(CaseSplit))

        assert await desk.take(RESERVED) == [UNKNOWN]

    async def test_is_refused_when_the_other_case_is_erased(self, desk: Desk) -> None:
        await desk.take(*said(CaseMerged), erased(OTHER))

        assert await desk.take(RESERVED) == [UNKNOWN]
