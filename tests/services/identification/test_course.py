from stafet.identification.domain.deciding import decide
from stafet.identification.domain.decision import Decision
from tests.services.identification.samples import File, day, said


def begun(file: File) -> None:
    file.say("identification_requested")
    file.say("interview_offered", message="i-1")


def told_before(file: File) -> Decision:
    return decide(said("custody_started", at=day(1)), file.context(day(0)))


class TestTheCourse:
    def test_of_a_whole_identification(self, file: File) -> None:
        facts = [
            *file.say("identification_requested", reason="raid", agency="police"),
            *file.say("residence_changed", residence="lawful"),
            *file.say("interview_offered", message="i-1", kind="anonymous"),
            *file.say("interview_held", subject="i-1", channel="shelter", codes=("interpreter",)),
            *file.say("initial_identification_concluded", outcome="positive"),
            *file.say("assessment_requested", party="cmm"),
            *file.say("assessment_decided", outcome="positive", starts="2026-03-01"),
        ]

        assert facts == [
            "identification.requested raid",
            "competent_authority.determined cmm unknown",
            "residence_status.changed lawful",
            "competent_authority.determined cmm lawful",
            "interview.offered",
            "interview.held",
            "initial_identification.concluded positive",
            "final_assessment.requested cmm",
            "final_assessment.decided cmm positive",
        ]
        assert file.state("course") == "positive"

    def test_is_begun_by_whatever_comes_first(self, file: File) -> None:
        assert file.say("interview_offered", message="i-1") == [
            "identification.requested",
            "competent_authority.determined cmm unknown",
            "interview.offered",
        ]
        assert file.state("course") == "interview_offered"

    def test_a_second_suspicion_is_told_that_it_is_under_way(self, file: File) -> None:
        file.say("identification_requested", message="m-1")

        assert file.say("identification_requested", message="m-1") == []
        assert file.say("identification_requested", message="m-2", agency="redcross") == [
            "step.refused identification_requested already_open"
        ]

    def test_cannot_be_concluded_before_an_interview(self, file: File) -> None:
        begun(file)

        assert file.say("initial_identification_concluded", outcome="positive") == [
            "step.refused initial_identification_concluded out_of_order"
        ]

    def test_is_broken_off_and_taken_up_again(self, file: File) -> None:
        begun(file)

        assert file.say("identification_discontinued", reason="disappeared") == [
            "identification.discontinued disappeared"
        ]
        assert file.say("identification_discontinued", reason="disappeared", message="m-2") == []
        assert file.say("identification_reopened", reason="found") == ["identification.reopened found"]
        assert file.say("identification_discontinued", reason="disappeared", message="m-3") == [
            "identification.discontinued disappeared"
        ]

    def test_an_agency_without_a_part_in_it_cannot_end_it(self, file: File) -> None:
        begun(file)

        assert file.say("identification_discontinued", reason="left", agency="tax") == [
            "step.refused identification_discontinued no_mandate agency"
        ]


class TestInterviews:
    def test_are_agreed_broken_off_and_taken_up(self, file: File) -> None:
        file.say("interview_offered", message="i-1")

        facts = [
            *file.say("interview_scheduled", subject="i-1", channel="custody", codes=("companion",)),
            *file.say("interview_interrupted", subject="i-1", reason="unwell"),
            *file.say("interview_scheduled", subject="i-1", channel="custody", at=day(1)),
            *file.say("interview_held", subject="i-1", at=day(2)),
        ]

        assert facts == [
            "interview.scheduled",
            "interview.interrupted unwell",
            "interview.scheduled",
            "interview.held",
        ]
        assert file.book.get("case-1", "interview", "i-1").facts["place"] == "custody"
        assert "reason" not in file.book.get("case-1", "interview", "i-1").facts

    def test_one_that_is_declined_leaves_another_alone(self, file: File) -> None:
        file.say("interview_offered", message="i-1")
        file.say("interview_held", subject="i-1")
        file.say("interview_offered", message="i-2")

        assert file.say("interview_declined", subject="i-2") == ["interview.declined"]
        assert (file.state("interview", "i-2"), file.state("course")) == ("declined", "in_progress")

    def test_what_was_said_twice_is_done_once(self, file: File) -> None:
        file.say("interview_offered", message="i-1")
        held = {"subject": "i-1", "channel": "shelter", "codes": ("interpreter", "companion")}

        assert file.say("interview_held", **held) == ["interview.held"]
        assert file.say("interview_held", message="again", **held) == []
        assert file.say("interview_declined", subject="i-1") == [
            "step.refused interview_declined out_of_order"
        ]

    def test_of_another_agency_are_not_ones_own(self, file: File) -> None:
        file.say("interview_offered", message="i-1", agency="redcross")

        assert file.say("interview_held", subject="i-1", agency="shelter") == [
            "step.refused interview_held wrong_agency agency"
        ]
        assert file.say("interview_held", subject="i-1", agency="cmm") == ["interview.held"]

    def test_need_a_mandate_and_a_beginning(self, file: File) -> None:
        assert file.say("interview_offered", agency="police") == [
            "step.refused interview_offered no_mandate agency"
        ]
        assert file.say("interview_held", subject="i-9") == [
            "step.refused interview_held unknown_subject subject"
        ]

    def test_keep_codes_that_nobody_knows(self, file: File) -> None:
        file.say("interview_offered", message="i-1", kind="by_the_river")
        file.say("interview_held", subject="i-1", channel="boat", codes=("parrot",))

        kept = file.book.get("case-1", "interview", "i-1").facts
        assert (kept["kind"], kept["place"], kept["present"]) == ("by_the_river", "boat", ["parrot"])


class TestCustody:
    def test_begins_and_ends(self, file: File) -> None:
        assert file.say("custody_started", message="c-1", kind="prison", agency="police") == [
            "custody.started"
        ]
        assert file.say("custody_ended", subject="c-1", agency="police", at=day(2)) == ["custody.ended"]
        assert file.say("custody_ended", subject="c-2") == [
            "step.refused custody_ended unknown_subject subject"
        ]


class TestEveryStep:
    def test_that_is_another_services_passes(self, file: File) -> None:
        assert file.say("accommodation_left", subject="s-1") == []

    def test_lacking_a_field_is_told_which(self, file: File) -> None:
        assert file.say("assessment_requested") == ["step.refused assessment_requested missing party"]
        assert file.say("interview_offered", law="udl_33_14") == [
            "step.refused interview_offered impossible law"
        ]

    def test_that_lies_ahead_or_before_all_of_it_cannot_have_been(self, file: File) -> None:
        ancient = day(0).replace(year=1999)

        assert file.say("custody_started", at=ancient) == ["step.refused custody_started impossible at"]
        assert file.take(told_before(file)) == ["step.refused custody_started impossible at"]

    def test_is_entered_for_an_agency_that_is_not_connected_by_the_coordinator_only(self, file: File) -> None:
        file.say("identification_requested")

        assert file.say("interview_offered", message="i-1", behalf="outreach") == ["interview.offered"]
        assert file.say("interview_offered", message="i-2", behalf="shelter") == [
            "step.refused interview_offered wrong_agency behalf"
        ]
        assert file.say("interview_offered", message="i-3", agency="police", behalf="outreach") == [
            "step.refused interview_offered wrong_agency behalf"
        ]
