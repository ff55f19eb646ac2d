"""Crosswalks to HTCDS: both ways, unknown codes kept, and every loss said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet_schemas.codes import CODE_LISTS, UNKNOWN
from stafet_sdk.crosswalk import Crosswalk, Worded, crosswalks

NAMES = sorted(name for name, each in crosswalks().items() if each.field)
LABOUR = crosswalks()["labour"]
CONTROL = crosswalks()["control"]


class TestPairs:
    @pytest.mark.parametrize("name", NAMES)
    def test_every_code_is_on_our_list_of_that_name(self, name: str) -> None:
        crosswalk = crosswalks()[name]
        assert {*crosswalk.codes, *crosswalk.coarser} <= CODE_LISTS[name].codes
        assert crosswalk.coarser <= crosswalk.codes.keys()

    def test_handling_and_consent_have_their_place(self) -> None:
        for name, own in (("handling", "stafet_handling"), ("consent", "stafet_consent")):
            assert crosswalks()[name] == Crosswalk(own)
        assert crosswalks()["handling"].out(["h2"]) == Worded((), ("h2",))


class TestBothWays:
    @pytest.mark.parametrize("name", NAMES)
    @given(data=st.data())
    def test_nothing_is_lost_between_two_that_know_our_names(self, name: str, data: st.DataObject) -> None:
        known = st.sampled_from([*sorted(CODE_LISTS[name].codes), UNKNOWN, "code_of_tomorrow"])
        codes = data.draw(st.lists(known, unique=True, max_size=5))
        worded = crosswalks()[name].out(codes)
        assert sorted(crosswalks()[name].back(worded.values, worded.own)) == sorted(codes)

    @pytest.mark.parametrize("name", NAMES)
    def test_a_value_that_is_on_no_list_is_kept_as_it_came(self, name: str) -> None:
        assert crosswalks()[name].back(["Servitude2030"]) == ("Servitude2030",)

    def test_a_code_that_is_on_no_list_goes_as_the_rest_and_as_itself(self) -> None:
        assert CONTROL.out(["code_of_tomorrow"]) == Worded(("Other",), ("code_of_tomorrow",))

    def test_of_two_codes_with_one_value_both_go_along(self) -> None:
        assert CONTROL.out(["other", "threats"]) == Worded(("Other",), ("other", "threats"))

    def test_a_single_choice_says_all_of_two_in_our_words(self) -> None:
        assert LABOUR.out(["construction", "manufacturing"]) == Worded((), ("construction", "manufacturing"))


class TestLosses:
    def test_many_to_one_says_what_it_is_read_as(self) -> None:
        assert LABOUR.losses(["agriculture", "aquafarming"]) == (("aquafarming", "agriculture"),)

    def test_a_code_without_a_value_is_read_as_nothing(self) -> None:
        assert LABOUR.losses(["peddling"]) == (("peddling", ""),)

    def test_the_rest_is_read_as_other(self) -> None:
        assert CONTROL.losses(["threats", "physical"]) == (("threats", "other"),)

    @pytest.mark.parametrize("name", NAMES)
    def test_a_code_that_is_lost_alone_goes_along(self, name: str) -> None:
        for code, _ in crosswalks()[name].losses(sorted(CODE_LISTS[name].codes)):
            assert crosswalks()[name].out([code]).own == (code,)
