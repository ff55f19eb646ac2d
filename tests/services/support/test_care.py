"""Needs, services, the contact person and the plan; cases that end; steps of others."""

from datetime import date

from stafet_schemas.step import StepRefused
from tests.services.support.samples import Desk, cut, erased, given, step, submitted, went


class TestNeeds:
    async def test_are_services_and_what_a_place_must_be_for_unknown_codes_too(self, desk: Desk) -> None:
        await desk.take(step("need_assessed", codes=("health", "wheelchair", "Tandlæge", "family")))

        told = await desk.last()
        assert (told["services"], told["accepts"]) == (("health", "Tandlæge"), ("wheelchair", "family"))


class TestEpisode:
    async def test_is_asked_for_begun_and_ended_by_who_gives_it(self, desk: Desk) -> None:
        await desk.take(step("service_requested", party="health", service="psychological", message="e-1"))

        assert await desk.take(
            step("service_started", behalf="health", subject="e-1"),
            step("service_ended", "outreach", subject="e-1"),
            step("service_ended", "health", subject="e-1", reason="done"),
            step("service_started", "health", subject="e-1"),
        ) == [
            "service.started health psychological",
            "step.refused service_ended wrong_agency agency",
            "service.ended health psychological done",
            "step.refused service_started out_of_order",
        ]

    async def test_of_a_service_on_no_list_is_kept_verbatim(self, desk: Desk) -> None:
        assert await desk.take(step("service_requested", party="health", service="acupuncture")) == [
            "service.requested health acupuncture"
        ]

    async def test_is_not_asked_of_who_gives_another(self, desk: Desk) -> None:
        assert await desk.take(step("service_requested", party="health", service="legal_aid")) == [
            "step.refused service_requested no_mandate party"
        ]


class TestContactPerson:
    async def test_is_assigned_and_changed_if_there_was_another(self, desk: Desk) -> None:
        assert await desk.take(
            step("contact_person_assigned"),
            step("contact_person_assigned", party="cmm"),
            step("contact_person_assigned", party="redcross"),
            step("contact_person_assigned", "shelter", party="cmm"),
        ) == [
            "contact_person.assigned cmm",
            "contact_person.changed redcross",
            "step.refused contact_person_assigned no_mandate agency",
        ]


class TestPlan:
    async def test_is_agreed_until_a_day_that_is_not_over(self, desk: Desk) -> None:
        assert await desk.take(
            step("plan_agreed", message="p-1", until=date(2026, 12, 24)),
            step("plan_agreed", until=date(2026, 11, 23)),
        ) == ["plan.agreed", "step.refused plan_agreed impossible until"]


class TestCase:
    async def test_that_was_erased_tells_nothing_more_and_nobody_is_said_to_have_left(
        self, desk: Desk
    ) -> None:
        await desk.take(given(), submitted(age_group="child"), went("accepted"), went("started"))
        assert await desk.take(erased()) == []

        assert await desk.take(
            went("completed"), submitted(2, age_group="child"), cut("withdrawn"),
            step("accommodation_left", "shelter", subject="ref-1"),
        ) == ["step.refused accommodation_left unknown_subject case"]  # fmt: skip
        assert (await desk.states())["stay ref-1"] == "checked_in"


class TestStepsOfOthers:
    async def test_pass(self, desk: Desk) -> None:
        others = (
            step("period_offered", kind="reflection"),
            step("case_closed", reason="no_wish"),
            step("referral_accepted", "shelter", subject="ref-1"),
        )

        assert await desk.take(submitted(), *others) == []


class TestRefusal:
    async def test_names_the_step_and_its_receipt(self, desk: Desk) -> None:
        await desk.take(step("service_started", "health", subject="e-9", message="m-9"))

        (refused,) = await desk.emitted()
        assert isinstance(refused, StepRefused)
        assert (refused.data.message, refused.data.subject, refused.data.agency) == ("m-9", "e-9", "health")
