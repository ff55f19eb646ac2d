"""Drawn releases and drawn persons: all that was released is said and nothing else; what is said is read."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet_connectors.immigration import connector
from stafet_connectors.immigration.codes import SEXES
from stafet_connectors.immigration.fields import FIELDS, PLACES
from stafet_connectors.immigration.samples import other_item, partner, release
from stafet_schemas.groups import Group
from stafet_sdk.certification.samples import NOW
from stafet_sdk.draft import ReferralDraft, Value
from stafet_sdk.errors import MappingError

CODES = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
TEXTS = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=40
).filter(lambda text: bool(text.strip()))
DAYS = st.dates().map(lambda day: day.isoformat())
RELEASED: Mapping[Group, tuple[str, ...]] = {
    Group.ROUTING: ("service", "priority", "age_group", "sex", "language", "interpreter", "risk"),
    Group.RESIDENCE: ("status", "asylum"),
    Group.EXPLOITATION: ("types", "control", "indicators"),
    Group.IDENTITY: ("first_name", "last_name", "alias", "birth_date", "nationality", "person_number"),
    Group.CONTACT: ("phone", "email", "address", "workplace"),
    Group.NARRATIVE: ("text",),
    Group.HEALTH: ("care_needs", "treatment"),
    Group.CHILD: ("representative", "age_band"),
    Group.SUPPORT: ("period_start", "period_end"),
}
VALUES = st.one_of(st.booleans(), TEXTS, st.lists(TEXTS, min_size=1, max_size=3))
RELEASES = st.fixed_dictionaries(
    {},
    optional={
        group: st.fixed_dictionaries({}, optional=dict.fromkeys(names, VALUES))
        for group, names in RELEASED.items()
    },
)
SHAPES: Mapping[str, st.SearchStrategy[Value]] = {
    "interpreter": st.booleans(),
    "risk": st.booleans(),
    "safe_contact": st.booleans(),
    "types": st.lists(CODES, min_size=1, max_size=4),
    "sex": st.sampled_from(sorted(SEXES)),
    "language": st.from_regex(r"[a-z]{3}", fullmatch=True),
    "birth_date": DAYS,
    "period_start": DAYS,
    "period_end": DAYS,
    "nationality": st.from_regex(r"[A-Z]{2,3}", fullmatch=True),
    **dict.fromkeys(("first_name", "last_name", "alias", "phone", "email", "address", "text"), TEXTS),
}
DRAWN = [each for each in FIELDS if each.name not in {"person_number", "identifiers"}]
PERSONS = st.fixed_dictionaries(
    {each.path: SHAPES.get(each.name, CODES) for each in DRAWN if each.required},
    optional={each.path: SHAPES.get(each.name, CODES) for each in DRAWN if not each.required},
)


def leaves(said: object) -> list[object]:
    """List the values of a body; a list is one value."""
    if isinstance(said, dict):
        return [leaf for value in cast("dict[str, object]", said).values() for leaf in leaves(value)]
    return [said]


class TestReleases:
    @given(RELEASES)
    def test_every_released_value_is_said_once_and_nothing_else(
        self, values: Mapping[Group, Mapping[str, Value]]
    ) -> None:
        bare = replace(release("content"), values={})
        frame = leaves(json.loads(connector.from_hub(bare, partner(), NOW).body))
        said = leaves(json.loads(connector.from_hub(replace(bare, values=values), partner(), NOW).body))
        wanted: list[Value] = []
        for group, fields in values.items():
            for name, value in fields.items():
                place = PLACES.get((group, name))
                back = {} if place is None else {ours: word for word, ours in place.codes.items()}
                wanted.append(back.get(value, value) if isinstance(value, str) else value)
        assert sorted(map(repr, said)) == sorted(map(repr, [*frame, *wanted]))


class TestPersons:
    @given(PERSONS)
    def test_every_field_is_read_to_its_place(self, person: Mapping[str, Value]) -> None:
        changes = {f"data__{path.replace('.', '__')}": value for path, value in person.items()}
        draft = connector.to_hub(other_item("suspected_minimal", **changes), partner())
        assert isinstance(draft, ReferralDraft)
        for each in DRAWN:
            value = person.get(each.path)
            wanted = each.codes.get(value, value) if isinstance(value, str) else value
            assert draft.values.get(each.group, {}).get(each.name) == wanted

    @given(st.binary(max_size=200))
    def test_bytes_that_mean_nothing_are_a_problem_not_a_bug(self, body: bytes) -> None:
        with pytest.raises(MappingError):
            connector.to_hub(body, partner())

    @pytest.mark.parametrize(
        ("number", "stands"),
        [
            ("1509110333", {"person_number": "150911-0333"}),
            ("010107-9995", {"person_number": "010107-9995"}),
            ("150911-0000", {"identifiers": ["cpr|150911-0000|anonymous||"]}),
            ("0703921VJ4", {"identifiers": ["replacement_cpr|070392-1VJ4|temporary||"]}),
        ],
    )
    def test_no_number_is_refused_for_its_check_digit(self, number: str, stands: Mapping[str, Value]) -> None:
        draft = connector.to_hub(
            other_item("suspected_minimal", data__civilregistrationIdentifier=number), partner()
        )
        assert isinstance(draft, ReferralDraft)
        assert draft.values[Group.IDENTITY] == stands
