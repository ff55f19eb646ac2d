"""What becomes of an accepted message, through the runtime's processor on a real database."""

import json

import pytest

from stafet_connectors.police.samples import IDENTIFIERS, saying, with_basis
from stafet_schemas.delivery import (
    DeliveryAccepted,
    DeliveryCompleted,
    DeliveryEvent,
    DeliveryInProgress,
    DeliveryRejected,
)
from stafet_schemas.event import Event
from stafet_schemas.inbound import MessageReceived, MessageRejected
from stafet_schemas.referral import ReferralSubmitted
from stafet_sdk.xml import Element
from tests.services.gateway.samples import (
    NOBODYS,
    REFERENCE,
    Sloppy,
    answer,
    never_accepted,
    referral,
    transaction,
    withdrawal,
    without,
)
from tests.services.gateway.serving import Gateway, records


class TestAReferral:
    async def test_becomes_an_event_that_says_where_the_values_are(self, gateway: Gateway) -> None:
        received = await gateway.accept(referral())
        await gateway.translate()
        [event] = await gateway.events(ReferralSubmitted)
        stored = gateway.vault.records["police", received[0].data.message]
        assert (event.causationid, event.correlationid, event.partitionkey) == (
            received[0].id, stored.case, stored.case,
        )  # fmt: skip
        assert json.loads(event.data.model_dump_json()) == {
            "case": stored.case,
            "referral": event.data.referral,
            "sender": "police",
            "placer": received[0].data.message,
            "receiver": "redcross",
            "record": stored.record,
            "version": 1,
            "groups": list(stored.groups),
            "digest": stored.digest,
            "service": "asylum_support",
            "priority": "acute",
            "age_group": "child",
            "sex": "male",
            "language": "hat",
            "interpreter": True,
            "risk": False,
            "safe_contact": True,
            "residence": "unknown",
            "exploitation": ["forced_labour"],
            "operation": None,
        }

    async def test_is_registered_whole_and_then_cleared_here(self, gateway: Gateway) -> None:
        request = referral()
        [received] = await gateway.accept(request)
        await gateway.translate()
        registered = gateway.vault.registered["police", received.data.message]
        assert (registered.placer, registered.reference, registered.raw) == (
            transaction(1), REFERENCE, request.body,
        )  # fmt: skip
        row = await gateway.database.pool.fetchrow("select * from messages")
        assert row is not None
        assert row["sealed"] is None
        # What is needed for repetitions stays.
        assert len(row["digest"]) == 32

    async def test_repeated_after_its_translation_still_gets_its_first_receipt(
        self, gateway: Gateway
    ) -> None:
        await gateway.accept(referral())
        await gateway.translate()
        await gateway.accept(referral())
        assert [await gateway.count(each) for each in ("messages", "referrals")] == [1, 1]

    async def test_is_remembered_for_its_answers(self, gateway: Gateway) -> None:
        data = await gateway.submit(referral())
        row = await gateway.database.pool.fetchrow("select * from referrals")
        assert row is not None
        assert tuple(row) == (data.referral, data.case, "police", "redcross", None)

    async def test_comes_with_others_in_one_batch(self, gateway: Gateway) -> None:
        received = await gateway.accept(*(referral(number=number) for number in range(1, 21)))
        await gateway.translate()
        events = [each.data for each in await gateway.events(ReferralSubmitted)]
        assert [each.placer for each in events] == [each.data.message for each in received]
        # One person, so one case; twenty referrals of their own.
        assert (len({each.case for each in events}), len({each.referral for each in events})) == (1, 20)
        assert await gateway.sealed() == []


class TestAMessageThatCannotBeUsed:
    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (without("Prioritet"), ("Prioritet", "missing")),
            (saying("Prioritet", "Gaxipypuno"), ("Prioritet", "unknown code")),
            (saying("Foedselsdato", "Fipagorymu"), ("Foedselsdato", "not a date")),
        ],
    )
    async def test_is_rejected_by_the_name_of_the_field(
        self, gateway: Gateway, content: Element, problem: tuple[str, str]
    ) -> None:
        [received] = await gateway.accept(referral(content))
        await gateway.translate()
        [event] = await gateway.events(MessageRejected)
        assert event.causationid == received.id
        assert event.data.model_dump(mode="json") == {
            "agency": "police",
            "message": received.data.message,
            "problems": [{"field": problem[0], "problem": problem[1]}],
            "placer": transaction(1),
        }
        assert await gateway.events(ReferralSubmitted) == []
        assert gateway.vault.registered == {}

    async def test_names_every_field_at_once(self, gateway: Gateway) -> None:
        await gateway.accept(referral(without("Prioritet", "Koen"), receiver=transaction(9)))
        await gateway.translate()
        [event] = await gateway.events(MessageRejected)
        fields = [each.field for each in event.data.problems]
        assert fields == ["RoutingModtagerAktoer", "Prioritet", "Koen"]

    async def test_is_also_one_whose_connector_lets_a_name_slip(self, gateway: Gateway) -> None:
        gateway.connectors["police"] = Sloppy()
        await gateway.accept(referral())
        await gateway.translate()
        [event] = await gateway.events(MessageRejected)
        assert [each.field for each in event.data.problems] == ["routing.language"]
        assert gateway.vault.registered == {}
        assert b"Gaxipypuno" not in await gateway.every_byte()

    async def test_stays_sealed_for_whoever_looks_into_it(self, gateway: Gateway) -> None:
        request = referral(without("Prioritet"))
        [received] = await gateway.accept(request)
        await gateway.translate()
        [sealed] = await gateway.sealed()
        context = f"police/{received.data.message}".encode()
        assert await gateway.vault.open_message(sealed, context) == request.body

    async def test_does_not_stop_the_next(self, gateway: Gateway) -> None:
        await gateway.accept(referral(without("Prioritet")), referral(number=2))
        await gateway.translate()
        assert len(await gateway.events(MessageRejected)) == 1
        assert len(await gateway.events(ReferralSubmitted)) == 1


class TestConsent:
    async def test_of_a_referral_is_registered_with_its_values(self, gateway: Gateway) -> None:
        [received] = await gateway.accept(referral(with_basis("Samtykke")))
        await gateway.translate()
        (said,) = gateway.vault.registered["police", received.data.message].consents
        assert (said.agency, said.message) == ("police", received.data.message)
        assert (said.statement, said.recipients, said.groups) == (
            "given", ("redcross",), ("narrative", "health"),
        )  # fmt: skip

    async def test_of_a_referral_left_to_the_hub_is_for_those_it_names(self, gateway: Gateway) -> None:
        form = with_basis("Samtykke", IDENTIFIERS["agency_redcross"])
        [received] = await gateway.accept(referral(form, receiver=IDENTIFIERS["hub_uuid"]))
        await gateway.translate()
        (said,) = gateway.vault.registered["police", received.data.message].consents
        (submitted,) = await gateway.events(ReferralSubmitted)
        assert (submitted.data.receiver, said.recipients) == ("hub", ("redcross",))

    async def test_that_cannot_stand_rejects_the_whole_referral(self, gateway: Gateway) -> None:
        gateway.vault.refuse = ("groups", "overlaps what is in force: narrow or withdraw that first")
        await gateway.accept(referral(with_basis("Samtykke")))
        await gateway.translate()
        assert not gateway.vault.registered
        assert await gateway.events(ReferralSubmitted) == []
        (event,) = await gateway.events(MessageRejected)
        assert [each.field for each in event.data.problems] == ["groups"]

    async def test_withdrawn_is_recorded_for_the_case_of_the_referral(self, gateway: Gateway) -> None:
        await gateway.accept(referral())
        await gateway.translate()
        (submitted,) = await gateway.events(ReferralSubmitted)
        received = await gateway.accept(withdrawal(submitted.data.referral))
        await gateway.translate()
        (order,) = gateway.vault.orders
        assert (order.statement, order.agency, order.case) == ("withdrawn", "redcross", submitted.data.case)
        assert order.cause is not None
        assert order.cause.id == received[-1].id

    async def test_about_an_unknown_referral_is_rejected_to_its_sender(self, gateway: Gateway) -> None:
        await gateway.accept(withdrawal(NOBODYS))
        await gateway.translate()
        (event,) = await gateway.events(MessageRejected)
        assert [(each.field, each.problem) for each in event.data.problems] == [("referral", "unknown")]
        assert gateway.vault.orders == []

    async def test_waits_sealed_while_the_vault_is_away(self, gateway: Gateway) -> None:
        await gateway.accept(referral())
        await gateway.translate()
        (submitted,) = await gateway.events(ReferralSubmitted)
        await gateway.accept(withdrawal(submitted.data.referral))
        gateway.vault.closed = True
        await gateway.translate()
        sealed = await gateway.database.pool.fetchval(
            "select count(*) from messages where sealed is not null"
        )
        assert (sealed, gateway.vault.orders) == (1, [])


class TestAnAnswer:
    @pytest.mark.parametrize(
        ("name", "kind", "reason"),
        [
            ("accepted", DeliveryAccepted, None),
            ("rejected", DeliveryRejected, "no_capacity"),
            ("rejected_unlisted", DeliveryRejected, "another_code"),
            ("started", DeliveryInProgress, None),
            ("completed", DeliveryCompleted, None),
        ],
    )
    async def test_becomes_an_event_of_its_case(
        self, gateway: Gateway, name: str, kind: type[DeliveryEvent], reason: str | None
    ) -> None:
        about = await gateway.submit(referral())
        more = {} if reason is None else {"stafet_reason": reason}
        [received] = await gateway.accept(answer(about.referral, name, stafet_reference="RK-7", **more))
        await gateway.translate()
        [event] = await gateway.events(kind)
        assert event.partitionkey == about.case
        assert event.data.model_dump(exclude={"reason"}) == {
            "lane": about.case,
            "referral": about.referral,
            "agency": "redcross",
            "message": received.data.message,
            "warnings": (),
        }
        assert await gateway.database.pool.fetchval("select filler from referrals") == "RK-7"
        assert getattr(event.data, "reason", None) == reason
        assert await gateway.sealed() == []

    async def test_about_an_unknown_referral_is_rejected_to_its_sender(self, gateway: Gateway) -> None:
        [received] = await gateway.accept(answer(NOBODYS))
        await gateway.translate()
        [event] = await gateway.events(MessageRejected)
        assert event.data.model_dump(mode="json") == {
            "agency": "redcross",
            "message": received.data.message,
            "problems": [{"field": "referral", "problem": "unknown"}],
            "placer": "answer-0001",
        }
        assert await gateway.events(DeliveryEvent) == []

    async def test_with_an_unknown_field_is_told_nothing_of_it(self, gateway: Gateway) -> None:
        await gateway.accept(answer(NOBODYS, prs_FirstName="Gaxipypuno"))
        await gateway.translate()
        [event] = await gateway.events(MessageRejected)
        assert [each.field for each in event.data.problems] == ["referral"]
        assert "Gaxipypuno" not in event.data.model_dump_json()


class TestAReferralOfOthers:
    """An agency that guessed, or overheard, the id of a referral that is none of its business."""

    async def test_is_as_unknown_as_one_that_is_not_there(self, gateway: Gateway) -> None:
        about = await gateway.submit(referral())
        await gateway.database.pool.execute("update referrals set receiver = 'shelter'")
        await gateway.accept(answer(about.referral, stafet_reference="RK-7"))
        await gateway.accept(withdrawal(about.referral))
        await gateway.translate()
        events = await gateway.events(MessageRejected)
        assert [[(each.field, each.problem) for each in event.data.problems] for event in events] == [
            [("referral", "unknown")]
        ] * 2
        assert await gateway.events(DeliveryEvent) == []
        assert gateway.vault.orders == []
        assert await gateway.database.pool.fetchval("select filler from referrals") is None


class TestTheVaultAway:
    async def test_parks_the_agencys_messages_and_translates_them_later(self, gateway: Gateway) -> None:
        gateway.vault.closed = True
        received = await gateway.accept(referral(number=1), referral(number=2), answer(NOBODYS))
        await gateway.translate()
        assert await gateway.parked() == [
            ("police", "transient"), ("police", "held"), ("redcross", "transient"),
        ]  # fmt: skip
        assert [type(each) for each in await gateway.events(Event)] == [MessageReceived] * 3

        gateway.vault.closed = False
        processor = gateway.processor()
        assert await processor.retry_parked() == 0
        gateway.clock.advance(1)
        while await processor.retry_parked():
            pass
        assert await gateway.parked() == []
        events = await gateway.events(ReferralSubmitted)
        assert [each.data.placer for each in events] == [each.data.message for each in received[:2]]
        assert len(await gateway.events(MessageRejected)) == 1


class TestTheSameEventAgain:
    async def test_changes_nothing(self, gateway: Gateway) -> None:
        received = records(await gateway.accept(referral()))
        for _ in range(2):
            await gateway.processor().process(received)
        assert len(await gateway.events(ReferralSubmitted)) == 1
        assert len(gateway.vault.records) == 1

    async def test_is_passed_over_even_if_the_inbox_has_forgotten_it(self, gateway: Gateway) -> None:
        received = records(await gateway.accept(referral()))
        await gateway.processor().process(received)
        await gateway.database.pool.execute("delete from inbox")
        await gateway.processor().process(received)
        assert len(await gateway.events(ReferralSubmitted)) == 1
        assert await gateway.count("parked") == 0

    async def test_after_a_failed_transaction_finds_its_first_record(self, gateway: Gateway) -> None:
        """The batch fails after both registrations; alone, each must give the same record again."""
        received = await gateway.accept(referral(number=1), referral(number=2))
        await gateway.processor().process(records([*received, never_accepted()]))
        events = [each.data for each in await gateway.events(ReferralSubmitted)]
        assert [(each.placer, each.record) for each in events] == [
            (received[0].data.message, "record-1"), (received[1].data.message, "record-2"),
        ]  # fmt: skip
        assert await gateway.parked() == [("redcross", "bug")]


class TestABug:
    async def test_about_one_message_does_not_hold_its_agencys_others(self, gateway: Gateway) -> None:
        [received] = await gateway.accept(answer(NOBODYS))
        await gateway.processor().process(records([never_accepted(), received]))
        assert await gateway.parked() == [("redcross", "bug")]
        assert len(await gateway.events(MessageRejected)) == 1

    async def test_is_also_a_message_that_does_not_open(self, gateway: Gateway) -> None:
        await gateway.accept(referral())
        await gateway.database.pool.execute("update messages set sealed = sealed || '\\x00'")
        await gateway.translate()
        assert await gateway.parked() == [("police", "bug")]
        assert len(await gateway.sealed()) == 1
