"""What the service makes of the events of other services, on PostgreSQL and through the runtime."""

from datetime import UTC, date, datetime
from typing import Any

from stafet_schemas import identification, stay
from stafet_schemas.assessment import CompetentAuthorityDetermined, FinalAssessmentDecided
from stafet_schemas.case import CaseErased, CaseErasedData
from stafet_schemas.deadline import DeadlineBreached, DeadlineData
from stafet_schemas.event import Event
from stafet_schemas.identification import DecisionData, DecisionReversedData
from stafet_schemas.interview import IndicatorsRecorded
from stafet_schemas.period import PeriodGranted
from stafet_schemas.referral import ReferralSubmitted, ReferralSubmittedData
from tests.services.identification.samples import CASE, NOON, Hub, day, event_of, step

GRANTED = (
    step("period_offered", message="p-1", kind="reflection"),
    step("period_requested", subject="p-1"),
    step("period_granted", subject="p-1"),
)


def submitted(residence: str = "none", service: str = "identification", placer: str = "POL-1") -> Event:
    data = ReferralSubmittedData(
        case=CASE,
        referral=f"referral-{placer}",
        sender="police",
        placer=placer,
        receiver="immigration",
        record="record-1",
        version=1,
        groups=("identity", "routing"),
        digest="9f2b",
        service=service,
        priority="acute",
        age_group="adult",
        sex="female",
        residence=residence,
    )
    return event_of(ReferralSubmitted, data)


def decided(outcome: str, message: str, agency: str = "immigration", at: datetime = NOON) -> Event:
    data = DecisionData(
        case=CASE,
        referral="referral-1",
        agency=agency,
        message=message,
        outcome=outcome,
        holds_from=at.date(),
    )
    return event_of(identification.IdentificationDecided, data, at)


def reversed_by(outcome: str, message: str, reverses: str) -> Event:
    data = DecisionReversedData(
        case=CASE,
        referral="referral-1",
        agency="immigration",
        message=message,
        outcome=outcome,
        holds_from=date(2026, 3, 3),
        reverses=reverses,
    )
    return event_of(identification.IdentificationDecisionReversed, data, day(1))


def breached(due: datetime, clock: str = "period_end") -> Event:
    data = DeadlineData(
        deadline="deadline-1", clock=clock, rule="clocks-1", matter=CASE, subject="p-1", owner="cmm", due=due
    )
    return event_of(DeadlineBreached, data, due)


def erased() -> Event:
    return event_of(CaseErased, CaseErasedData(case=CASE, reason="objection", recipients=()))


class TestOnReferralSubmitted:
    async def test_begins_with_the_authority_that_follows_from_the_status(self, hub: Hub) -> None:
        referral = submitted()

        assert await hub.take(referral) == [
            "identification.requested referral",
            "competent_authority.determined immigration none",
        ]
        determined = (await hub.emitted())[1]
        assert isinstance(determined, CompetentAuthorityDetermined)
        assert (determined.data.agency, determined.data.message) == ("police", "POL-1")
        assert (determined.data.rule, determined.data.period) == ("identification-1", "reflection")
        assert determined.causationid == referral.id

    async def test_for_another_service_only_tells_the_status(self, hub: Hub) -> None:
        assert await hub.take(submitted(service="accommodation")) == []
        assert await hub.take(step("identification_requested")) == [
            "identification.requested",
            "competent_authority.determined immigration none",
        ]

    async def test_never_overrules_a_status_that_was_told(self, hub: Hub) -> None:
        await hub.take(step("residence_changed", residence="lawful"))

        assert await hub.take(submitted("none")) == [
            "identification.requested referral",
            "competent_authority.determined cmm lawful",
        ]

    async def test_takes_up_what_had_ended_without_a_decision(self, hub: Hub) -> None:
        await hub.take(submitted(), step("identification_discontinued", reason="disappeared"))

        assert await hub.take(submitted(placer="POL-2")) == ["identification.reopened referral"]
        assert await hub.take(submitted(placer="POL-3")) == []


class TestOnIdentificationDecided:
    async def test_takes_the_authoritys_word_as_ours_before_any_referral_came(self, hub: Hub) -> None:
        assert await hub.take(decided("identified", "d-1"), submitted()) == [
            "identification.requested",
            "competent_authority.determined cmm unknown",
            "final_assessment.decided immigration positive",
            "competent_authority.determined immigration none",
        ]
        assert (await hub.things())["course", "course"] == "positive"

    async def test_is_refused_to_an_agency_without_a_mandate(self, hub: Hub) -> None:
        assert await hub.take(decided("identified", "d-1", "police")) == [
            "step.refused assessment_decided no_mandate"
        ]

    async def test_is_reversed_by_its_receipt(self, hub: Hub) -> None:
        await hub.take(submitted(), decided("identified", "d-1"))

        assert await hub.take(reversed_by("not_identified", "d-3", "d-2")) == [
            "step.refused assessment_decided out_of_order reverses"
        ]
        assert await hub.take(reversed_by("not_identified", "d-2", "d-1")) == [
            "final_assessment.reopened immigration positive reversed",
            "final_assessment.decided immigration negative",
        ]
        last = (await hub.emitted())[-1]
        assert isinstance(last, FinalAssessmentDecided)
        assert last.data.htcds == "NotAVictimOfTrafficking"


class TestOnStepReported:
    async def test_records_signs_with_what_is_unknown(self, hub: Hub) -> None:
        codes = ("isolation", "ate_alone")
        await hub.take(step("indicators_recorded", vocabulary="ilo_forced_labour", codes=codes))

        (recorded,) = await hub.emitted()
        assert isinstance(recorded, IndicatorsRecorded)
        assert recorded.data.vocabulary == "ilo_forced_labour@2012"
        assert (recorded.data.codes, recorded.data.unknown) == (("isolation",), ("ate_alone",))
        assert recorded.data.advice == "indicated"

    async def test_in_one_batch_and_one_by_one_says_the_same(self, hub: Hub) -> None:
        told = [
            step("interview_offered", message="i-1"),
            step("interview_held", subject="i-1", channel="custody", codes=("interpreter",)),
            step("interview_held", subject="i-1", message="again", channel="custody", codes=("interpreter",)),
            step("initial_identification_concluded", outcome="positive"),
            *GRANTED,
        ]

        at_once = await hub.take(*told)

        assert at_once[-1] == "period.granted 2026-03-02 2026-03-31"
        assert len(at_once) == 8
        assert await hub.take(*told) == []
        assert await hub.parked() == 0

    async def test_a_decision_and_its_rival_of_one_second_by_another_topic(self, hub: Hub) -> None:
        await hub.take(submitted())
        rival = step("assessment_decided", agency="immigration", outcome="negative", message="d-2")

        assert await hub.take(rival) == ["final_assessment.decided immigration negative"]
        assert await hub.take(decided("identified", "d-1")) == [
            "step.refused assessment_decided out_of_order",
            "final_assessment.decided immigration positive",
        ]


class TestPeriods:
    async def test_name_whom_to_warn(self, hub: Hub) -> None:
        told: dict[str, Any] = {"case": CASE, "agency": "cmm", "message": "s-1", "at": NOON}
        place = stay.StayData(**told, stay="s-1", provider="shelter")
        person = stay.ContactPersonData(**told, provider="cmm")
        await hub.take(
            submitted(),
            event_of(stay.AccommodationCheckedIn, place),
            event_of(stay.ContactPersonAssigned, person),
            *GRANTED,
        )

        granted = (await hub.emitted())[-1]
        assert isinstance(granted, PeriodGranted)
        assert granted.data.notify == ("cmm", "immigration", "shelter")
        assert granted.data.cap == date(2026, 6, 29)

        other = stay.ContactPersonData(**told, provider="drc")
        assert (
            await hub.take(
                event_of(stay.AccommodationLeft, place), event_of(stay.ContactPersonChanged, other)
            )
            == ["period.contacts_changed 2026-03-02 2026-03-31"] * 2
        )
        assert (await hub.emitted())[-1].data.model_dump()["notify"] == ("drc", "immigration")

    async def test_tell_whom_to_warn_when_that_changes_while_they_run(self, hub: Hub) -> None:
        await hub.take(submitted(), *GRANTED)
        told: dict[str, Any] = {"case": CASE, "agency": "shelter", "message": "s-1", "at": day(3)}
        moved_in = event_of(
            stay.AccommodationCheckedIn, stay.StayData(**told, stay="s-1", provider="shelter")
        )

        assert await hub.take(moved_in) == ["period.contacts_changed 2026-03-02 2026-03-31"]
        assert (await hub.emitted())[-1].data.model_dump()["notify"] == ("immigration", "shelter")
        assert await hub.take(step("residence_changed", residence="lawful", at=day(12))) == [
            "residence_status.changed lawful",
            "competent_authority.determined cmm lawful",
            "period.contacts_changed 2026-03-02 2026-03-31",
        ]

    async def test_expire_by_their_own_clock_alone(self, hub: Hub) -> None:
        await hub.take(*GRANTED)
        over = datetime(2026, 3, 31, 22, tzinfo=UTC)

        assert await hub.take(breached(over, "referral_answer")) == []
        assert await hub.take(breached(over)) == ["period.expired 2026-03-02 2026-03-31"]
        assert await hub.take(breached(over)) == []


class TestOnCaseErased:
    async def test_follows_the_case_no_longer(self, hub: Hub) -> None:
        await hub.take(submitted(), *GRANTED)

        assert await hub.take(erased()) == [
            "period.ended_early 2026-03-02 2026-03-31 erased",
            "identification.discontinued erased",
        ]
        assert await hub.take(step("custody_started"), submitted(placer="POL-2"), erased()) == [
            "step.refused custody_started unknown_subject case"
        ]
