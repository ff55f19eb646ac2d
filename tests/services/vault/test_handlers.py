"""Registering and releasing on a real database."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from stafet.vault.app.local import LocalVault
from stafet.vault.domain.ledger import FIRST, link, place
from stafet.vault.keyfiles import KeyFiles
from stafet_runtime.database import Database
from stafet_runtime.sealing import seal
from stafet_runtime.vaultport import (
    DisclosureBlockedError,
    ReleaseRequest,
    StoredRecord,
    VaultUnavailableError,
)
from stafet_schemas.groups import Group
from tests.services.vault.people import (
    PLACER,
    RAW,
    REFERENCE,
    REGISTRATION,
    VALUES,
    asking_for,
    notice,
    request,
    status,
)
from tests.services.vault.tables import every_byte, ledger, outbox


class TestOpenMessage:
    """Raw messages that wait sealed in the gateway."""

    async def test_what_the_gateway_sealed_opens_with_its_context(
        self, vault: LocalVault, key_files: KeyFiles
    ) -> None:
        sealed = seal(key_files.seals.current.public, RAW, b"police|message-1")
        assert await vault.open_message(sealed, b"police|message-1") == RAW

    async def test_another_context_opens_nothing(self, vault: LocalVault, key_files: KeyFiles) -> None:
        sealed = seal(key_files.seals.current.public, RAW, b"police|message-1")
        with pytest.raises(ValueError, match="does not open"):
            await vault.open_message(sealed, b"police|message-2")


class TestRegister:
    """Values on their way in."""

    async def test_a_new_reference_opens_a_case_under_a_random_pseudonym(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await vault.register(REGISTRATION)
        assert stored.case.startswith("c-")
        assert len(stored.case) == len("c-") + 32
        assert (stored.version, stored.groups) == (1, tuple(sorted(VALUES)))
        assert await outbox(database) == [("case.opened.v1", {"case": stored.case, "agency": "police"})]

    async def test_the_same_message_again_is_the_same_record(
        self, vault: LocalVault, database: Database
    ) -> None:
        first = await vault.register(REGISTRATION)
        assert await vault.register(REGISTRATION) == first
        assert await database.pool.fetchval("select count(*) from records") == 1
        assert len(await outbox(database)) == 1

    async def test_a_second_message_about_the_reference_is_a_new_record_of_the_same_case(
        self, vault: LocalVault
    ) -> None:
        first = await vault.register(REGISTRATION)
        second = await vault.register(replace(REGISTRATION, message="message-2"))
        assert second.case == first.case
        assert second.record != first.record
        assert second.digest == first.digest

    async def test_another_agency_with_an_equal_reference_is_another_case(self, vault: LocalVault) -> None:
        first = await vault.register(REGISTRATION)
        second = await vault.register(replace(REGISTRATION, agency="redcross"))
        assert second.case != first.case
        assert second.digest != first.digest

    async def test_messages_at_the_same_time_about_one_reference_share_one_case(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await asyncio.gather(
            *(vault.register(replace(REGISTRATION, message=f"message-{n // 2}")) for n in range(16))
        )
        assert len({each.case for each in stored}) == 1
        assert len({each.record for each in stored}) == 8
        assert await database.pool.fetchval("select count(*) from cases") == 1
        assert len(await outbox(database)) == 1


class TestRelease:
    """Values on their way out."""

    async def test_a_notice_shows_routing_facts_only(self, vault: LocalVault) -> None:
        released = await vault.release(notice(await vault.register(REGISTRATION)))
        assert released.values == {Group.ROUTING: VALUES[Group.ROUTING]}
        assert released.person is not None

    async def test_content_shows_what_the_matrix_always_allows(self, vault: LocalVault) -> None:
        released = await vault.release(request(await vault.register(REGISTRATION)))
        expected = {group: fields for group, fields in VALUES.items() if group is not Group.NARRATIVE}
        assert released.values == expected

    async def test_a_status_shows_the_rung_and_nothing_of_the_person(self, vault: LocalVault) -> None:
        stored = await vault.register(REGISTRATION)
        released = await vault.release(replace(status(stored), problems=(("name", "missing"),)))
        assert (released.values, released.person) == ({}, None)
        assert (released.rung, released.problems) == ("accepted", (("name", "missing"),))

    async def test_a_status_names_the_request_by_the_id_that_its_sender_gave_it(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await vault.register(REGISTRATION)
        assert (await vault.release(status(stored))).placer == PLACER
        assert PLACER.encode() not in await every_byte(database)

    async def test_nobody_but_the_sender_learns_that_id(self, vault: LocalVault) -> None:
        stored = await vault.register(REGISTRATION)
        shown = [await vault.release(each) for each in (notice(stored), request(stored))]
        assert [each.placer for each in shown] == ["receipt-1", "receipt-1"]
        with pytest.raises(DisclosureBlockedError):
            await vault.release(replace(status(stored), recipient="redcross"))

    async def test_an_id_moved_to_another_record_does_not_open(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await vault.register(REGISTRATION)
        other = await vault.register(replace(REGISTRATION, message="message-2", placer="POL-2"))
        await database.pool.execute(
            "update records set placer = (select placer from records where record_id = $1)", stored.record
        )
        with pytest.raises(VaultUnavailableError, match="a stored placer does not open"):
            await vault.release(status(other))

    async def test_the_ledger_has_names_and_the_event_has_groups(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await vault.register(REGISTRATION)
        released = await vault.release(notice(stored))
        row = await database.pool.fetchrow("select * from disclosures")
        assert row is not None
        assert (str(row["disclosure_id"]), row["case_id"]) == (released.disclosure, stored.case)
        assert row["fields"] == sorted(f"routing.{name}" for name in VALUES[Group.ROUTING])
        kind, data = (await outbox(database))[-1]
        assert kind == "disclosure.made.v1"
        assert data["disclosure"] == released.disclosure
        assert (data["groups"], data["policy"]) == (["routing"], row["policy"])

    async def test_a_refusal_is_a_ledger_row_and_an_event(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await vault.register(REGISTRATION)
        with pytest.raises(DisclosureBlockedError, match="not_accepted"):
            await vault.release(request(stored, accepted=False))
        row = await database.pool.fetchrow("select outcome, reason, groups, fields from disclosures")
        assert row is not None
        assert tuple(row) == ("blocked", "not_accepted", [], [])
        kind, data = (await outbox(database))[-1]
        assert (kind, data["reason"]) == ("disclosure.blocked.v1", "not_accepted")

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"case": "c-of-nobody"}, "unknown_case"),
            ({"record": "00000000-0000-7000-8000-000000000000"}, "unknown_case"),
            ({"record": "not an id"}, "unknown_case"),
            ({"record": None}, "unknown_case"),
            ({"case": None, "referral": None}, "unknown_case"),
            ({"recipient": "municipality"}, "unknown_recipient"),
            ({"sender": "redcross"}, "no_mandate"),
            ({"purpose": "referral_notice"}, "no_mandate"),
            ({"referral": None}, "no_mandate"),
            ({"part": "everything"}, "no_policy"),
        ],
    )
    async def test_a_request_beside_the_mandate_is_blocked(
        self, vault: LocalVault, changes: dict[str, str | None], reason: str
    ) -> None:
        stored = await vault.register(REGISTRATION)
        with pytest.raises(DisclosureBlockedError, match=reason):
            await vault.release(request(stored, **changes))

    async def test_a_record_of_another_case_is_blocked(self, vault: LocalVault) -> None:
        stored = await vault.register(REGISTRATION)
        other = await vault.register(replace(REGISTRATION, message="message-2", reference=f"{REFERENCE}-2"))
        with pytest.raises(DisclosureBlockedError, match="unknown_case"):
            await vault.release(request(stored, record=other.record))

    async def test_a_status_about_a_message_without_a_case_is_in_the_ledger_only(
        self, vault: LocalVault, database: Database
    ) -> None:
        asked = ReleaseRequest(
            "delivery-1", None, None, None, "police", "police", "status", "referral_status", "message-1",
            rung="parse_rejected", problems=(("first_name", "missing"),),
        )  # fmt: skip
        released = await vault.release(asked)
        assert (released.rung, released.values) == ("parse_rejected", {})
        row = await database.pool.fetchrow("select lane, case_id, number from disclosures")
        assert row is not None
        assert tuple(row) == ("no-case", None, 1)
        assert await outbox(database) == []

    async def test_each_try_of_a_delivery_is_a_disclosure_of_its_own(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await vault.register(REGISTRATION)
        first, second = await vault.release(notice(stored)), await vault.release(notice(stored))
        assert first.disclosure != second.disclosure
        assert (first.values, first.person) == (second.values, second.person)
        assert [entry.attempt for entry, _, _ in await ledger(database, stored.case)] == [1, 2]

    async def test_releases_of_a_case_at_the_same_time_make_one_unbroken_chain(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await vault.register(REGISTRATION)
        await asyncio.gather(*(vault.release(notice(stored)) for _ in range(8)))
        last = FIRST
        digests = await database.pool.fetch("select digest from disclosures order by number")
        for number, (entry, before, own) in enumerate(await ledger(database, stored.case), 1):
            assert (entry.number, before) == (number, last)
            last = link(last, digests[number - 1]["digest"], place(stored.case, number, "case"))
            assert own == last
        head = await database.pool.fetchrow("select entries, head from chains where lane = $1", stored.case)
        assert head is not None
        assert tuple(head) == (8, last)

    async def test_recipients_get_different_pseudonyms_of_one_person(self, vault: LocalVault) -> None:
        stored = await vault.register(asking_for("contact_person"))
        redcross = await vault.release(notice(stored))
        cmm = await vault.release(replace(notice(stored), recipient="cmm"))
        assert redcross.person != cmm.person
        assert stored.case not in (redcross.person, cmm.person)

    @pytest.mark.parametrize("ask", [notice, request])
    async def test_nothing_leaves_for_a_service_without_a_mandate_for_it(
        self, vault: LocalVault, ask: Callable[[StoredRecord], ReleaseRequest]
    ) -> None:
        stored = await vault.register(asking_for("health"))
        assert (await vault.release(ask(stored))).values
        with pytest.raises(DisclosureBlockedError, match="no_mandate"):
            await vault.release(replace(ask(stored), recipient="cmm"))

    async def test_a_changed_value_is_not_released_and_not_in_the_ledger(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await vault.register(REGISTRATION)
        await database.pool.execute(
            "update record_values set ciphertext = set_byte(ciphertext, 20, get_byte(ciphertext, 20) # 1)"
        )
        with pytest.raises(VaultUnavailableError, match="changed or moved"):
            await vault.release(request(stored))
        assert await database.pool.fetchval("select count(*) from disclosures") == 0
