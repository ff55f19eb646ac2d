"""Asking an agency for what changed, over real sockets; links of its answers lead nowhere else."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from stafet_connectors.redcross import connector as redcross
from stafet_sdk.contract import Partner
from stafet_sdk.errors import ContractBroken, Retriable
from stafet_sdk.polling import HttpPoll, polling
from stafet_sdk.transport import MAX_PAGE_BYTES, HttpPush
from tests.fakes.partner_server import LOOPBACK, PartnerServer, Script, answers, partner_server
from tests.fakes.polled import PolledConnector


def page(*items: str, **more: object) -> Script:
    """Answer with a page."""
    said = {"items": items, **more}
    return answers("200 OK", "content-type: application/json\r\n", json.dumps(said).encode())


@asynccontextmanager
async def polled(script: Script) -> AsyncGenerator[tuple[HttpPoll, PartnerServer]]:
    """Serve an agency; yields what asks it."""
    async with partner_server(script) as server, HttpPush(server.trust, deadline_s=5) as push:
        partner = Partner("immigration", server.url, {}, {}, networks=LOOPBACK)
        yield HttpPoll(PolledConnector(), partner, push, lambda: datetime.now(UTC)), server


async def refusal(script: Script, cursor: str = "") -> str:
    """Have a page refused; return why."""
    async with polled(script) as (source, _):
        with pytest.raises(ContractBroken) as caught:
            await source.fetch(cursor)
    return caught.value.cause


class TestFetch:
    async def test_asks_by_get_without_a_body_and_gives_the_items_and_where_to_go_on(self) -> None:
        async with polled(page("a", "b", next="/changes?page=2", more=True)) as (source, server):
            batch = await source.fetch("")
        assert [each.body for each in batch.requests] == [b"a", b"b"]
        assert (batch.cursor, batch.more) == ("/changes?page=2", True)
        (request,) = server.requests
        assert request.startswith(b"GET /changes HTTP/1.1\r\n")
        assert b"content-length" not in request

    async def test_follows_a_link_of_the_same_origin(self) -> None:
        async with polled(page()) as (source, server):
            await source.fetch(f"{server.url}/changes?page=2")
        assert server.requests[0].startswith(b"GET /changes?page=2 HTTP/1.1\r\n")

    @pytest.mark.parametrize(
        "link",
        [
            "https://127.0.0.1:1/changes", "https://169.254.169.254/latest", "https://evil.example/changes",
            "@evil.example/changes", ".evil.example/changes", "0/changes", "https:", "https://[", "/a b",
            "/changes\r\nhost: evil.example",
        ],
    )  # fmt: skip
    async def test_follows_no_link_that_leads_elsewhere(self, link: str) -> None:
        async with polled(page()) as (source, server):
            with pytest.raises(ContractBroken, match="foreign_origin"):
                await source.fetch(link)
            assert server.requests == []

    async def test_takes_a_whole_page_and_not_a_byte_more(self) -> None:
        fits = json.dumps({"items": ["a"]}).encode().ljust(MAX_PAGE_BYTES)
        async with polled(answers("200 OK", "", fits)) as (source, _):
            assert len((await source.fetch("")).requests) == 1
        assert await refusal(answers("200 OK", "", fits + b" ")) == "answer_too_large"

    async def test_does_not_go_round_in_circles(self) -> None:
        assert await refusal(page(next="/changes?page=1", more=True), "/changes?page=1") == "no_progress"

    @pytest.mark.parametrize("cursor", ["a\0b", "a\nb", "x" * 2001])
    async def test_keeps_no_cursor_that_is_not_a_short_line(self, cursor: str) -> None:
        assert await refusal(page(next=cursor)) == "cursor"

    async def test_says_what_the_answer_says(self) -> None:
        async with polled(answers("503 Away", "retry-after: 9\r\n")) as (source, _):
            with pytest.raises(Retriable, match="http_503") as caught:
                await source.fetch("")
        assert caught.value.retry_after == 9


class TestPolling:
    async def test_makes_sources_of_connectors_that_ask_and_of_no_others(self) -> None:
        async with partner_server(page()) as server, HttpPush(server.trust) as push:
            fetch = polling(push, lambda: datetime.now(UTC))
            source = fetch(PolledConnector(), Partner("immigration", server.url, {}, {}))
            assert (source.agency, source.interval_s) == ("immigration", 30.0)
            with pytest.raises(TypeError, match="redcross"):
                fetch(redcross, Partner("redcross", "https://redcross.example", {}, {}))
