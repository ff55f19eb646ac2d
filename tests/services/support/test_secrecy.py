"""Where a place is, stays in the shelter's system: no event, table or step of ours can hold an address."""

from datetime import date, datetime
from types import NoneType
from typing import get_args, get_origin

import pytest
from pydantic import AwareDatetime

from stafet.support.domain.telling import EVENTS
from stafet_runtime.database import Database
from stafet_schemas.codec import data_class
from stafet_schemas.event import EventData
from stafet_schemas.groups import GROUP_KEYWORD, Group
from stafet_schemas.step import StepRefusedData, StepReportedData
from stafet_schemas.support import CapacityAnsweredData, CapacityQueriedData, CapacityReportedData
from tests.services.support.samples import Desk, step

CAPACITY = {CapacityReportedData, CapacityQueriedData, CapacityAnsweredData}
SHAPES = {data_class(each) for each in EVENTS.values()} | CAPACITY | {StepReportedData, StepRefusedData}
CODES_AND_IDS = {
    "case", "agency", "message", "step", "subject", "behalf", "party", "service", "services", "kind",
    "reason", "channel", "vocabulary", "codes", "outcome", "residence", "law", "field", "stay", "provider",
    "episode", "plan", "notification", "receiver", "absence", "finder", "representation", "authority",
    "journey", "partner", "consent", "accepts", "unit", "units", "status", "query",
}  # fmt: skip
PLAIN = {str, int, bool, date, datetime, AwareDatetime, tuple, NoneType, Ellipsis}
GROUPS = {Group.ROUTING, Group.SUPPORT, Group.EXPLOITATION, Group.RESIDENCE}
ADDRESSES = ("Storegade 5, 9000 Aalborg", "57.0488, 9.9217", "Anna Hansen", "+45 12345678", "x" * 65)


class TestTheShapes:
    @pytest.mark.parametrize("shape", sorted(SHAPES, key=str), ids=str)
    def test_have_codes_ids_days_and_counts_and_no_other_word(self, shape: type[EventData]) -> None:
        words = set[str]()
        marks = shape.model_json_schema()["properties"]
        for name, field in shape.model_fields.items():
            assert marks[name][GROUP_KEYWORD] in GROUPS
            kinds = {get_origin(each) or each for each in get_args(field.annotation) or (field.annotation,)}
            assert kinds <= PLAIN
            if kinds & {str, tuple}:
                words.add(name)

        assert words <= CODES_AND_IDS


class TestTheTables:
    async def test_have_columns_for_codes_ids_days_and_counts(self, database: Database) -> None:
        rows = await database.pool.fetch(
            "select table_name, column_name from information_schema.columns "
            "where table_schema = current_schema() and table_name in ('things', 'units')"
        )

        assert {(row["table_name"], row["column_name"]) for row in rows} == {
            *(("things", name) for name in ("case_id", "kind", "id", "state", "facts")),
            *(("units", name) for name in ("agency", "unit", "status", "at", "free", "total", "accepts")),
        }


class TestWords:
    @pytest.mark.parametrize("words", ADDRESSES)
    async def test_in_the_place_of_a_code_are_refused_and_kept_nowhere(self, desk: Desk, words: str) -> None:
        await desk.take(step("accommodation_requested", party="shelter", message="s-1"))

        assert await desk.take(
            step("accommodation_left", "shelter", subject="s-1", reason=words),
            step("accommodation_left", "shelter", subject=words),
            step("accommodation_requested", party=words),
            step("need_assessed", codes=("female", words)),
            step("plan_agreed", "cmm", behalf=words),
            step("child_notification_sent", party="municipality", law=words),
        ) == [
            "step.refused accommodation_left impossible reason",
            "step.refused accommodation_left impossible subject",
            "step.refused accommodation_requested impossible party",
            "step.refused need_assessed impossible codes",
            "step.refused plan_agreed impossible behalf",
            "step.refused child_notification_sent impossible law",
        ]
        kept = await desk.database.pool.fetch("select value from outbox")
        kept += await desk.database.pool.fetch("select facts::text || id as value from things")
        assert words not in " ".join(
            row["value"] if isinstance(row["value"], str) else row["value"].decode() for row in kept
        )
