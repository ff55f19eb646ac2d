"""Alerts on a real database: whoever takes part by the ledger is told of its own referrals, and of nobody."""

import pytest

from stafet.vault.app.local import LocalVault
from stafet_runtime.database import Database
from stafet_runtime.vaultport import DisclosureBlockedError
from tests.services.vault.people import DUE, REGISTRATION, SECRETS, alert, notice, status
from tests.services.vault.tables import ledger


class TestAnAlert:
    async def test_names_the_recipients_own_referrals_and_nobody(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await vault.register(REGISTRATION)
        await vault.release(notice(stored))

        released = await vault.release(alert(stored))

        assert (released.rung, released.reason, released.due) == ("warned", "period_end", DUE)
        assert (released.referrals, released.person, released.values) == (("referral-1",), None, {})
        assert not [secret for secret in SECRETS if secret in repr(released)]
        entry = (await ledger(database, stored.case))[-1][0]
        assert (entry.part, entry.purpose, entry.outcome, entry.fields) == ("alert", "alert", "made", ())

    async def test_is_for_nobody_who_was_brought_nothing_of_the_case(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await vault.register(REGISTRATION)
        await vault.release(notice(stored))

        with pytest.raises(DisclosureBlockedError, match="never_sent"):
            await vault.release(alert(stored, recipient="shelter"))
        with pytest.raises(DisclosureBlockedError, match="never_sent"):
            await vault.release(alert(stored, referral="referral-of-others"))
        # Having been alerted, or refused it, is no part in a case.
        with pytest.raises(DisclosureBlockedError, match="never_sent"):
            await vault.release(alert(stored, recipient="shelter"))
        reasons = [entry.reason for entry, _, _ in await ledger(database, stored.case)]
        assert reasons == [None, "never_sent", "never_sent", "never_sent"]

    async def test_a_sender_takes_part_once_it_was_told_of_its_referral(self, vault: LocalVault) -> None:
        stored = await vault.register(REGISTRATION)
        missing = alert(stored, recipient="police", reason="missing_child")
        with pytest.raises(DisclosureBlockedError, match="never_sent"):
            await vault.release(missing)
        await vault.release(status(stored))

        assert (await vault.release(missing)).referrals == ("referral-1",)

    async def test_what_the_matrix_never_shows_is_not_given_away(self, vault: LocalVault) -> None:
        stored = await vault.register(REGISTRATION)
        await vault.release(status(stored))

        with pytest.raises(DisclosureBlockedError, match="not_concerned"):
            await vault.release(alert(stored, recipient="police"))
