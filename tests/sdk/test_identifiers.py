"""Identifiers: real numbers are never refused, others by field and problem, and no value shows anywhere."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet_sdk.errors import MappingError
from stafet_sdk.identifiers import (
    AGENCY,
    CPR,
    CVR,
    FOREIGNER,
    P_NUMBER,
    REPLACEMENT,
    Identifier,
    fields_of,
    identifier,
    identifiers_of,
    parts_of,
    person_number,
    settled,
    written,
)

TODAY = date(2026, 11, 25)


def problem(scheme: str, value: str) -> tuple[str, str]:
    """Say what is wrong with an identifier; the error must not hold it."""
    with pytest.raises(MappingError) as caught:
        identifier(scheme, value, "Nummer")
    assert value not in f"{caught.value!r} {caught.value}"
    return caught.value.problems[0]


class TestPersonNumber:
    @pytest.mark.parametrize("text", ["010165-1234", "0101651234", "010165 1234", " 010165-1234 "])
    def test_is_written_one_way(self, text: str) -> None:
        assert person_number(text, "x", TODAY) == Identifier(CPR, "010165-1234")

    def test_without_a_check_digit_is_as_good(self) -> None:
        # Modulus 11 holds for one serial in eleven or so: all of a day are taken.
        taken = [person_number(f"010108-{serial}", "x", TODAY) for serial in range(4000, 4100)]
        assert {each.use for each in taken} == {"official"}

    @pytest.mark.parametrize(
        ("number", "refused"),
        [
            ("290200-0333", True),  # 1900 was no leap year
            ("290200-4333", False),  # 2000 was one
            ("290200-5333", False),
            ("290236-4333", True),  # 2036, a leap year, but to come
            ("290236-3333", False),  # 1936
            ("010137-4333", False),  # 1937
            ("010157-5333", True),  # 2057, to come
            ("010158-5333", False),  # 1858
            ("311126-4333", True),  # not a day
            ("301126-4333", True),  # five days ahead
            ("251126-4333", False),  # today
        ],
    )
    def test_its_date_is_of_the_century_its_serial_says(self, number: str, *, refused: bool) -> None:
        if refused:
            with pytest.raises(MappingError):
                person_number(number, "x", TODAY)
        else:
            assert person_number(number, "x", TODAY).scheme == CPR

    @pytest.mark.parametrize("text", ["070392-1VJ4", "0703921vj4"])
    def test_with_letters_it_replaces_one(self, text: str) -> None:
        assert person_number(text, "x") == Identifier(REPLACEMENT, "070392-1VJ4", "temporary")

    def test_an_administrative_number_replaces_one(self) -> None:
        assert person_number("610165-1234", "x").use == "temporary"

    @pytest.mark.parametrize("text", ["0000000000", "010165-0000"])
    def test_a_fictive_one_is_of_somebody_anonymous(self, text: str) -> None:
        assert person_number(text, "x").use == "anonymous"

    @pytest.mark.parametrize("text", ["01016-1234", "010165-12345", "ukendt", "010165/1234", "01o165-1234"])
    def test_another_text_is_refused(self, text: str) -> None:
        assert problem(CPR, text) == ("Nummer", "not of the form DDMMYY-SSSS")

    @given(born=st.dates(date(1900, 1, 1), date(1999, 12, 31)), serial=st.integers(1, 3999))
    def test_every_number_of_the_last_century_is_taken(self, born: date, serial: int) -> None:
        assert person_number(f"{born:%d%m%y}{serial:04}", "x", TODAY).use == "official"


class TestOtherSchemes:
    def test_a_cvr_number_has_a_check_digit(self) -> None:
        assert identifier(CVR, "13585628", "x").value == "13585628"
        assert problem(CVR, "13585629") == ("Nummer", "wrong check digit")
        assert problem(CVR, "1358562") == ("Nummer", "not of 8 digits")

    def test_a_p_number_has_ten_digits(self) -> None:
        assert identifier(P_NUMBER, "1003388394", "x").use == "official"
        assert problem(P_NUMBER, "100338839") == ("Nummer", "not of 10 digits")

    def test_a_foreigner_number_is_one_word(self) -> None:
        assert identifier(FOREIGNER, "AS-1203456", "x").value == "AS-1203456"
        assert problem(FOREIGNER, "hun hedder Gaxipypuno") == ("Nummer", "not a foreigner number")

    def test_a_scheme_that_is_not_known_is_kept(self) -> None:
        assert identifier("passport", "X1234567", "x").scheme == "passport"

    def test_a_period_does_not_end_before_it_begins(self) -> None:
        with pytest.raises(MappingError, match="ends before it begins"):
            identifier(CPR, "010165-1234", "x", valid_from=TODAY, valid_to=date(2026, 1, 1))

    def test_another_use_is_refused(self) -> None:
        with pytest.raises(MappingError, match="unknown use"):
            identifier(CPR, "010165-1234", "x", use="borrowed")

    def test_no_value_shows(self) -> None:
        assert "010165" not in repr(person_number("010165-1234", "x"))


class TestInADraft:
    def test_an_official_number_is_the_person_number(self) -> None:
        assert fields_of(person_number("0101651234", "x"))["person_number"] == "010165-1234"

    def test_all_are_read_again_as_they_were(self) -> None:
        found = (
            person_number("010165-1234", "x"),
            identifier(CPR, "010165-1235", "x", use="old", valid_to=TODAY),
            identifier(FOREIGNER, "AS-1", "x", valid_from=TODAY),
            person_number("070392-1VJ4", "x"),
        )
        assert identifiers_of(fields_of(*found)) == found

    def test_a_second_official_number_is_listed(self) -> None:
        found = (person_number("010165-1234", "x"), person_number("010165-1235", "x"))
        assert identifiers_of(fields_of(*found)) == found

    def test_an_own_number_of_an_agency_is_not_told(self) -> None:
        assert set(fields_of(identifier(AGENCY, "K-1", "x")).values()) == {None}

    @pytest.mark.parametrize("text", ["cpr", "cpr|010165-1234|official|nu|", "cpr|Gaxi|official||"])
    def test_an_unreadable_one_is_named_without_it(self, text: str) -> None:
        with pytest.raises(MappingError) as caught:
            identifiers_of({"identifiers": [text]})
        assert caught.value.problems[0][0] == "identifiers"
        assert text not in str(caught.value)

    def test_what_is_no_official_number_moves_to_the_list(self) -> None:
        listed = fields_of(identifier(FOREIGNER, "AS-1", "x"))
        given = {**listed, "first_name": "Zora", "person_number": "0703921VJ4"}
        assert settled(given, "Personnummer", TODAY) == {
            "first_name": "Zora",
            "person_number": None,
            "identifiers": [
                "replacement_cpr|070392-1VJ4|temporary||",
                "foreigner_number|AS-1|official||",
            ],
        }

    def test_its_parts_have_names(self) -> None:
        text = written(identifier(FOREIGNER, "AS-1", "x", valid_from=TODAY))
        assert parts_of(text) == {
            "scheme": "foreigner_number",
            "value": "AS-1",
            "use": "official",
            "from": "2026-11-25",
        }
