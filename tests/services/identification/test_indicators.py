import pytest

from stafet.identification.domain.indicators import advise
from stafet.identification.domain.vocabulary import Vocabularies, Vocabulary, parse_vocabulary
from stafet_runtime.dated import DataError
from tests.services.identification.samples import NOON, VOCABULARIES, File

TODAY = NOON.date()
SMALL = """
set = "small"
version = "1"
valid_from = 2026-01-01
source = "nobody"
note = "a test"
label = { da = "lille", en = "small" }
rule = [{ strong = 2 }, { strong = 1, other = 1 }, { medium = 3 }, { medium = 2, weak = 1 }]
[profiles.adult]
da = "voksen"
en = "adult"
needs = [["means"], ["exploitation"]]
[profiles.child]
da = "barn"
en = "child"
needs = [["exploitation"]]
[dimensions.means]
da = "middel"
en = "means"
codes.s1 = { weight = "strong", da = "s", en = "s" }
codes.s2 = { weight = "strong", da = "s", en = "s" }
codes.m1 = { weight = "medium", da = "m", en = "m" }
codes.m2 = { weight = "medium", da = "m", en = "m" }
codes.m3 = { weight = "medium", da = "m", en = "m" }
codes.w1 = { weight = "weak", da = "w", en = "w", profiles = { child = "strong" } }
codes.w2 = { weight = "weak", da = "w", en = "w" }
[dimensions.exploitation]
da = "udnyttelse"
en = "exploitation"
codes.e1 = { weight = "strong", da = "e", en = "e" }
codes.e2 = { weight = "strong", da = "e", en = "e" }
"""


def small() -> Vocabulary:
    return parse_vocabulary("small.toml", SMALL)


def found(name: str) -> Vocabulary:
    vocabulary = VOCABULARIES.find(name, TODAY)
    assert vocabulary is not None
    return vocabulary


class TestADimension:
    @pytest.mark.parametrize(
        ("codes", "positive"),
        [
            ("s1 s2", True),
            ("s1 m1", True),
            ("s1 w1", True),
            ("m1 m2 m3", True),
            ("m1 m2 w1", True),
            ("s1", False),
            ("m1 m2", False),
            ("m1 w1 w2", False),
            ("w1 w2", False),
            ("s1 s1", False),
            ("", False),
        ],
    )
    def test_is_positive_by_the_rule(self, codes: str, *, positive: bool) -> None:
        assert advise(small(), codes.split(), "adult").positive == (("means",) if positive else ())

    def test_weighs_a_sign_by_the_profile(self) -> None:
        assert advise(small(), ["w1", "m1"], "child").positive == ("means",)
        assert advise(small(), ["w1", "m1"], "adult").positive == ()


class TestTheAdvice:
    @pytest.mark.parametrize(
        ("codes", "profile", "word"),
        [
            ("s1 s2 e1 e2", None, "indicated"),
            ("e1 e2", "adult", "not_indicated"),
            ("e1 e2", "child", "indicated"),
            ("e1 e2", "robot", "unknown"),
        ],
    )
    def test_is_of_the_profile_and_a_child_needs_no_means(
        self, codes: str, profile: str | None, word: str
    ) -> None:
        assert advise(small(), codes.split(), profile).word == word

    def test_keeps_what_it_does_not_know(self) -> None:
        advice = advise(small(), ["s1", "ate_alone"], None)

        assert (advice.codes, advice.unknown) == (("s1",), ("ate_alone",))
        assert advise(None, ["s1"]).unknown == ("s1",)
        assert advise(None, ["s1"]).word == "unknown"

    def test_of_the_delphi_set_needs_means_exploitation_and_coercion(self) -> None:
        delphi = found("ilo_ec_delphi")
        part = ["deceived_about_job", "deceived_about_wages", "excessive_hours", "low_or_no_pay"]

        assert advise(delphi, part, "adult_labour").word == "not_indicated"
        assert advise(delphi, [*part, "violence", "threats"], "adult_labour").word == "indicated"
        assert advise(delphi, part[2:], "child_labour").word == "indicated"

    def test_of_the_ilo_eleven_is_to_look_further_at_one_sign(self) -> None:
        assert advise(found("ilo_forced_labour@2012"), ["isolation"]).word == "indicated"

    def test_of_a_set_without_a_rule_is_none(self) -> None:
        assert advise(found("unodc"), ["shows_fear"]).word == "no_rule"


class TestTheSets:
    def test_have_as_many_signs_as_their_sources(self) -> None:
        delphi = found("ilo_ec_delphi@2009").dimensions

        assert [len(each.codes) for each in delphi.values()] == [10, 10, 16, 9, 15, 7]
        assert sum(len(each.codes) for each in found("ilo_forced_labour").dimensions.values()) == 11
        assert len(found("unodc").dimensions) == 6
        assert "Stafet" in found("stafet_dimensions").source

    def test_are_found_by_version_or_by_the_day(self) -> None:
        newer = small().model_copy(update={"version": "2", "valid_from": TODAY.replace(year=2027)})
        sets = Vocabularies([small(), newer])

        assert sets.find("small", TODAY) == small()
        assert sets.find("small", TODAY.replace(year=2028)) == newer
        assert sets.find("small@2", TODAY) == newer
        assert sets.find("small@3", TODAY) is None

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("codes.e1", "codes.s1", "named twice: s1"),
            ('["means"]', '["meens"]', "named and not there: meens"),
            ("child = ", "chield = ", "named and not there: chield"),
            ('"strong"', '"heavy"', "dimensions.means.codes.s1.weight"),
            ("set =", "set", "is no TOML"),
        ],
    )
    def test_that_are_none_say_why(self, old: str, new: str, said: str) -> None:
        with pytest.raises(DataError, match=said):
            parse_vocabulary("small.toml", SMALL.replace(old, new, 1))

    def test_of_one_name_are_refused(self) -> None:
        with pytest.raises(DataError, match="small@1"):
            Vocabularies([small(), small()])


class TestRecording:
    def test_advises_and_moves_nothing(self, file: File) -> None:
        file.say("identification_requested")
        codes = ("forced_labour", "earnings_taken", "purple_door")

        said = file.say("indicators_recorded", vocabulary="stafet_dimensions", codes=codes)

        assert said == ["indicators.recorded"]
        assert file.state("course") == "suspected"
        assert file.say("indicators_recorded", vocabulary="stafet_dimensions", codes=codes) == []

    def test_keeps_signs_of_a_set_that_nobody_has(self, file: File) -> None:
        assert file.say("indicators_recorded", vocabulary="oracle@1", codes=("raven",)) == [
            "indicators.recorded"
        ]

    def test_in_an_interview_that_is_not_known_is_refused(self, file: File) -> None:
        assert file.say("indicators_recorded", vocabulary="unodc", codes=("shows_fear",), subject="i-1") == [
            "step.refused indicators_recorded unknown_subject subject"
        ]
