"""Accepting over real sockets: who gets in, what a repetition gets, and what happens to everything else."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import httpx
import pytest
from structlog.testing import capture_logs

from stafet.gateway.settings import GatewaySettings
from stafet_connectors.police.samples import form, saying
from stafet_connectors.redcross import samples as redcross
from stafet_runtime.database import Database
from stafet_schemas.inbound import MessageReceived
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Request
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.fakes.vault import FakeVault
from tests.services.gateway.samples import (
    NOBODYS,
    SECRETS,
    Bad,
    Broken,
    answer,
    bad,
    receipt_of,
    referral,
    transaction,
)
from tests.services.gateway.servers import Server, blocked
from tests.services.gateway.serving import Gateway
from tests.services.gateway.sockets import Stream, hang_up, opened, say_all_then_listen, until

LIMIT = 2048


@pytest.fixture
async def narrow(database: Database) -> AsyncGenerator[Gateway]:
    """A gateway that takes two KiB within 0.3 seconds."""
    settings = GatewaySettings(max_body_bytes=LIMIT, body_seconds=0.3)
    async with Gateway(database, FakeClock(NOW), FakeIds(), FakeVault(), settings).serving() as served:
        yield served


@pytest.fixture
async def stream(narrow: Gateway) -> AsyncGenerator[Stream]:
    """A bare connection to it."""
    async with opened(narrow.port) as connection:
        yield connection


class TestAGoodMessage:
    async def test_is_receipted_and_told_of_in_one_event(self, inbox: Gateway) -> None:
        request = referral()
        response = await inbox.post(request)
        assert response.status_code == 200
        [event] = await inbox.events(MessageReceived)
        assert event.data.model_dump() == {
            "agency": "police", "message": receipt_of(response), "size": len(request.body),
        }  # fmt: skip
        assert transaction(1) not in event.model_dump_json()
        row = await inbox.database.pool.fetchrow("select * from messages")
        assert row is not None
        assert (row["agency"], row["message"]) == ("police", transaction(1))
        assert str(row["receipt"]) == receipt_of(response)
        assert row["received_at"] == NOW

    async def test_of_the_red_cross_is_answered_in_its_own_words(self, inbox: Gateway) -> None:
        response = await inbox.post(answer(NOBODYS))
        assert response.status_code == 202
        receipt = await inbox.receipt("answer-0001", "redcross")
        assert response.json() == {"message": "answer-0001", "receipt": receipt}
        assert await inbox.count("messages") == 1

    async def test_leaves_the_connection_open_for_the_next(self, inbox: Gateway) -> None:
        response = await inbox.post(referral())
        assert "connection" not in response.headers


class TestABadMessage:
    @pytest.mark.parametrize("case", bad(), ids=lambda case: case.name)
    async def test_is_refused_by_code_and_leaves_no_trace(self, inbox: Gateway, case: Bad) -> None:
        with capture_logs() as logs:
            response = await inbox.post(case.request)
        assert (response.status_code, case.code in response.text) == (case.status, True)
        assert [await inbox.count(table) for table in ("messages", "outbox")] == [0, 0]
        said = response.text + str(logs)
        assert [each for each in SECRETS if each in said] == []
        assert [(each["event"], each["code"], each["status"]) for each in logs] == [
            ("refused", case.code, case.status)
        ]

    async def test_for_an_unknown_agency_is_a_problem_document(self, inbox: Gateway) -> None:
        request = referral()
        unknown = Request("POST", "/agencies/Gaxipypuno/inbox", request.headers, request.body)
        response = await inbox.post(unknown)
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["code"] == "unknown_agency"
        assert "Gaxipypuno" not in response.text
        assert response.headers["connection"] == "close"


class TestTheSameIdAgain:
    async def test_with_the_same_content_gets_the_first_receipt(self, inbox: Gateway) -> None:
        first = await inbox.post(referral())
        inbox.clock.advance(20)
        # Signed anew, so other bytes on the wire: the content is what counts.
        again = await inbox.post(referral())
        assert again.status_code == 200
        assert receipt_of(again) == receipt_of(first)
        assert [await inbox.count(table) for table in ("messages", "outbox")] == [1, 1]

    async def test_with_other_content_is_a_conflict(self, inbox: Gateway) -> None:
        await inbox.post(referral())
        other = await inbox.post(referral(saying("Prioritet", "Haster")))
        assert (other.status_code, "conflict" in other.text) == (409, True)
        assert [await inbox.count(table) for table in ("messages", "outbox")] == [1, 1]
        assert receipt_of(await inbox.post(referral()))

    async def test_in_another_envelope_is_the_same_message(self, inbox: Gateway) -> None:
        first, again = await inbox.post(referral()), await inbox.post(referral(envelope=77))
        assert receipt_of(again) == receipt_of(first)
        assert await inbox.count("messages") == 1

    async def test_of_an_envelope_with_another_message_in_it_is_a_conflict(self, inbox: Gateway) -> None:
        await inbox.post(referral(number=1))
        other = await inbox.post(referral(number=2, envelope=1))
        assert (other.status_code, "conflict" in other.text) == (409, True)
        assert [await inbox.count(table) for table in ("messages", "outbox")] == [1, 1]
        assert receipt_of(await inbox.post(referral(number=2)))

    async def test_of_an_envelope_at_the_same_moment_lets_one_message_in(self, inbox: Gateway) -> None:
        answers = await asyncio.gather(
            *(inbox.post(referral(number=number, envelope=99)) for number in (1, 2) * 3)
        )
        assert sorted({each.status_code for each in answers}) == [200, 409]
        assert [await inbox.count(table) for table in ("messages", "outbox", "envelopes")] == [1, 1, 1]

    async def test_of_another_agency_is_another_message(self, inbox: Gateway) -> None:
        await inbox.post(referral())
        response = await inbox.post(answer(NOBODYS, message=transaction(1)))
        assert response.status_code == 202
        assert await inbox.count("messages") == 2

    async def test_at_the_same_moment_is_kept_once(self, inbox: Gateway) -> None:
        answers = await asyncio.gather(*(inbox.post(referral()) for _ in range(8)))
        assert {each.status_code for each in answers} == {200}
        assert len({receipt_of(each) for each in answers}) == 1
        assert [await inbox.count(table) for table in ("messages", "outbox")] == [1, 1]

    async def test_at_the_same_moment_with_two_contents_lets_one_in(self, inbox: Gateway) -> None:
        forms = [form(), saying("Prioritet", "Haster")] * 4
        answers = await asyncio.gather(*(inbox.post(referral(each)) for each in forms))
        assert sorted(each.status_code for each in answers) == [200] * 4 + [409] * 4
        assert [await inbox.count(table) for table in ("messages", "outbox")] == [1, 1]


class TestABodyBeyondItsBounds:
    async def test_that_announces_its_size_is_refused_before_a_byte_of_it(
        self, narrow: Gateway, stream: Stream
    ) -> None:
        await stream.say(f"content-length: {50 * 1024 * 1024}")
        assert await stream.answer() == (413, "too_large")
        assert narrow.counted() == 0

    async def test_that_does_not_is_refused_once_it_is_too_long(
        self, narrow: Gateway, stream: Stream
    ) -> None:
        await stream.say("transfer-encoding: chunked")
        for _ in range(LIMIT // 1024 + 1):
            await stream.chunk(b"x" * 1024)
        # The end of the body is never sent: the answer does not wait for it, and ends the connection.
        assert await stream.answer() == (413, "too_large")
        assert LIMIT < narrow.counted() <= LIMIT + 1024

    async def test_is_not_read_to_its_end(self, narrow: Gateway) -> None:
        async def endless() -> AsyncGenerator[bytes]:
            for _ in range(500):
                yield b"x" * 64 * 1024

        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{narrow.port}", trust_env=False) as client:
            try:
                answered = (await client.post("/agencies/police/inbox", content=endless())).status_code
            except httpx.TransportError:
                # The server hung up while we were sending: some clients see only that.
                answered = 413
        assert answered == 413
        assert narrow.counted() < 3 * LIMIT + 256 * 1024
        assert await narrow.count("messages") == 0

    @pytest.mark.parametrize("framing", ["content-length: 1310720", "transfer-encoding: chunked"])
    async def test_is_answered_also_to_a_sender_who_says_it_all_before_listening(
        self, database: Database, framing: str
    ) -> None:
        gateway = Gateway(database, FakeClock(NOW), FakeIds(), FakeVault())
        async with gateway.serving():
            answered = await asyncio.to_thread(say_all_then_listen, gateway.port, framing, 1_310_720)

        assert b" 413 " in answered
        assert b"too_large" in answered

    async def test_of_exactly_the_limit_is_read(self, narrow: Gateway) -> None:
        request = referral()
        response = await narrow.post(replace(request, body=b"x" * LIMIT))
        assert (response.status_code, "malformed" in response.text) == (500, True)

    async def test_that_does_not_come_is_given_up(self, narrow: Gateway, stream: Stream) -> None:
        await stream.say("content-length: 100", agency="redcross")
        assert await stream.answer() == (408, "timeout")
        assert await narrow.count("messages") == 0

    async def test_that_breaks_off_is_refused(self, narrow: Gateway) -> None:
        with capture_logs() as logs:
            await hang_up(narrow.port)
            await until(lambda: bool(logs))
        assert [(each["event"], each["code"]) for each in logs] == [("refused", "incomplete")]
        assert await narrow.count("messages") == 0


class TestTheDatabaseAway:
    async def test_is_answered_503_with_retry_after_and_then_it_works_again(self, server: Server) -> None:
        gateway = Gateway(server.database, FakeClock(NOW), FakeIds(), FakeVault())
        async with gateway.serving():
            assert (await gateway.post(referral(number=1))).status_code == 200
            await server.stop()
            soap = await gateway.post(referral(number=2))
            webhook = await gateway.post(answer(NOBODYS))
            assert [(each.status_code, each.headers["retry-after"]) for each in (soap, webhook)] == [
                (503, "5")
            ] * 2
            await server.start()
            assert await gateway.count("messages") == 1
            assert (await gateway.post(referral(number=2))).status_code == 200
            assert [await gateway.count(table) for table in ("messages", "outbox")] == [2, 2]

    async def test_is_also_one_that_does_not_come_to_an_end(self, database: Database) -> None:
        settings = GatewaySettings(store_seconds=0.2)
        gateway = Gateway(database, FakeClock(NOW), FakeIds(), FakeVault(), settings)
        async with gateway.serving():
            async with database.pool.acquire() as holder, holder.transaction():
                await holder.execute("lock table messages in access exclusive mode")
                response = await gateway.post(referral())
            assert (response.status_code, response.headers["retry-after"]) == (503, "5")
            assert [await gateway.count(table) for table in ("messages", "outbox")] == [0, 0]


class TestABugInAConnector:
    async def test_is_answered_500_and_logged_by_place_not_by_text(self, database: Database) -> None:
        gateway = Gateway(database, FakeClock(NOW), FakeIds(), FakeVault(), connectors={"police": Broken()})
        with capture_logs() as logs:
            async with gateway.serving():
                response = await gateway.post(referral())
        assert (response.status_code, response.json()["code"]) == (500, "internal")
        [entry] = logs
        assert (entry["event"], entry["exception_type"]) == ("receive_failed", "RuntimeError")
        assert entry["where"].startswith("accept:")
        assert [each for each in SECRETS if each in response.text + str(logs)] == []
        assert await gateway.count("messages") == 0


class TestTheAnswer:
    async def test_goes_out_after_the_commit(self, inbox: Gateway) -> None:
        """While the row cannot be committed there is no receipt."""
        async with inbox.database.pool.acquire() as holder:
            held = holder.transaction()
            await held.start()
            await holder.execute("lock table outbox in access exclusive mode")
            posted = asyncio.create_task(inbox.post(referral()))
            await blocked(inbox.database)
            assert not posted.done()
            await held.rollback()
        assert (await posted).status_code == 200

    async def test_of_the_red_cross_repeats_the_first_receipt(self, inbox: Gateway) -> None:
        request = redcross.signed(redcross.answer("accepted"))
        first, second = [(await inbox.post(request)).json() for _ in range(2)]
        assert first == second
