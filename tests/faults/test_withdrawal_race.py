"""A thousand withdrawals against running dispatch, whose hub is killed in between (invariant I10)."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import pytest

from stafet.vault.app.build import open_session
from stafet.vault.app.ledger import Notary
from stafet.vault.app.local import LocalVault
from stafet.vault.app.session import Session
from stafet.vault.keyfiles import read_key_files
from stafet.vault.settings import VaultSettings
from stafet_runtime.clock import SystemClock, SystemIds
from stafet_runtime.database import Database, open_database
from tests.faults.race_cases import make_cases, strict_policy
from tests.faults.race_hub import KilledHub
from tests.faults.race_judge import at_rest, judged, start_again, waiting, watch
from tests.faults.race_partner import serving
from tests.faults.race_run import Race
from tests.walk.whole_hub import WholeHub

CASES = 1_000
SEED = 20261125
ENOUGH = 100
LIMIT_S = 240
"""A race takes half a minute on two busy cores."""


@pytest.fixture
async def many(dsn: str) -> AsyncGenerator[Database]:
    """The vault's schema with room for many at once."""
    database = await open_database(dsn, "vault", size=12)
    yield database
    await database.close()


def session_of(hub: WholeHub, database: Database, policy: Path | None = None) -> Session:
    """Open the hub's vault beside the hub."""
    keys, settings = read_key_files(hub.home), VaultSettings(policy=policy)
    return open_session(database, SystemClock(), SystemIds(), keys, settings)


class TestAThousandWithdrawals:
    @pytest.mark.timeout(300)
    async def test_let_nothing_out_after_their_commit_and_leave_no_case_without_an_end(
        self, hub: WholeHub, many: Database, database_for: Callable[[str], Awaitable[Database]]
    ) -> None:
        chance = random.Random(SEED)
        gateway, dispatch = await database_for("gateway"), await database_for("dispatch")
        cases = await make_cases(CASES, chance, LocalVault(session_of(hub, many)), gateway, dispatch)
        await watch(hub)
        policy = strict_policy(hub.home)
        session = session_of(hub, many, policy)
        killed = KilledHub(hub, policy)
        race = Race(cases, chance, killed, LocalVault(session))

        async def run() -> int:
            await race.over()
            await at_rest(hub, CASES, besides=frozenset({"stopped"}))
            started = await start_again(hub)
            await at_rest(hub, CASES)
            return started

        async with serving(race.partner, hub), race.running(hub), killed.running():
            try:
                started = await asyncio.wait_for(run(), LIMIT_S)
            except TimeoutError:
                pytest.fail(f"seed {SEED}: these wait: {sorted(await waiting(hub, CASES))}")
        verdict = await judged(hub, cases, race.partner.arrivals)
        audit = await Notary(session, hub.home).verify()

        assert (verdict.late, verdict.problems, audit.faults) == (0, (), ()), f"seed {SEED}"
        assert (verdict.withdrawn, killed.kills) == (CASES, 2)
        # It was a race: both sides won often, and some by a hair. What stood still was started again.
        assert min(verdict.served, verdict.blocked) >= ENOUGH, verdict
        # Refusals need not be close: what a withdrawal takes back is ended before the vault is asked again.
        assert verdict.close[0] > 0, verdict
        assert started > 0
