"""Documents of the police: two halves in any order become one record of the case, or both sides are told."""

from dataclasses import replace

import pytest

from stafet.gateway.documents.joining import give_up
from stafet.gateway.documents.waiting import PostgresOverlook
from stafet_connectors.police.samples_documents import (
    CONTENT,
    NAME,
    REFERENCE,
    announcement,
    document,
    fetched,
    link,
)
from stafet_schemas.case import CaseDocumentReceived
from stafet_schemas.groups import Group
from stafet_schemas.inbound import MessageReceived, MessageRejected
from stafet_sdk.contract import Request
from tests.services.gateway.samples import erased, referral, shapes
from tests.services.gateway.serving import Gateway, records

DAY_S = 24 * 3600.0
OTHER = CONTENT.replace(b"Gaxipypuno", b"Hemmelig!!")
SECRETS = ("Gaxipypuno", "Fipagorymu", REFERENCE, NAME)


@pytest.fixture(autouse=True)
def drop(gateway: Gateway) -> None:
    """Agree on a file drop, which nobody looks at here."""
    gateway.partners["police"] = replace(gateway.partners["police"], drop="sftp://files.police.example")


async def take(gateway: Gateway, *halves: Request) -> list[MessageReceived]:
    """Accept halves one after another, each translated before the next comes."""
    received: list[MessageReceived] = []
    for each in halves:
        received += await gateway.accept(each, sender="police")
        await gateway.translate()
    return received


async def overlook(gateway: Gateway, hours: float = 24.0) -> None:
    """Give up what has waited, as the gateway's own task does."""
    opened = PostgresOverlook(gateway.database, gateway.clock, gateway.ids)
    await give_up(overlook=opened.open, clock=gateway.clock, hours=hours)


async def rejected(gateway: Gateway) -> list[tuple[str, str | None, list[str]]]:
    """List the rejections: receipt, the sender's id, and fields."""
    return [
        (each.data.message, each.data.placer, [problem.field for problem in each.data.problems])
        for each in await gateway.events(MessageRejected)
    ]


def halves(order: str) -> list[Request]:
    """Give both halves of the first document in an order."""
    pair = [announcement(document()), fetched(document())]
    return pair if order == "announced" else pair[::-1]


class TestBothHalves:
    @pytest.mark.parametrize("order", ["announced", "fetched"])
    async def test_become_a_record_of_the_case_whichever_comes_first(
        self, gateway: Gateway, order: str
    ) -> None:
        submitted = await gateway.submit(referral())
        received = await take(gateway, *halves(order))

        [event] = await gateway.events(CaseDocumentReceived)
        told = received[0 if order == "announced" else 1].data.message
        stored = gateway.vault.records["police", told]
        assert event.data.model_dump() == {
            "case": submitted.case, "record": stored.record, "agency": "police",
            "message": received[0].data.message, "announcement": told, "size": len(CONTENT), "media": "pdf",
        }  # fmt: skip
        assert (event.causationid, event.partitionkey) == (received[1].id, submitted.case)
        registered = gateway.vault.registered["police", told]
        assert (registered.raw, registered.placer) == (CONTENT, link())
        assert registered.values == {
            Group.NARRATIVE: {
                "text": f"{NAME} (application/pdf, {len(CONTENT)} bytes)",
                "document": NAME,
                "mime": "application/pdf",
                "bytes": len(CONTENT),
                "sha256": document().digest,
            }
        }

    @pytest.mark.parametrize("order", ["announced", "fetched"])
    async def test_leave_nothing_sealed_and_nothing_waiting(self, gateway: Gateway, order: str) -> None:
        await take(gateway, *halves(order))
        assert (await gateway.sealed(), await gateway.count("halves")) == ([], 0)
        cases = await gateway.database.pool.fetch("select distinct case_id from messages")
        assert [each["case_id"] for each in cases] == ["case-1"]

    async def test_may_be_read_in_one_batch(self, gateway: Gateway) -> None:
        await gateway.accept(*halves("fetched"), sender="police")
        await gateway.translate()
        assert len(await gateway.events(CaseDocumentReceived)) == 1
        assert await gateway.parked() == []

    async def test_are_never_readable_at_the_gateway(self, gateway: Gateway) -> None:
        await take(gateway, fetched(document()))
        waiting = await gateway.every_byte()
        await take(gateway, announcement(document()))
        for copied in (waiting, await gateway.every_byte()):
            found = [secret for secret in SECRETS for shape in shapes(secret) if shape in copied]
            assert found == []

    async def test_wait_while_the_vault_is_away_and_count_once(self, gateway: Gateway) -> None:
        await take(gateway, announcement(document()))
        gateway.vault.closed = True
        await take(gateway, fetched(document()))
        assert (len(await gateway.sealed()), await gateway.count("halves")) == (2, 1)
        gateway.vault.closed = False
        gateway.clock.advance(3600)
        await gateway.processor().retry_parked()
        assert len(await gateway.events(CaseDocumentReceived)) == 1

    async def test_are_forgotten_with_their_case(self, gateway: Gateway) -> None:
        await take(gateway, *halves("announced"))
        [event] = await gateway.events(CaseDocumentReceived)
        await gateway.processor().process(records([erased(event.data.case)]))
        kept = await gateway.database.pool.fetch("select message, receipt from messages")
        assert {tuple(each) for each in kept} == {(None, None)}

    async def test_of_many_documents_find_their_own(self, gateway: Gateway) -> None:
        words = [document(number, CONTENT + str(number).encode()) for number in (1, 2, 3)]
        files = [fetched(each, CONTENT + str(number).encode()) for number, each in enumerate(words, 1)]
        await take(gateway, *map(announcement, words), *reversed(files))
        kept = {each.placer: each.raw for each in gateway.vault.registered.values()}
        assert kept == {link(number): CONTENT + str(number).encode() for number in (1, 2, 3)}


class TestAFileThatDoesNotFit:
    @pytest.mark.parametrize(("said", "content", "fields"), [
        ({}, OTHER, ["digest"]),
        ({}, CONTENT + b"x", ["size", "digest"]),
        ({"name": "andet.pdf"}, CONTENT, ["name"]),
    ])  # fmt: skip
    async def test_is_rejected_and_the_announcement_waits_for_the_right_one(
        self, gateway: Gateway, said: dict[str, str], content: bytes, fields: list[str]
    ) -> None:
        wrong = fetched(document(1, content, **said), content, file_id=link(7))
        announced, bad = await take(gateway, announcement(document()), wrong)
        assert await rejected(gateway) == [(bad.data.message, link(7), fields)]
        assert (len(await gateway.sealed()), await gateway.events(CaseDocumentReceived)) == (1, [])

        await take(gateway, fetched(document()))
        [event] = await gateway.events(CaseDocumentReceived)
        assert event.data.announcement == announced.data.message
        assert gateway.vault.registered["police", announced.data.message].raw == CONTENT

    async def test_that_came_first_is_rejected_when_the_announcement_comes(self, gateway: Gateway) -> None:
        wrong = fetched(document(), OTHER, file_id=link(7))
        bad, *_ = await take(gateway, wrong, fetched(document()), announcement(document()))
        assert await rejected(gateway) == [(bad.data.message, link(7), ["digest"])]
        assert len(await gateway.events(CaseDocumentReceived)) == 1
        assert (await gateway.sealed(), await gateway.count("halves")) == ([], 0)


class TestAHalfAlone:
    @pytest.mark.parametrize(("half", "field"), [(0, "file"), (1, "announcement")])
    async def test_is_told_when_its_time_is_over(self, gateway: Gateway, half: int, field: str) -> None:
        [received] = await take(gateway, halves("announced")[half])
        gateway.clock.advance(DAY_S - 1)
        await overlook(gateway)
        assert await rejected(gateway) == []

        gateway.clock.advance(1)
        await overlook(gateway)
        await overlook(gateway)
        [(receipt, placer, fields)] = await rejected(gateway)
        assert (receipt, fields) == (received.data.message, [field])
        assert placer == await gateway.database.pool.fetchval("select message from messages")
        # Nobody will open it any more.
        assert (await gateway.sealed(), await gateway.count("halves")) == ([], 0)

    async def test_that_comes_after_all_was_given_up_waits_anew_and_is_told_in_turn(
        self, gateway: Gateway
    ) -> None:
        await take(gateway, announcement(document()))
        gateway.clock.advance(DAY_S)
        await overlook(gateway)
        await take(gateway, fetched(document()))
        assert await gateway.events(CaseDocumentReceived) == []
        gateway.clock.advance(DAY_S)
        await overlook(gateway)
        assert [fields for _, _, fields in await rejected(gateway)] == [["file"], ["announcement"]]

    async def test_repeated_gets_its_first_receipt_and_waits_once(self, gateway: Gateway) -> None:
        first = await take(gateway, fetched(document()))
        again = await take(gateway, fetched(document()), announcement(document()))
        assert (len(first), len(again)) == (1, 1)
        assert len(await gateway.events(CaseDocumentReceived)) == 1


class TestADocumentWithoutACode:
    async def test_is_kept_with_its_type_in_the_vault_alone(self, gateway: Gateway) -> None:
        described = document(mime="application/x-gaxipypuno")
        await take(gateway, announcement(described), fetched(described))
        [event] = await gateway.events(CaseDocumentReceived)
        assert event.data.media == "unknown"
        assert gateway.vault.registered["police", event.data.announcement].values[Group.NARRATIVE][
            "mime"
        ] == "application/x-gaxipypuno"  # fmt: skip
