import re

import pytest

from stafet_schemas import codes
from stafet_schemas.codec import data_class
from stafet_schemas.codes import CODE_LISTS, UNKNOWN, CodeList
from stafet_schemas.delivery import DeliverySent

LISTS = list(CODE_LISTS.values())


class TestCodeLists:
    def test_names_are_unique_and_every_list_is_registered(self) -> None:
        defined = [each for each in vars(codes).values() if isinstance(each, CodeList)]

        assert sorted(each.name for each in defined) == sorted(CODE_LISTS)

    @pytest.mark.parametrize("each", LISTS, ids=CODE_LISTS)
    def test_unknown_belongs_to_each_without_being_listed(self, each: CodeList) -> None:
        assert each.known(UNKNOWN)
        assert UNKNOWN not in each.codes

    @pytest.mark.parametrize("each", LISTS, ids=CODE_LISTS)
    def test_codes_are_words_in_snake_case(self, each: CodeList) -> None:
        assert each.codes
        assert [code for code in each.codes if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", code)] == []

    @pytest.mark.parametrize("each", LISTS, ids=CODE_LISTS)
    def test_each_has_a_version_and_a_source(self, each: CodeList) -> None:
        assert re.fullmatch(r"[1-9][0-9]*", each.version)
        assert each.source

    @pytest.mark.parametrize("each", LISTS, ids=CODE_LISTS)
    def test_another_code_is_not_known(self, each: CodeList) -> None:
        assert not each.known("no_such_code")


class TestRungs:
    def test_the_ladder_has_a_rung_for_each_answer_of_an_agency(self) -> None:
        assert {"accepted", "rejected", "in_progress", "completed"} <= codes.RUNGS.codes

    def test_a_delivery_may_name_no_rung(self) -> None:
        assert not data_class(DeliverySent).model_fields["rung"].is_required()
