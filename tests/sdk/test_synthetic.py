"""Profiles are the source's, people are nobody, and the seed decides."""

from collections import Counter
from datetime import date

import pytest

from stafet_sdk.synthetic import people, profiles
from stafet_sdk.synthetic.people import AGES_ON
from stafet_sdk.synthetic.profiles import all_profiles

BANDS = ["0-8", "9-17", "18-20", "21-23", "24-26", "27-29", "30-38", "39-47", "48+"]


class TestProfiles:
    def test_there_are_more_than_six_hundred_of_every_band(self) -> None:
        assert len(all_profiles()) == 622
        assert {profile.age_band for profile in all_profiles()} == set(BANDS)
        assert {profile.source for profile in all_profiles()} == {"Hotline", "Case Management"}

    def test_the_seed_decides_and_every_profile_comes_before_one_comes_again(self) -> None:
        assert profiles(1, 50) == profiles(1, 50)
        assert profiles(1, 50) != profiles(2, 50)
        assert Counter(profiles(1, 622)) == Counter(all_profiles())
        assert profiles(1, 623)[622] == profiles(1, 623)[0]


class TestPeople:
    def test_the_same_seed_makes_the_same_people(self) -> None:
        assert people(1, BANDS) == people(1, BANDS)
        assert people(1, BANDS) != people(2, BANDS)

    def test_no_value_is_shared_or_short(self) -> None:
        made = people(1, BANDS * 60)
        values = [value for person in made for value in person.values() if value != person.birth_date]
        assert len(set(values)) == len(values)
        assert min(len(value) for value in values) >= 10

    @pytest.mark.parametrize("band", BANDS)
    def test_ages_fit_their_band(self, band: str) -> None:
        low, _, high = band.removesuffix("+").partition("-")
        for person in people(1, [band] * 200):
            born = date.fromisoformat(person.birth_date)
            age = AGES_ON.year - born.year - ((AGES_ON.month, AGES_ON.day) < (born.month, born.day))
            assert int(low) <= age <= int(high or 70)

    def test_a_person_is_not_shown(self) -> None:
        (person,) = people(1, ["18-20"])
        assert not [value for value in person.values() if value in repr(person)]
        assert person.phrase in person.text
        assert person.person_number.startswith(f"{date.fromisoformat(person.birth_date):%d%m%y}-")
        assert person.email.endswith(".example")
