"""The gateway follows the vault's seal key, and says which ones it still needs."""

import asyncio
import contextlib

import pytest

from stafet.gateway.adapters import PostgresWaiting, SealRenewal
from stafet.gateway.handlers import renew
from stafet.gateway.ports import StoreUnavailableError
from stafet_runtime.sealing import HEADER_BYTES, key_id
from stafet_runtime.vaultport import VaultUnavailableError
from stafet_schemas.referral import ReferralSubmitted
from tests.fakes.seal_key import FakeSealKey
from tests.services.gateway.samples import referral
from tests.services.gateway.serving import Gateway


class TestRenew:
    async def test_takes_over_the_newest_key(self, gateway: Gateway) -> None:
        known = gateway.vault.seal_key
        gateway.vault.next_day()
        await renew(seal_key=known, waiting=PostgresWaiting(gateway.database), vault=gateway.vault)
        assert known.public == gateway.vault.seal_key.public

    async def test_names_its_own_key_and_those_that_messages_wait_under(self, gateway: Gateway) -> None:
        first = gateway.vault.seal_key
        await gateway.accept(referral(number=1), referral(number=2))
        gateway.vault.next_day()
        second = gateway.vault.seal_key
        await gateway.accept(referral(number=3))
        gateway.vault.next_day()
        third = gateway.vault.seal_key
        await renew(seal_key=third, waiting=PostgresWaiting(gateway.database), vault=gateway.vault)
        ids = {key_id(each.public) for each in (first, second, third)}
        assert gateway.vault.in_use == [ids]
        assert {each[1:HEADER_BYTES] for each in await gateway.sealed()} < ids

    async def test_of_what_is_translated_no_key_is_needed_any_more(self, gateway: Gateway) -> None:
        first = gateway.vault.seal_key
        await gateway.accept(referral(number=1))
        gateway.vault.next_day()
        await gateway.translate()
        assert len(await gateway.events(ReferralSubmitted)) == 1
        await renew(
            seal_key=gateway.vault.seal_key, waiting=PostgresWaiting(gateway.database), vault=gateway.vault
        )
        assert key_id(first.public) not in gateway.vault.in_use[0]

    async def test_what_cannot_be_kept_is_not_used(self, gateway: Gateway) -> None:
        known = FakeSealKey(gateway.vault.seal_key.public, full=True)
        before = known.public
        gateway.vault.next_day()
        with pytest.raises(OSError, match="no space"):
            await renew(seal_key=known, waiting=PostgresWaiting(gateway.database), vault=gateway.vault)
        assert known.public == before

    async def test_without_the_vault_the_key_stays(self, gateway: Gateway) -> None:
        known = gateway.vault.seal_key
        before = known.public
        gateway.vault.closed = True
        with pytest.raises(VaultUnavailableError):
            await renew(seal_key=known, waiting=PostgresWaiting(gateway.database), vault=gateway.vault)
        assert known.public == before


class TestSealIds:
    async def test_without_the_database_nothing_is_said_to_be_free(self, gateway: Gateway) -> None:
        await gateway.database.pool.execute("alter table messages rename to away")
        await gateway.database.close()
        with pytest.raises(StoreUnavailableError):
            await PostgresWaiting(gateway.database).seal_ids()


class TestSealRenewal:
    async def test_goes_on_after_trouble(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("stafet.gateway.adapters.RETRY_S", 0)
        troubles: list[Exception] = [VaultUnavailableError("away"), StoreUnavailableError("away"), OSError()]
        renewed = asyncio.Event()

        async def once() -> None:
            if troubles:
                raise troubles.pop()
            renewed.set()

        task = asyncio.create_task(SealRenewal(once).work())
        async with asyncio.timeout(5):
            await renewed.wait()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        assert troubles == []
