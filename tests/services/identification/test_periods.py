from datetime import UTC, datetime
from typing import Any

import pytest

from stafet.identification.domain import periods, warned
from stafet.identification.domain.context import Said
from tests.services.identification.samples import CASE, File, day, iso

P = {"subject": "p-1"}


def reach(file: File, *steps: str) -> None:
    file.say("period_offered", message="p-1", kind="reflection")
    for step in steps:
        fields: dict[str, Any] = {"reason": "special_reasons"} if "extension" in step else {}
        file.say(step, **P, **fields)


def breach(file: File, at: datetime) -> list[str]:
    said = Said(CASE, "hub", "deadline-1", at)
    return file.take(periods.expired(said, file.context(at), "p-1"))


class TestAPeriod:
    def test_runs_thirty_days_and_no_longer_than_120(self, file: File) -> None:
        reach(file, "period_requested")

        assert file.say("period_granted", **P, agency="immigration") == [
            "period.granted 2026-03-02 2026-03-31"
        ]
        assert file.book.get(CASE, "period", "p-1").facts["cap"] == "2026-06-29"

    def test_is_extended_in_time_to_the_cap(self, file: File) -> None:
        reach(file, "period_requested", "period_granted")

        said = [
            *file.say("period_extension_requested", **P, reason="prepared_return", at=day(29)),
            *file.say("period_extended", **P, until="2026-06-29", at=day(35)),
        ]

        assert said == [
            "period.extension_requested 2026-03-02 2026-03-31 prepared_return",
            "period.extended 2026-03-02 2026-06-29",
        ]

    def test_goes_beyond_the_cap_by_a_recorded_override_only(self, file: File) -> None:
        reach(file, "period_requested", "period_granted", "period_extension_requested")
        beyond = {**P, "until": "2026-06-30"}

        said = [
            *file.say("period_extended", **beyond),
            *file.say("period_override_recorded", **P, law="covid_2020"),
            *file.say("period_extended", **beyond),
        ]

        assert said == [
            "step.refused period_extended over_cap until",
            "period.override_recorded 2026-03-02 2026-03-31 covid_2020",
            "period.extended 2026-03-02 2026-06-30 covid_2020",
        ]

    def test_may_be_extended_to_100_days_by_the_law_before_2013(self, file: File) -> None:
        at = datetime(2012, 3, 2, 12, tzinfo=UTC)
        for name, fields in (
            ("period_offered", {"message": "p-1", "kind": "reflection"}),
            ("period_requested", P),
            ("period_granted", P),
            ("period_extension_requested", {**P, "reason": "special_reasons"}),
        ):
            file.say(name, at=at, **fields)

        assert file.say("period_extended", **P, at=at, until="2012-06-10") == [
            "step.refused period_extended over_cap until"
        ]
        assert file.say("period_extended", **P, at=at, until="2012-06-09") == [
            "period.extended 2012-03-02 2012-06-09"
        ]

    @pytest.mark.parametrize(
        ("days", "refused"),
        [
            ({"starts": iso(31)}, "impossible starts"),
            ({"starts": "9999-12-31"}, "impossible starts"),
            ({"starts": "1926-03-02"}, "impossible starts"),
            ({"until": iso(-1)}, "impossible until"),
            ({"starts": iso(3), "until": iso(2)}, "impossible until"),
            ({"until": iso(120)}, "over_cap until"),
        ],
    )
    def test_cannot_have_impossible_days(self, file: File, days: dict[str, str], refused: str) -> None:
        reach(file, "period_requested")

        assert file.say("period_granted", **P, **days) == [f"step.refused period_granted {refused}"]
        assert file.state("period", "p-1") == "requested"

    def test_of_a_kind_that_the_law_does_not_know_cannot_be(self, file: File) -> None:
        assert file.say("period_offered", kind="holiday") == ["step.refused period_offered impossible kind"]

    def test_is_granted_by_its_authority_or_told_by_the_coordinator(self, file: File) -> None:
        reach(file, "period_requested")

        assert file.say("period_granted", **P, agency="shelter") == [
            "step.refused period_granted no_mandate agency"
        ]
        assert file.say("period_granted", **P, agency="cmm") == ["period.granted 2026-03-02 2026-03-31"]

    def test_begins_on_the_danish_day(self, file: File) -> None:
        reach(file, "period_requested")

        assert file.say("period_granted", **P, at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) == [
            "period.granted 2026-07-02 2026-07-31"
        ]

    def test_is_the_only_one_of_its_kind(self, file: File) -> None:
        reach(file, "period_requested", "period_granted")
        file.say("period_offered", message="p-2", kind="reflection")
        file.say("period_requested", subject="p-2")

        assert file.say("period_granted", subject="p-2") == [
            "step.refused period_granted already_open subject"
        ]

    def test_that_is_over_is_not_taken_up_beside_the_next_one(self, file: File) -> None:
        reach(file, "period_requested", "period_granted")
        breach(file, day(31))
        file.say("period_offered", message="p-2", kind="reflection")
        file.say("period_requested", subject="p-2")
        file.say("period_granted", subject="p-2", at=day(32))

        assert file.say("period_extension_requested", **P, reason="special_reasons", at=day(29)) == [
            "step.refused period_extension_requested already_open subject"
        ]

    def test_what_was_said_twice_is_done_once(self, file: File) -> None:
        reach(file, "period_requested", "period_granted")

        assert file.say("period_granted", **P, message="again") == []
        assert file.say("period_granted", **P, message="other", until=iso(40)) == [
            "step.refused period_granted out_of_order"
        ]


class TestTheEnd:
    def test_is_the_first_moment_after_the_last_day(self, file: File) -> None:
        reach(file, "period_requested", "period_granted")

        assert breach(file, datetime(2026, 3, 31, 21, 59, tzinfo=UTC)) == []
        assert breach(file, datetime(2026, 3, 31, 22, 0, tzinfo=UTC)) == [
            "period.expired 2026-03-02 2026-03-31"
        ]

    def test_does_not_come_by_an_old_deadline_after_an_extension(self, file: File) -> None:
        reach(file, "period_requested", "period_granted", "period_extension_requested")
        file.say("period_extended", **P, until="2026-05-01")

        assert breach(file, day(31)) == []
        assert file.state("period", "p-1") == "active"

    def test_waits_for_the_answer_to_what_was_asked_in_time(self, file: File) -> None:
        reach(file, "period_requested", "period_granted")
        file.say("period_extension_requested", **P, reason="special_reasons", at=day(29))

        assert breach(file, day(31)) == []
        assert file.say("period_extension_refused", **P, at=day(33)) == [
            "period.extension_refused 2026-03-02 2026-03-31",
            "period.expired 2026-03-02 2026-03-31",
        ]

    def test_is_taken_back_where_an_extension_was_asked_for_in_time_and_told_late(self, file: File) -> None:
        reach(file, "period_requested", "period_granted")
        breach(file, day(31))

        late = file.say("period_extension_requested", **P, reason="special_reasons", at=day(30))
        in_time = file.say("period_extension_requested", **P, reason="special_reasons", at=day(29))

        assert late == ["step.refused period_extension_requested out_of_order at"]
        assert in_time == ["period.extension_requested 2026-03-02 2026-03-31 special_reasons"]

    def test_may_come_early_with_a_reason(self, file: File) -> None:
        reach(file, "period_requested", "period_granted")

        assert file.say("period_ended_early", **P, reason="left") == [
            "period.ended_early 2026-03-02 2026-03-31 left"
        ]
        assert breach(file, day(31)) == []


class TestWhoIsWarned:
    def test_are_contact_person_shelter_and_authority(self, file: File) -> None:
        file.say("identification_requested")
        file.say("residence_changed", residence="none")
        file.take(warned.contact_person(CASE, "cmm"))
        file.take(warned.stay(CASE, "s-1", "redcross", warned.LEFT))
        file.take(warned.stay(CASE, "s-2", "shelter", warned.STAYING))

        assert warned.notified(CASE, file.context()) == ("cmm", "immigration", "shelter")
