"""What an operator records of consent through the console."""

import json
from typing import Any

import httpx
import pytest

from tests.fakes.vault import FakeVault
from tests.services.console.serving import AUTH

PLACE = "/cases/c-1/consents.json"
GIVEN: dict[str, Any] = {
    "statement": "given",
    "recipients": ["redcross"],
    "purposes": ["support"],
    "groups": ["health"],
    "until": "2999-01-01T00:00:00Z",
    "language": "vie",
    "interpreter": True,
    "how": "oral",
}


class TestRecord:
    async def test_hands_it_to_the_vault_and_says_what_changed(
        self, client: httpx.AsyncClient, vault: FakeVault
    ) -> None:
        answer = await client.post(PLACE, json=GIVEN)
        (order,) = vault.orders
        assert (answer.status_code, answer.json()) == (200, {"case": "c-1", "consents": ["consent-1"]})
        assert (order.agency, order.case, order.statement) == ("operator", "c-1", "given")
        assert (order.recipients, order.groups, order.interpreter) == (("redcross",), ("health",), True)
        assert order.message

    async def test_withdraws_by_the_same_way(self, client: httpx.AsyncClient, vault: FakeVault) -> None:
        answer = await client.post(PLACE, json={"statement": "withdrawn"})
        assert (answer.status_code, vault.orders[0].statement) == (200, "withdrawn")

    async def test_a_request_sent_again_is_the_same_message(
        self, client: httpx.AsyncClient, vault: FakeVault
    ) -> None:
        for _ in range(2):
            await client.post(PLACE, json=GIVEN, headers={"Idempotency-Key": "desk-7"})
        assert [each.message for each in vault.orders] == ["desk-7", "desk-7"]

    async def test_a_refusal_names_the_field(self, client: httpx.AsyncClient, vault: FakeVault) -> None:
        vault.refuse = ("until", "in the past")
        answer = await client.post(PLACE, json=GIVEN)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        assert answer.json()["errors"] == [{"pointer": "#/until", "detail": "in the past"}]

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({**GIVEN, "Zorabelle": 1}, ["#/"]),
            ({**GIVEN, "groups": "Zorabelle"}, ["#/groups"]),
            ({**GIVEN, "until": "2999-01-01T00:00:00"}, ["#/until"]),
            ({}, ["#/statement"]),
            ({**GIVEN, "law": "x" * 301}, ["#/law"]),
        ],
    )
    async def test_a_malformed_body_is_named_by_our_fields_only(
        self, client: httpx.AsyncClient, vault: FakeVault, body: dict[str, Any], pointers: list[str]
    ) -> None:
        answer = await client.post(PLACE, json=body)
        assert answer.status_code == 422
        assert [each["pointer"] for each in answer.json()["errors"]] == pointers
        assert "Zorabelle" not in answer.text
        assert vault.orders == []

    @pytest.mark.parametrize(
        "kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""]
    )
    async def test_what_a_form_of_another_site_could_send_is_refused(
        self, client: httpx.AsyncClient, vault: FakeVault, kind: str
    ) -> None:
        answer = await client.post(PLACE, content=json.dumps(GIVEN), headers={"content-type": kind})
        assert (answer.status_code, vault.orders) == (415, [])

    async def test_too_much_is_refused(self, client: httpx.AsyncClient, vault: FakeVault) -> None:
        answer = await client.post(PLACE, json={**GIVEN, "law": "x" * 16_000})
        assert (answer.status_code, vault.orders) == (413, [])

    async def test_a_vault_that_is_away_says_that_nothing_was_recorded(
        self, client: httpx.AsyncClient, vault: FakeVault
    ) -> None:
        vault.closed = True
        answer = await client.post(PLACE, json=GIVEN)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "Nothing was recorded" in answer.json()["detail"]

    async def test_nobody_but_the_operator_may(self, stranger: httpx.AsyncClient) -> None:
        answer = await stranger.post(PLACE, json=GIVEN)
        assert answer.status_code == 401
        answer = await stranger.post(PLACE, json=GIVEN, auth=(AUTH[0], "wrong password"))
        assert answer.status_code == 401

    async def test_a_console_without_a_vault_says_what_to_do(self, visitor: httpx.AsyncClient) -> None:
        answer = await visitor.post(PLACE, json=GIVEN)
        assert (answer.status_code, "stafet consent" in answer.json()["detail"]) == (503, True)
