"""The seal keys turn under a hub that runs: nothing is lost, and what is old is gone."""

import os
from pathlib import Path

import pytest

from stafet.vault.keyfiles import SealPair, SealRing
from stafet_runtime.sealing import HEADER_BYTES, key_id, read_public_key
from tests.walk.whole_hub import LOOK_S, WholeHub, until

DAY_S = 24 * 60 * 60
OTHERS = ("gateway", "referrals", "dispatch", "console")
SEALED = "select sealed from gateway.messages where sealed is not null"


def age(folder: Path) -> None:
    """Let every seal key be a day older, and a minute."""
    for path in folder.iterdir():
        made = path.stat().st_mtime - DAY_S - 60
        os.utime(path, (made, made))


async def until_pairs(folder: Path, *numbers: int) -> SealPair:
    """Wait until these are the pairs there are; return the newest."""

    async def look() -> SealPair | None:
        pairs = SealRing(folder).pairs
        return pairs[-1] if tuple(pair.number for pair in pairs) == numbers else None

    found = await until(look)
    assert found is not None
    return found


class TestSealKeys:
    async def test_turn_under_a_hub_that_runs_and_wait_for_what_is_sealed(
        self, hub: WholeHub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("stafet.gateway.adapters.RENEW_S", LOOK_S)
        folder, known = hub.home / "keys" / "seal", hub.home / "gateway" / "vault_seal_public"
        first = SealRing(folder).current
        async with hub.up(OTHERS, vault_url="https://127.0.0.1:1"), hub.agency("police", referrals=2):
            sealed = await hub.until_rows(SEALED, count=2)
        assert {each["sealed"][1:HEADER_BYTES] for each in sealed} == {first.id}

        age(folder)
        async with hub.up():
            second = await until_pairs(folder, 1, 2)

            async def followed() -> bool:
                return key_id(read_public_key(known)) == second.id

            await until(followed)
            await hub.until_rows("select from referrals.referrals", count=2)
            assert await hub.rows(SEALED) == []
            age(folder)
            third = await until_pairs(folder, 2, 3)
            async with hub.agency("police", referrals=1, seed=2):
                await hub.until_rows("select from referrals.referrals", count=3)
            assert key_id(read_public_key(known)) in {second.id, third.id}
        assert await hub.leaks() == []
