"""What the gateway still knows of an erased case: that messages came, and nothing that leads to it."""

import asyncio

import pytest

from stafet.gateway.adapters import PostgresDesk
from stafet_connectors.police.samples import saying
from stafet_runtime.unit import transaction as unit_of
from stafet_schemas.delivery import DeliveryEvent
from stafet_schemas.inbound import MessageReceived, MessageRejected
from stafet_schemas.referral import ReferralSubmitted
from tests.services.gateway.samples import answer, erased, receipt_of, referral, shapes, transaction
from tests.services.gateway.servers import blocked
from tests.services.gateway.serving import Gateway, records

ANSWER, FILLER = "answer-0815-gaxi", "RK-0815-gaxi"
TEXTS = {"answer": ANSWER, "filler": FILLER}
STAYING = "select key is null, message, receipt, sealed, received_at, case_id, length(digest) from messages"


async def stored(gateway: Gateway) -> dict[str, bool]:
    """Say which of the agencies' own ids are in the tables, as text in any shape."""
    every = await gateway.every_byte()
    texts = {**TEXTS, "transaction": transaction(1)}
    return {name: any(shape in every for shape in shapes(text)) for name, text in texts.items()}


async def answered(gateway: Gateway) -> str:
    """Take a referral and its answer all the way; return the case."""
    about = await gateway.submit(referral())
    await gateway.accept(answer(about.referral, message=ANSWER, stafet_reference=FILLER))
    await gateway.translate()
    return about.case


class TestAnErasedCase:
    async def test_leaves_no_id_of_an_agency_and_nothing_that_leads_to_it(self, gateway: Gateway) -> None:
        case = await answered(gateway)
        assert await stored(gateway) == dict.fromkeys(("answer", "filler", "transaction"), True)
        await gateway.processor().process(records([erased(case)]))
        assert await stored(gateway) == dict.fromkeys(("answer", "filler", "transaction"), False)
        rows = await gateway.database.pool.fetch(STAYING)
        assert [tuple(row) for row in rows] == [(False, None, None, None, None, None, 32)] * 2
        assert await gateway.count("referrals") == 0

    async def test_leaves_the_others_as_they_are(self, gateway: Gateway) -> None:
        case = await answered(gateway)
        await gateway.processor().process(records([erased("case-9")]))
        assert await stored(gateway) == dict.fromkeys(("answer", "filler", "transaction"), True)
        assert [await gateway.count(each) for each in ("referrals", "erased")] == [1, 1]
        assert case != "case-9"

    async def test_is_told_of_once_more_without_harm(self, gateway: Gateway) -> None:
        case = await answered(gateway)
        for _ in range(2):
            await gateway.processor().process(records([erased(case)]))
            await gateway.database.pool.execute("delete from inbox")
        assert (await gateway.count("erased"), await gateway.parked()) == (1, [])

    async def test_gets_no_answer_any_more(self, gateway: Gateway) -> None:
        about = await gateway.submit(referral())
        await gateway.processor().process(records([erased(about.case)]))
        await gateway.accept(answer(about.referral))
        await gateway.translate()
        (event,) = await gateway.events(MessageRejected)
        assert [(each.field, each.problem) for each in event.data.problems] == [("referral", "unknown")]
        assert about.referral not in event.model_dump_json()
        assert await gateway.events(DeliveryEvent) == []

    async def test_is_forgotten_also_by_a_message_that_is_translated_too_late(self, gateway: Gateway) -> None:
        await gateway.processor().process(records([erased("case-1")]))
        about = await gateway.submit(referral())
        assert about.case == "case-1"
        assert not (await stored(gateway))["transaction"]
        assert await gateway.count("referrals") == 0

    async def test_is_forgotten_by_one_that_is_being_translated(self, gateway: Gateway) -> None:
        [received] = await gateway.accept(referral())
        async with unit_of(gateway.database, gateway.clock, gateway.ids) as unit:
            desk = PostgresDesk(unit)
            desk.settle("police", received.data.message, "case-1")
            await desk.save()
            forgetting = asyncio.create_task(gateway.processor().process(records([erased("case-1")])))
            await blocked(gateway.database)
            assert not forgetting.done()
        await forgetting
        assert not (await stored(gateway))["transaction"]


class TestARepetitionAfterTheErasure:
    @pytest.mark.parametrize(("urgency", "code"), [("Akut", "erased"), ("Haster", "conflict")])
    async def test_is_refused_and_brings_nothing_back(self, inbox: Gateway, urgency: str, code: str) -> None:
        first = receipt_of(await inbox.post(referral()))
        await inbox.translate()
        (submitted,) = await inbox.events(ReferralSubmitted)
        await inbox.processor().process(records([erased(submitted.data.case)]))
        again = await inbox.post(referral(saying("Prioritet", urgency)))
        assert again.status_code >= 400
        assert code in again.text
        assert first not in again.text
        assert len(await inbox.events(MessageReceived)) == 1
        assert not (await stored(inbox))["transaction"]
        assert len(inbox.vault.registered) == 1

    async def test_of_a_red_cross_answer_is_gone_for_good(self, inbox: Gateway) -> None:
        about = await inbox.submit(referral())
        said = answer(about.referral)
        assert (await inbox.post(said)).status_code == 202
        await inbox.translate()
        await inbox.processor().process(records([erased(about.case)]))
        again = await inbox.post(said)
        assert (again.status_code, again.json()["code"]) == (410, "erased")

    async def test_of_another_agency_is_a_message_of_its_own(self, inbox: Gateway) -> None:
        about = await inbox.submit(referral())
        await inbox.processor().process(records([erased(about.case)]))
        assert (await inbox.post(answer(about.referral, message=transaction(1)))).status_code == 202
