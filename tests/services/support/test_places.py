"""Who has places for whom, without a word about anybody."""

from stafet_schemas.codec import data_class
from stafet_schemas.groups import GROUP_KEYWORD, Group
from stafet_schemas.support import CapacityAnswered, CapacityQueried
from tests.services.support.samples import NOON, Desk, capacity, query

PLAIN = {"query", "agency", "at", "service", "accepts", "persons", "units", "free"}


class TestAnswer:
    async def test_names_the_units_that_fit_by_their_newest_reports(self, desk: Desk) -> None:
        await desk.take(
            capacity("a", 2, "female", "child", "family"),
            capacity("b", 0, "female", "child"),
            capacity("c", 4, "male", "child"),
            capacity("d", 1, "female"),
            capacity("e", 5),
            capacity("f", 9, "female", "child", status="waitlist"),
            capacity("g", None, "female", "child"),
            capacity("h", 7, "female", "child", agency="hotel"),
        )

        assert await desk.take(query("female", "child", persons=2)) == ["capacity.answered accommodation"]
        told = await desk.last()
        assert (told["units"], told["free"], told["persons"]) == (("shelter/a", "shelter/g"), 2, 2)

    async def test_a_late_report_does_not_undo_a_newer_one(self, desk: Desk) -> None:
        await desk.take(capacity("a", 0, "male", hours=2), capacity("a", 5, "male", hours=1))
        await desk.take(capacity("a", 4, "male", hours=1), query("male"))

        assert (await desk.last())["units"] == ()

        await desk.take(capacity("a", 3, "male", hours=3), query("male"))
        assert (await desk.last())["free"] == 3

    async def test_of_a_service_that_no_unit_gives_names_none(self, desk: Desk) -> None:
        await desk.take(capacity("a", 2), query(service="health"))

        assert (await desk.last())["units"] == ()


class TestTheEvents:
    def test_have_no_field_that_could_hold_anything_of_a_person(self) -> None:
        fields = data_class(CapacityAnswered).model_json_schema()["properties"]

        assert set(fields) == PLAIN
        assert set(data_class(CapacityQueried).model_fields) == PLAIN - {"units", "free"}
        assert {each[GROUP_KEYWORD] for each in fields.values()} == {Group.ROUTING}
        assert (CapacityAnswered.key_field, CapacityAnswered.correlation_field) == ("agency", "query")

    def test_keep_nothing_that_is_said_beyond_them(self) -> None:
        asked = {"query": "q-1", "agency": "cmm", "at": NOON, "service": "accommodation"}

        data = data_class(CapacityQueried).model_validate({**asked, "case": "case-1", "name": "N"})

        assert set(data.model_dump()) == PLAIN - {"units", "free"}
