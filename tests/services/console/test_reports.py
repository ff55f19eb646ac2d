"""What an operator reports through the console, and what the services are told of it."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from stafet_runtime.database import Database
from stafet_schemas.steps import steps
from tests.fakes.clock import FakeClock
from tests.services.console.samples import closed, erased, unusable
from tests.services.console.serving import Record

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
CASE = closed(1, START).case
PLACE = f"/cases/{CASE}/steps"
ID = "019cae02-4c1a-7b3e-9d20-6f1f0c5a0003"
GRANTED: dict[str, Any] = {"step": "period_granted", "subject": ID, "until": "2026-12-24"}
OFFERED: dict[str, Any] = {"step": "interview_offered", "kind": "anonymous"}

Told = Callable[[], Awaitable[list[tuple[str, dict[str, Any]]]]]


@pytest.fixture
async def case(record: Record) -> str:
    """A case that the console knows."""
    await record(closed(1, START).events)
    return CASE


@pytest.fixture
def told(database: Database) -> Told:
    """Read what is to be published: topic and data."""

    async def read() -> list[tuple[str, dict[str, Any]]]:
        rows = await database.pool.fetch("select topic, key, value from outbox order by id")
        return [(row["topic"], {**json.loads(row["value"]), "key": row["key"].decode()}) for row in rows]

    return read


@pytest.mark.usefixtures("case")
class TestStep:
    async def test_is_told_with_its_receipt_for_the_coordinator_now(
        self, client: httpx.AsyncClient, told: Told, clock: FakeClock
    ) -> None:
        answer = await client.post(PLACE, json=GRANTED)
        [(topic, said)] = await told()
        assert (answer.status_code, answer.json()) == (202, {"receipt": said["message"], "again": False})
        assert (topic, said["key"], said["case"]) == ("stafet-step-v1", CASE, CASE)
        assert (said["agency"], said["step"], said["subject"]) == ("cmm", "period_granted", ID)
        assert (said["until"], said["starts"]) == ("2026-12-24", None)
        assert datetime.fromisoformat(said["at"]) == clock.now()

    async def test_is_told_for_another_agency_at_another_time(
        self, client: httpx.AsyncClient, told: Told
    ) -> None:
        more = {"agency": "cmm", "behalf": "municipality", "at": "2026-11-20T10:00:00+01:00"}
        assert (await client.post(PLACE, json=OFFERED | more)).status_code == 202
        [(_, said)] = await told()
        assert (said["behalf"], said["at"]) == ("municipality", "2026-11-20T10:00:00+01:00")

    async def test_sent_again_is_told_once(self, client: httpx.AsyncClient, told: Told) -> None:
        answers = [
            await client.post(PLACE, json=GRANTED, headers={"Idempotency-Key": "desk-7"}) for _ in range(3)
        ]
        [(_, said)] = await told()
        assert [each.json()["again"] for each in answers] == [False, True, True]
        assert {each.json()["receipt"] for each in answers} == {said["message"]}

    async def test_another_under_the_same_key_is_refused(self, client: httpx.AsyncClient, told: Told) -> None:
        await client.post(PLACE, json=GRANTED, headers={"Idempotency-Key": "desk-7"})
        for place, body in ((PLACE, OFFERED), ("/operations", {"expected": 3})):
            answer = await client.post(place, json=body, headers={"Idempotency-Key": "desk-7"})
            assert (answer.status_code, "key of its own" in answer.json()["detail"]) == (409, True)
        assert len(await told()) == 1

    async def test_without_a_key_two_are_two(self, client: httpx.AsyncClient, told: Told) -> None:
        for _ in range(2):
            await client.post(PLACE, json=OFFERED)
        assert len({said["message"] for _, said in await told()}) == 2

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({}, ["#/step"]),
            ({"step": "period_granted"}, ["#/subject"]),
            ({"step": "danced"}, ["#/step"]),
            ({**GRANTED, "party": "shelter"}, ["#/party"]),
            ({**GRANTED, "Zorabelle": 1}, ["#/"]),
            ({**GRANTED, "subject": "Zorabelle Quist"}, ["#/subject"]),
            ({**GRANTED, "until": "Zorabelle"}, ["#/until"]),
            ({**GRANTED, "until": "0001-01-01"}, ["#/until"]),
            ({**GRANTED, "until": 20261224}, ["#/until"]),
            ({"step": "case_closed", "reason": "Zorabelle is dead"}, ["#/reason"]),
            ({"step": "case_closed", "reason": "left\n"}, ["#/reason"]),
            ({"step": "need_assessed", "codes": ["health", "Zorabelle"]}, ["#/codes"]),
            ({"step": "need_assessed", "codes": ["a"] * 51}, ["#/codes"]),
            ({"step": "indicators_recorded", "codes": ["a"], "vocabulary": "Zorabelle"}, ["#/vocabulary"]),
            ({**GRANTED, "at": "2026-11-20T10:00:00"}, ["#/at"]),
            ({**GRANTED, "at": "0001-01-01T00:00:00+14:00"}, ["#/at"]),
            ({**GRANTED, "at": "2026-11-24T10:01:01Z"}, ["#/at"]),
        ],
    )
    async def test_that_cannot_stand_is_refused_by_its_fields(
        self, client: httpx.AsyncClient, told: Told, body: dict[str, Any], pointers: list[str]
    ) -> None:
        answer = await client.post(PLACE, json=body)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        assert [each["pointer"] for each in answer.json()["errors"]] == pointers
        assert "Zorabelle" not in answer.text
        assert await told() == []

    async def test_by_a_clock_a_minute_ahead_is_taken(
        self, client: httpx.AsyncClient, clock: FakeClock
    ) -> None:
        at = (clock.now() + timedelta(minutes=1)).isoformat()
        assert (await client.post(PLACE, json={**GRANTED, "at": at})).status_code == 202

    async def test_of_no_case_or_a_message_or_an_erased_one_is_refused(
        self, client: httpx.AsyncClient, record: Record, told: Told
    ) -> None:
        await record([*unusable(2, START).events, *erased(3, START).events])
        places = {"Zorabelle Quist": 404, "tx-2": 404, "%00": 404, erased(3, START).case: 410}
        for case, status in places.items():
            answer = await client.post(f"/cases/{case}/steps", json=GRANTED)
            assert (answer.status_code, "Zorabelle" in answer.text) == (status, False)
        assert await told() == []

    @pytest.mark.parametrize(
        "kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""]
    )
    async def test_that_a_form_of_another_site_could_send_is_refused(
        self, client: httpx.AsyncClient, told: Told, kind: str
    ) -> None:
        answer = await client.post(PLACE, content=json.dumps(GRANTED), headers={"content-type": kind})
        assert (answer.status_code, await told()) == (415, [])

    async def test_too_long_is_refused(self, client: httpx.AsyncClient, told: Told) -> None:
        answer = await client.post(PLACE, json={**GRANTED, "reason": "x" * 16_000})
        assert (answer.status_code, await told()) == (413, [])
        answer = await client.post(PLACE, json=GRANTED, headers={"Idempotency-Key": "k" * 201})
        assert (answer.status_code, await told()) == (400, [])

    async def test_of_every_kind_is_taken_with_what_it_needs(
        self, client: httpx.AsyncClient, told: Told
    ) -> None:
        values = {
            "codes": ["health"],
            "vocabulary": "ilo@2012",
            "starts": "2026-11-20",
            "until": "2026-12-20",
            "subject": ID,
        }
        for name, kind in steps().items():
            said = {field: values.get(field, "other") for field in kind.needs | kind.may}
            subject = {} if kind.begins or kind.subject == "case" else {"subject": ID}
            answer = await client.post(PLACE, json={"step": name, **said, **subject})
            assert answer.status_code == 202, (name, answer.text)
        assert [said["step"] for _, said in await told()] == list(steps())


class TestContact:
    async def test_begins_under_its_receipt(self, client: httpx.AsyncClient, told: Told) -> None:
        answer = await client.post(
            "/contacts", json={"venue": "hotline", "source": "colleague", "persons": 2}
        )
        [(topic, said)] = await told()
        assert (answer.status_code, topic, said["step"]) == (202, "stafet-contact-v1", "received")
        assert said["contact"] == said["message"] == said["key"] == answer.json()["receipt"]
        assert (said["venue"], said["persons"], said["consents"]) == ("hotline", 2, None)

    async def test_goes_on(self, client: httpx.AsyncClient, told: Told) -> None:
        begun = (await client.post("/contacts", json={"venue": "hotline"})).json()["receipt"]
        triaged = {"step": "triaged", "priority": "acute", "consents": False}
        assert (await client.post(f"/contacts/{begun}/steps", json=triaged)).status_code == 202
        said = (await told())[1][1]
        assert (said["contact"], said["step"], said["consents"]) == (begun, "triaged", False)
        assert said["message"] != begun

    @pytest.mark.parametrize(
        ("place", "body", "pointers"),
        [
            ("/contacts", {}, ["#/venue"]),
            ("/contacts", {"step": "closed"}, ["#/step"]),
            ("/contacts", {"venue": "hotline", "persons": 0}, ["#/persons"]),
            ("/contacts", {"venue": "hotline", "persons": True}, ["#/persons"]),
            ("/contacts", {"venue": "hotline", "consents": "yes"}, ["#/consents"]),
            ("/contacts", {"venue": "Zorabelle's flat"}, ["#/venue"]),
            (f"/contacts/{ID}/steps", {"venue": "hotline"}, ["#/step"]),
            (f"/contacts/{ID}/steps", {"step": "danced"}, ["#/step"]),
            (f"/contacts/{ID}/steps", {"step": "triaged"}, ["#/priority"]),
            (f"/contacts/{ID}/steps", {"step": "referred", "referral": "Zorabelle"}, ["#/referral"]),
        ],
    )
    async def test_that_cannot_stand_is_refused_by_its_fields(
        self, client: httpx.AsyncClient, told: Told, place: str, body: dict[str, Any], pointers: list[str]
    ) -> None:
        answer = await client.post(place, json=body)
        assert answer.status_code == 422
        assert [each["pointer"] for each in answer.json()["errors"]] == pointers
        assert "Zorabelle" not in answer.text
        assert await told() == []

    async def test_under_no_id_is_unknown(self, client: httpx.AsyncClient, told: Told) -> None:
        answer = await client.post("/contacts/Zorabelle/steps", json={"step": "closed"})
        assert (answer.status_code, "Zorabelle" in answer.text, await told()) == (404, False, [])


class TestOperationAndCapacity:
    async def test_are_told_under_their_receipts(self, client: httpx.AsyncClient, told: Told) -> None:
        raid = await client.post("/operations", json={"expected": 200, "agencies": ["redcross", "shelter"]})
        asked = await client.post(
            "/capacity-queries", json={"service": "accommodation", "accepts": ["female"], "agency": "police"}
        )
        [(first, operation), (second, query)] = await told()
        assert (first, operation["operation"], operation["expected"]) == (
            "stafet-referral-v1", raid.json()["receipt"], 200
        )  # fmt: skip
        assert (operation["agency"], operation["agencies"]) == ("cmm", ["redcross", "shelter"])
        assert (second, query["query"], query["agency"], query["persons"]) == (
            "stafet-support-v1", asked.json()["receipt"], "police", 1
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("place", "body", "pointer"),
        [
            ("/operations", {}, "#/expected"),
            ("/operations", {"expected": 10**9}, "#/expected"),
            ("/operations", {"expected": 3, "at": "2027-01-01T00:00:00Z"}, "#/at"),
            ("/capacity-queries", {}, "#/service"),
            ("/capacity-queries", {"service": "accommodation", "accepts": ["Zorabelle"]}, "#/accepts"),
        ],
    )
    async def test_that_cannot_stand_are_refused(
        self, client: httpx.AsyncClient, told: Told, place: str, body: dict[str, Any], pointer: str
    ) -> None:
        answer = await client.post(place, json=body)
        assert (answer.status_code, [each["pointer"] for each in answer.json()["errors"]]) == (422, [pointer])
        assert await told() == []


class TestNobody:
    @pytest.mark.parametrize("place", [PLACE, "/contacts", f"/contacts/{ID}/steps", "/operations"])
    async def test_but_the_operator_may(self, stranger: httpx.AsyncClient, place: str) -> None:
        answer = await stranger.post(place, json={"step": "closed"})
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")

    async def test_is_told_anything_while_the_database_is_away(self, visitor: httpx.AsyncClient) -> None:
        answer = await visitor.post("/contacts", json={"venue": "hotline"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.headers["content-type"] == "application/problem+json"
