"""Release to HTCDS, field by field."""

from dataclasses import replace

import pytest

from stafet_connectors.redcross import mapping
from stafet_connectors.redcross.samples import release
from stafet_schemas.codes import CONTROL, EXPLOITATION, LABOUR, RECRUITER, SEXES, UNKNOWN
from stafet_schemas.groups import Group
from stafet_sdk.draft import Fields
from stafet_sdk.errors import NoWord

FIXED = {
    "cas_ReasonForOutgoingReferral",
    "cas_ReferredOrganisation",
    "cas_ReferringOrganisation",
    "stafet_person",
    "stafet_purpose",
    "stafet_referral",
}


def worded(group: Group, fields: Fields) -> dict[str, object]:
    """Word a content with one group, without what every message has."""
    data = mapping.to_data(replace(release("content"), values={group: fields}))
    return {name: value for name, value in data.items() if name not in FIXED}


class TestToData:
    def test_a_release_without_values_holds_what_routes_it_and_no_more(self) -> None:
        bare = mapping.to_data(replace(release("content"), values={}, person=None))
        assert bare.keys() == FIXED - {"stafet_person"}

    def test_what_is_empty_is_left_out(self) -> None:
        assert worded(Group.CONTACT, {"phone": None, "email": "a@example.org"}) == {
            "prs_Email": "a@example.org"
        }
        assert worded(Group.EXPLOITATION, {"types": None}) == {}
        assert worded(Group.EXPLOITATION, {"labour": []}) == {}

    def test_a_field_without_an_htcds_name_goes_by_ours(self) -> None:
        assert worded(Group.ROUTING, {"beds": 2}) == {"stafet_beds": 2}
        assert worded(Group.HEALTH, {"note": "x"}) == {"stafet_health_note": "x"}

    def test_several_nationalities_are_a_list(self) -> None:
        assert worded(Group.IDENTITY, {"nationality": ["VNM", "DNK"]}) == {"prs_Citizenship": ["VNM", "DNK"]}

    def test_another_part_is_a_bug(self) -> None:
        with pytest.raises(ValueError, match="gets the notice and the content"):
            mapping.to_data(replace(release("content"), part="rumour"))

    @pytest.mark.parametrize("part", sorted(mapping.RECALLS))
    def test_a_recall_with_values_is_a_bug(self, part: str) -> None:
        with pytest.raises(ValueError, match="no values"):
            mapping.to_data(replace(release(part), values={Group.CONTACT: {"phone": "1"}}))

    def test_a_status_says_which_answer_and_what_is_wrong_with_it(self) -> None:
        assert mapping.to_data(release("parse_rejected")) == {
            "stafet_message": "answer-rejected",
            "stafet_rung": "parse_rejected",
            "stafet_problems": [
                {"field": "data.stafet_reason", "problem": "malformed"},
                {"field": "data", "problem": "unknown"},
            ],
        }
        assert mapping.to_data(replace(release("refused"), referral=None)) == {
            "stafet_receipt": "0192f3a0-0000-7000-8000-0000000000aa",
            "stafet_rung": "rejected",
            "stafet_reason": "out_of_order",
        }

    @pytest.mark.parametrize("rung", ["queued", "sent", "parsed"])
    def test_a_rung_that_nobody_is_told_of_has_no_word(self, rung: str) -> None:
        with pytest.raises(NoWord):
            mapping.to_data(replace(release("refused"), rung=rung))

    def test_a_status_without_a_rung_is_a_bug(self) -> None:
        with pytest.raises(ValueError, match="gets a status by a rung"):
            mapping.to_data(replace(release("refused"), rung=None))

    def test_a_status_with_values_is_a_bug_and_shows_none(self) -> None:
        leaking = replace(release("refused"), values=release("content").values)
        with pytest.raises(ValueError, match="no values with it") as caught:
            mapping.to_data(leaking)
        assert "Zuzanna" not in str(caught.value)

    def test_a_notice_with_more_than_routing_facts_is_a_bug_and_names_groups_only(self) -> None:
        leaking = replace(release("notice"), values=release("content").values)
        with pytest.raises(
            ValueError, match="contact, exploitation, identity, narrative, residence"
        ) as caught:
            mapping.to_data(leaking)
        assert "Zuzanna" not in str(caught.value)


class TestCodes:
    @pytest.mark.parametrize(
        ("group", "name", "codes"),
        [
            (Group.EXPLOITATION, "types", EXPLOITATION.codes),
            (Group.EXPLOITATION, "control", CONTROL.codes),
            (Group.EXPLOITATION, "recruiter", RECRUITER.codes),
            (Group.EXPLOITATION, "labour", LABOUR.codes),
            (Group.ROUTING, "sex", SEXES.codes),
        ],
        ids=["types", "control", "recruiter", "labour", "sex"],
    )
    def test_every_code_keeps_its_meaning_in_htcds_or_in_our_field(
        self, group: Group, name: str, codes: frozenset[str]
    ) -> None:
        picklist = mapping.PICKLISTS[group, name]
        for code in (*codes, UNKNOWN, "code_of_tomorrow"):
            data = worded(group, {name: code})
            exact = code in picklist.codes
            assert exact or data[f"stafet_{name}"] == [code]
            assert not exact or picklist.field in data

    def test_forced_criminality_is_other_beside_our_code(self) -> None:
        data = worded(Group.EXPLOITATION, {"types": ["begging", "forced_criminality", "slavery_like"]})
        assert data["vic_TypeOfExploitation"] == ["ForcedBegging", "Other"]
        assert data["stafet_types"] == ["forced_criminality", "slavery_like"]

    def test_a_single_choice_that_would_have_to_say_two_things_is_ours_alone(self) -> None:
        data = worded(Group.EXPLOITATION, {"labour": ["construction", "manufacturing"]})
        assert "vic_ForcedLabourIndustry" not in data
        assert data["stafet_labour"] == ["construction", "manufacturing"]
