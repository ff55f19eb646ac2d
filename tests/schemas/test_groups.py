"""No event carries a value of a person: every field, nested too, says its group, and none is the vault's."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel

from stafet_schemas.case import CaseEvent
from stafet_schemas.codes import CODE_LISTS
from stafet_schemas.event import CaseData, Event
from stafet_schemas.groups import CODED, ROUTING, VAULT_ONLY, Group, mark
from stafet_schemas.registry import EVENTS
from tests.guards.rules.groups import group_problems
from tests.schemas.stored import STORED


class Person(BaseModel):
    name: Annotated[str, mark(Group.IDENTITY)]
    nickname: str


class LeakyData(CaseData):
    people: Annotated[tuple[Person, ...], ROUTING]
    first: Annotated[Person | None, ROUTING] = None
    free: Annotated[dict[str, str], ROUTING]
    strange: Annotated[str, mark(Group.ROUTING)]
    unmarked: int


class Leaked(CaseEvent):
    """A violation of every rule."""

    # pyright does not see in `model_config` that events are frozen (see pyrightconfig.json).
    type: Literal["dk.cmm.stafet.case.leaked.v1"] = "dk.cmm.stafet.case.leaked.v1"  # pyright: ignore[reportIncompatibleVariableOverride]
    data: LeakyData  # pyright: ignore[reportIncompatibleVariableOverride] - the same


class TestGroups:
    def test_split_into_coded_and_vault_only(self) -> None:
        assert {*CODED, *VAULT_ONLY} == set(Group)
        assert CODED.isdisjoint(VAULT_ONLY)


class TestEventFields:
    @pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
    def test_all_carry_a_coded_group(self, event: type[Event]) -> None:
        assert group_problems(event) == []

    @pytest.mark.parametrize("name", STORED)
    def test_stored_schemas_keep_the_marks(self, name: str) -> None:
        fields = STORED[name]["properties"]["data"]["properties"]

        assert [field for field, schema in fields.items() if schema.get("x-group") not in CODED] == []
        assert {schema["x-codelist"] for schema in fields.values() if "x-codelist" in schema} <= set(
            CODE_LISTS
        )


class TestTheRuleItself:
    def test_catches_nested_unmarked_and_free_fields(self) -> None:
        assert group_problems(Leaked) == [
            "Leaked.people.name: belongs to the vault alone (identity); events carry references",
            "Leaked.people.nickname: carries no group; mark it as in stafet_schemas/groups.py",
            "Leaked.first.name: belongs to the vault alone (identity); events carry references",
            "Leaked.first.nickname: carries no group; mark it as in stafet_schemas/groups.py",
            "Leaked.free: a mapping with free keys cannot be marked field by field",
            "Leaked.unmarked: carries no group; mark it as in stafet_schemas/groups.py",
        ]
