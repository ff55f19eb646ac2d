"""Consent on a real database: what opens, what closes, who is told, and in which order."""

from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from stafet.vault.app.build import open_session
from stafet.vault.app.consents import ConsentBook
from stafet.vault.app.local import LocalVault
from stafet.vault.keyfiles import KeyFiles
from stafet.vault.settings import VaultSettings
from stafet_runtime.database import Database
from stafet_runtime.vaultport import (
    ConsentOrder,
    ConsentRefusedError,
    DisclosureBlockedError,
    StoredRecord,
)
from stafet_schemas.groups import Group
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.vault.consents import (
    ADULT,
    ADULT_VALUES,
    CHILD,
    DAY,
    consent_rows,
    duty,
    given,
    narrowed,
    recall,
    seen,
    withdrawn,
)
from tests.services.vault.people import REFERENCE, SECRETS, notice, request
from tests.services.vault.tables import every_byte, outbox

WITHOUT = {Group.ROUTING, Group.IDENTITY, Group.CONTACT, Group.EXPLOITATION}
WHOLE = WITHOUT | {Group.HEALTH, Group.NARRATIVE}


@pytest.fixture
async def adult(vault: LocalVault) -> StoredRecord:
    """An adult's record."""
    return await vault.register(ADULT)


@pytest.fixture
def book(database: Database, clock: FakeClock, ids: FakeIds, key_files: KeyFiles) -> ConsentBook:
    """The consents of the same vault."""
    return ConsentBook(open_session(database, clock, ids, key_files, VaultSettings()))


class TestGiven:
    async def test_opens_what_it_names_for_whom_and_what_it_names(
        self, vault: LocalVault, adult: StoredRecord
    ) -> None:
        assert await seen(vault, adult) == WITHOUT
        await vault.record_consent(given(adult, groups=("health",)))
        assert await seen(vault, adult) == WITHOUT | {Group.HEALTH}

    @pytest.mark.parametrize("changes", [{"recipients": ("cmm",)}, {"purposes": ("treatment",)}])
    async def test_opens_nothing_for_another_recipient_or_purpose(
        self, vault: LocalVault, adult: StoredRecord, changes: dict[str, tuple[str, ...]]
    ) -> None:
        await vault.record_consent(given(adult, **changes))
        assert await seen(vault, adult) == WITHOUT

    async def test_opens_nothing_once_its_time_is_over(
        self, vault: LocalVault, adult: StoredRecord, clock: FakeClock
    ) -> None:
        await vault.record_consent(given(adult, until=clock.now() + DAY))
        assert await seen(vault, adult) == WHOLE
        clock.advance(DAY.total_seconds())
        assert await seen(vault, adult) == WITHOUT

    async def test_is_told_in_codes(self, vault: LocalVault, adult: StoredRecord, database: Database) -> None:
        record = await vault.record_consent(given(adult))
        kind, data = (await outbox(database))[-1]
        assert (kind, data["consent"], data["version"]) == ("consent.given.v1", record.consents[0], 1)
        assert (data["named"], data["groups"]) == (["redcross"], ["health", "narrative"])
        assert (data["language"], data["interpreter"], data["how"]) == ("vie", True, "oral")

    async def test_the_same_message_again_changes_nothing(
        self, vault: LocalVault, adult: StoredRecord, database: Database
    ) -> None:
        first = await vault.record_consent(given(adult))
        assert await vault.record_consent(given(adult)) == first
        assert len(await consent_rows(database)) == 1

    async def test_what_stands_already_changes_nothing(
        self, vault: LocalVault, adult: StoredRecord, database: Database
    ) -> None:
        await vault.record_consent(given(adult))
        again = await vault.record_consent(given(adult, message="said-2", groups=("health",)))
        assert again.consents == ()
        assert len(await consent_rows(database)) == 1

    async def test_comes_with_the_values_of_a_referral_or_neither_is_kept(
        self, vault: LocalVault, database: Database
    ) -> None:
        said = ConsentOrder(
            "given", "police", "message-1", recipients=("redcross",), purposes=("support",),
            groups=("narrative",), language="vie", how="written",
        )  # fmt: skip
        with pytest.raises(ConsentRefusedError, match="recipients: unknown"):
            await vault.register(replace(ADULT, consents=(replace(said, recipients=("nobody",)),)))
        assert await database.pool.fetchval("select count(*) from cases") == 0
        stored = await vault.register(replace(ADULT, consents=(said,)))
        assert await seen(vault, stored) == WITHOUT | {Group.NARRATIVE}
        assert [kind for kind, _ in await outbox(database)][:2] == ["case.opened.v1", "consent.given.v1"]

    async def test_leaves_no_message_id_or_value_in_the_tables(
        self, vault: LocalVault, adult: StoredRecord, database: Database
    ) -> None:
        await vault.record_consent(given(adult, message="RK-Testgaard-message"))
        stored = await every_byte(database)
        assert b"RK-Testgaard" not in stored
        assert not [each for each in SECRETS if each.encode() in stored]


class TestChild:
    async def test_consent_is_not_the_gate(self, vault: LocalVault) -> None:
        stored = await vault.register(CHILD)
        await vault.record_consent(given(stored))
        assert await seen(vault, stored) == WITHOUT

    async def test_the_recorded_duty_is(self, vault: LocalVault) -> None:
        stored = await vault.register(CHILD)
        await vault.record_consent(duty(stored))
        assert await seen(vault, stored) == WHOLE

    async def test_a_duty_opens_nothing_of_an_adult(self, vault: LocalVault, adult: StoredRecord) -> None:
        await vault.record_consent(duty(adult))
        assert await seen(vault, adult) == WITHOUT


class TestGround:
    async def test_opens_l_cells_only(self, vault: LocalVault) -> None:
        # The police have a mandate for no service: what asks for none may go to them.
        routing = {**ADULT_VALUES[Group.ROUTING], "service": None}
        adult = await vault.register(replace(ADULT, values={**ADULT_VALUES, Group.ROUTING: routing}))
        police = request(adult, recipient="police")
        assert set((await vault.release(police)).values) == {Group.ROUTING}
        ground = duty(adult, basis="ground", recipients=("police",), groups=("identity", "narrative"))
        await vault.record_consent(ground)
        assert set((await vault.release(police)).values) == {Group.ROUTING, Group.IDENTITY}


class TestNarrowed:
    async def test_opens_what_is_left(self, vault: LocalVault, adult: StoredRecord) -> None:
        await vault.record_consent(given(adult))
        await vault.record_consent(narrowed(adult))
        assert await seen(vault, adult) == WITHOUT | {Group.HEALTH}

    async def test_tells_who_holds_what_was_cut(
        self, vault: LocalVault, adult: StoredRecord, database: Database
    ) -> None:
        await vault.record_consent(given(adult))
        await seen(vault, adult)
        await vault.record_consent(narrowed(adult))
        kind, data = (await outbox(database))[-1]
        assert (kind, data["version"], data["recipients"]) == ("consent.narrowed.v1", 2, ["redcross"])


class TestWithdrawn:
    async def test_closes_all_that_consent_opened(
        self, vault: LocalVault, adult: StoredRecord, database: Database
    ) -> None:
        await vault.record_consent(given(adult))
        await vault.record_consent(given(adult, message="said-2", recipients=("cmm",)))
        done = await vault.record_consent(withdrawn(adult))
        assert len(done.consents) == 2
        assert await seen(vault, adult) == WITHOUT
        assert [row[:2] for row in await consent_rows(database)][2:] == [(2, "withdrawn")] * 2

    async def test_names_those_who_were_served_once(
        self, vault: LocalVault, adult: StoredRecord, database: Database
    ) -> None:
        await vault.record_consent(given(adult, groups=("health",)))
        await vault.record_consent(given(adult, message="said-2", groups=("narrative",)))
        await seen(vault, adult)
        await vault.record_consent(withdrawn(adult))
        told = [data["recipients"] for kind, data in await outbox(database) if "withdrawn" in kind]
        assert sorted(str(each) for each in told) == ["['redcross']", "[]"]

    async def test_names_nobody_who_was_served_without_it(
        self, vault: LocalVault, adult: StoredRecord, database: Database
    ) -> None:
        await seen(vault, adult)
        await vault.record_consent(given(adult))
        await vault.record_consent(withdrawn(adult))
        assert (await outbox(database))[-1][1]["recipients"] == []

    async def test_tells_those_who_were_served_before_it_ran_out(
        self, vault: LocalVault, adult: StoredRecord, book: ConsentBook, clock: FakeClock, database: Database
    ) -> None:
        await vault.record_consent(given(adult, until=clock.now() + DAY))
        await seen(vault, adult)
        clock.advance(2 * DAY.total_seconds())
        assert await book.expire() == 1
        await vault.record_consent(withdrawn(adult))
        assert (await outbox(database))[-1][1]["recipients"] == ["redcross"]

    async def test_stays_withdrawn_when_the_clock_is_set_back(
        self, vault: LocalVault, adult: StoredRecord, clock: FakeClock
    ) -> None:
        await vault.record_consent(given(adult))
        clock.advance(60)
        await vault.record_consent(withdrawn(adult))
        clock.advance(-600)
        assert await seen(vault, adult) == WITHOUT

    async def test_counts_at_once_whatever_the_partner_s_clock_says(
        self, vault: LocalVault, adult: StoredRecord, clock: FakeClock
    ) -> None:
        await vault.record_consent(given(adult))
        await vault.record_consent(withdrawn(adult, at=clock.now() + timedelta(minutes=10)))
        assert await seen(vault, adult) == WITHOUT

    async def test_of_nothing_is_no_trouble(
        self, vault: LocalVault, adult: StoredRecord, database: Database
    ) -> None:
        assert (await vault.record_consent(withdrawn(adult))).consents == ()
        assert await consent_rows(database) == []


class TestRefused:
    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"case": "c-of-nobody"}, "case: unknown"),
            ({"case": None}, "case: missing"),
            ({"case": None, "reference": "0900-nobody"}, "reference: unknown"),
            ({"agency": "immigration"}, "case: unknown"),
            ({"statement": "forgotten"}, "statement: say one of"),
            ({"basis": "whim"}, "basis: say one of"),
            ({"recipients": ("Zorabelle",)}, "recipients: unknown"),
        ],
    )
    async def test_by_the_name_of_the_field(
        self,
        vault: LocalVault,
        adult: StoredRecord,
        database: Database,
        changes: dict[str, str],
        problem: str,
    ) -> None:
        with pytest.raises(ConsentRefusedError, match=problem) as refused:
            await vault.record_consent(given(adult, **changes))
        assert not [each for each in SECRETS if each in str(refused.value)]
        assert await consent_rows(database) == []

    async def test_an_agency_may_speak_of_its_own_case_and_of_one_it_was_shown(
        self, vault: LocalVault, adult: StoredRecord
    ) -> None:
        own = given(adult, agency="police", case=None, reference=REFERENCE)
        assert (await vault.record_consent(own)).case == adult.case
        with pytest.raises(ConsentRefusedError, match="case: unknown"):
            await vault.record_consent(withdrawn(adult, agency="redcross"))
        await vault.release(notice(adult))
        assert len((await vault.record_consent(withdrawn(adult, agency="redcross"))).consents) == 1


class TestTheTable:
    @pytest.mark.parametrize(
        "statement", ["update consents set groups = '{identity}'", "delete from consents"]
    )
    async def test_lets_nobody_change_a_version(
        self, vault: LocalVault, adult: StoredRecord, database: Database, statement: str
    ) -> None:
        await vault.record_consent(given(adult))
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            await database.pool.execute(statement)
        assert len(await consent_rows(database)) == 1


class TestExpired:
    async def test_is_closed_and_told_once(
        self, vault: LocalVault, adult: StoredRecord, book: ConsentBook, clock: FakeClock, database: Database
    ) -> None:
        await vault.record_consent(given(adult, until=clock.now() + DAY))
        assert await book.expire() == 0
        clock.advance(DAY.total_seconds())
        assert await book.expire() == 1
        assert await book.expire() == 0
        assert (await outbox(database))[-1][0] == "consent.expired.v1"


class TestShow:
    async def test_says_who_still_holds_what(
        self, vault: LocalVault, adult: StoredRecord, book: ConsentBook
    ) -> None:
        await vault.record_consent(given(adult))
        await seen(vault, adult)
        await vault.record_consent(withdrawn(adult))
        shown = await book.show(adult.case)
        assert shown is not None
        assert (len(shown.history), shown.in_force) == (2, ())
        assert [(held.recipient, beyond) for held, beyond in shown.held] == [
            ("redcross", frozenset({"health", "narrative"}))
        ]

    async def test_says_what_was_in_force_as_was_known_then(
        self, vault: LocalVault, adult: StoredRecord, book: ConsentBook, clock: FakeClock
    ) -> None:
        await vault.record_consent(given(adult))
        then = clock.now()
        clock.advance(60)
        await vault.record_consent(withdrawn(adult))
        shown = await book.show(adult.case, then)
        assert shown is not None
        assert [each.statement for each in shown.in_force] == ["given"]

    async def test_an_unknown_case_is_none(self, book: ConsentBook) -> None:
        assert await book.show("c-of-nobody") is None


class TestNoticeOfWithdrawal:
    async def test_names_groups_and_pseudonym_and_no_value(
        self, vault: LocalVault, adult: StoredRecord, database: Database
    ) -> None:
        await vault.record_consent(given(adult))
        before = await vault.release(request(adult))
        await vault.record_consent(withdrawn(adult))
        told = await vault.release(recall(adult))
        assert (told.values, told.groups) == ({}, ("health", "narrative"))
        assert (told.person, told.referrals) == (before.person, ("referral-1",))
        row = await database.pool.fetchrow("select part, groups, outcome from disclosures where number = 2")
        assert row is not None
        assert tuple(row) == ("withdrawal", [], "made")

    async def test_goes_to_nobody_who_was_given_nothing(self, vault: LocalVault, adult: StoredRecord) -> None:
        with pytest.raises(DisclosureBlockedError, match="no_mandate"):
            await vault.release(recall(adult))
