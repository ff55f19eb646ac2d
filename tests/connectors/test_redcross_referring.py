"""A referral in HTCDS names: read as its sender meant it, and named where it is wrong."""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet_connectors.redcross import connector, mapping, referring
from stafet_connectors.redcross.samples import GOLDEN, PARTNER, samples
from stafet_connectors.redcross.simulator_referrals import data_of
from stafet_schemas.groups import Group
from stafet_sdk.certification.golden import show_draft
from stafet_sdk.draft import ReferralDraft, Release
from stafet_sdk.errors import MappingError
from stafet_sdk.synthetic import people, profiles

BARE: mapping.Data = {
    mapping.REFERENCE: "RK-1",
    referring.RECEIVER: "police",
    "stafet_service": "protection",
}


SUBMITTED: dict[str, object] = json.loads((GOLDEN / "submitted.message.json").read_text("utf-8"))["data"]
"""A referral with every field."""
NEEDED = (*referring.REQUIRED, *referring.OF_CONSENT)
PAGE = (Path(__file__).parents[2] / "docs/how-to/connect-redcross.md").read_text("utf-8")


def without(name: str) -> dict[str, object]:
    return {each: value for each, value in SUBMITTED.items() if each != name}


def problems_of(data: mapping.Data) -> list[tuple[str, str]]:
    with pytest.raises(MappingError) as caught:
        referring.to_referral(data)
    return list(caught.value.problems)


def problems(**changed: object) -> list[tuple[str, str]]:
    return problems_of(BARE | changed)


class TestGolden:
    @pytest.mark.parametrize("name", ["submitted", "submitted_bare"])
    def test_is_read_as_recorded(self, name: str) -> None:
        draft = connector.to_hub((GOLDEN / f"{name}.message.json").read_bytes(), PARTNER)
        assert show_draft(draft) == json.loads((GOLDEN / f"{name}.draft.json").read_text("utf-8"))


class TestProblems:
    def test_all_that_is_missing_is_named_at_once(self) -> None:
        with pytest.raises(MappingError) as caught:
            referring.to_referral({})
        assert caught.value.problems == tuple((f"data.{name}", "missing") for name in referring.REQUIRED)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            (mapping.REFERENCE, "Maria Hansen"),
            (referring.RECEIVER, "The police"),
            ("stafet_service", 7),
            ("stafet_priority", "very urgent"),
            ("stafet_risk", "yes"),
            ("prs_PrimaryLanguage", "Vietnamese"),
            ("prs_Birthdate", "1999-02-30"),
            ("prs_Citizenship", ["Vietnam"]),
            ("prs_IdentityNumber", "28-02-99"),
            ("prs_Email", "no address"),
            ("prs_FirstName", "\t\n"),
            ("prs_Gender", ["Feminine", 1]),
            ("vic_TypeOfExploitation", [["SexualExploitation"]]),
            ("vic_MethodsOfControl", ["a b"]),
            ("stafet_statistics_year", True),
            ("cas_OutgoingReferralDetails", "x" * 12_001),
            (referring.CONSENT, "yes"),
        ],
    )
    def test_a_value_of_no_use_is_named_by_its_field_and_not_shown(self, field: str, value: object) -> None:
        found = problems(**{field: value})
        assert [name for name, _ in found] == [f"data.{field}"]
        assert str(value) not in str(found)

    def test_consent_says_for_what(self) -> None:
        assert problems(con_Consent=True) == [
            ("data.stafet_consent_purposes", "missing"),
            ("data.stafet_consent_groups", "missing"),
            ("data.stafet_consent_language", "missing"),
            ("data.stafet_consent_how", "missing"),
        ]

    @pytest.mark.parametrize("name", NEEDED)
    def test_each_field_that_must_be_there_is_named_by_the_page_and_where_it_is_not(self, name: str) -> None:
        assert problems_of(without(name)) == [(f"data.{name}", "missing")]
        assert f"`{name}`" in PAGE.partition("## Referring")[2].partition("## Try it")[0]

    @pytest.mark.parametrize("name", sorted(SUBMITTED.keys() - NEEDED))
    def test_each_other_field_may_be_left_out(self, name: str) -> None:
        draft = referring.to_referral(without(name))
        assert draft.reference == SUBMITTED[mapping.REFERENCE]
        assert bool(draft.consents) == (name != referring.CONSENT)

    def test_left_to_the_hub_consent_says_who_may_have_it(self) -> None:
        chosen = SUBMITTED | {referring.RECEIVER: "hub"}
        assert problems_of(chosen) == [("data.stafet_consent_recipients", "missing")]

        draft = referring.to_referral(chosen | {"stafet_consent_recipients": ["shelter", "police"]})
        assert (draft.receiver, draft.consents[0].recipients) == ("hub", ("shelter", "police"))

    @pytest.mark.parametrize("how", ["by telephone", "telephone", 1])
    def test_how_it_was_given_is_said_in_a_known_word(self, how: object) -> None:
        problem = "none of oral, written, unknown"
        assert problems_of(SUBMITTED | {"stafet_consent_how": how}) == [("data.stafet_consent_how", problem)]


class TestCodes:
    @pytest.mark.parametrize(
        ("number", "meant"),
        [
            ("2802991234", {"person_number": "280299-1234"}),
            ("280299-1234", {"person_number": "280299-1234"}),
            ("0703921VJ4", {"identifiers": ["replacement_cpr|070392-1VJ4|temporary||"]}),
        ],
    )
    def test_a_person_number_is_never_refused_by_its_check_digit_or_its_letters(
        self, number: str, meant: object
    ) -> None:
        draft = referring.to_referral(BARE | {"prs_IdentityNumber": number})
        assert draft.values[Group.IDENTITY] == meant

    def test_other_numbers_come_with_their_scheme(self) -> None:
        number = {"scheme": "foreigner_number", "value": "12345", "use": "official"}
        draft = referring.to_referral(BARE | {mapping.IDENTITY_NUMBERS: [number]})
        assert draft.values[Group.IDENTITY]["identifiers"] == ["foreigner_number|12345|official||"]
        assert problems(**{mapping.IDENTITY_NUMBERS: [{"scheme": "cpr", "value": "x"}]}) == [
            (f"data.{mapping.IDENTITY_NUMBERS}", "not of the form DDMMYY-SSSS")
        ]

    def test_our_code_says_more_than_the_picklists_value_for_all_others(self) -> None:
        data = {"vic_TypeOfExploitation": ["ForcedBegging", "Other"], "stafet_types": ["slavery_like"]}
        draft = referring.to_referral(BARE | data)
        assert draft.values[Group.EXPLOITATION]["types"] == ["begging", "slavery_like"]

    def test_a_picklist_value_without_an_equal_is_other_and_an_unknown_one_unknown(self) -> None:
        data = {"vic_TypeOfExploitation": ["Surrogacy"], "prs_Gender": "NonSpecifiedUnknown"}
        draft = referring.to_referral(BARE | data)
        assert draft.values[Group.EXPLOITATION]["types"] == ["other"]
        assert draft.values[Group.ROUTING]["sex"] == "unknown"

    def test_a_code_that_no_list_has_is_kept(self) -> None:
        draft = referring.to_referral(BARE | {"stafet_service": "dental_care"})
        assert draft.values[Group.ROUTING]["service"] == "dental_care"

    def test_a_name_that_nobody_knows_changes_nothing(self) -> None:
        assert referring.to_referral(BARE | {"cas_Mood": "x", "Maria Hansen": 1}) == referring.to_referral(
            BARE
        )


class TestBothWays:
    @given(seed=st.integers(0, 10_000))
    def test_what_is_submitted_comes_back_as_it_was_when_it_is_sent(self, seed: int) -> None:
        draft = drawn(seed)
        release = replace(bare_release(), values=draft.values)
        again = referring.to_referral(mapping.to_data(release) | BARE | _service(draft))
        assert again.values == draft.values

    def test_the_samples_draw_what_the_mapping_reads(self) -> None:
        for number in range(200):
            body, meant = samples.drawn(random.Random(number))
            assert connector.to_hub(body, PARTNER) == meant


def drawn(seed: int) -> ReferralDraft:
    """Read a referral of the simulator's."""
    (profile,) = profiles(seed, 1)
    (person,) = people(seed, [profile.age_band])
    return referring.to_referral(data_of(f"RK-{seed}", person, profile))


def bare_release() -> Release:
    return Release(
        disclosure="d", delivery="e", recipient="redcross", sender="redcross", part="content",
        purpose="support", referral="r", placer="p", policy="1",
    )  # fmt: skip


def _service(draft: ReferralDraft) -> mapping.Data:
    return {"stafet_service": draft.values[Group.ROUTING]["service"]}
