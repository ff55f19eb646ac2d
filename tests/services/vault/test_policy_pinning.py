"""A policy file that was swapped."""

import asyncio
from pathlib import Path

import pytest

from stafet.vault.app.build import open_session
from stafet.vault.app.policies import pin_policy
from stafet.vault.app.session import Session
from stafet.vault.keyfiles import KeyFiles
from stafet.vault.policy import PolicyError
from stafet.vault.settings import VaultSettings
from stafet_runtime.database import Database
from stafet_runtime.vaultport import VaultUnavailableError
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.vault.policies import changed, text


class Seat:
    """Opens a vault with a policy of one's own."""

    def __init__(self, database: Database, clock: FakeClock, key_files: KeyFiles, folder: Path) -> None:
        self._place = (database, clock, FakeIds(), key_files)
        self._file = folder / "policy.toml"

    def with_policy(self, policy: str) -> Session:
        """Open it with the text of a policy."""
        self._file.write_text(policy, encoding="utf-8")
        return open_session(*self._place, VaultSettings(policy=self._file))


@pytest.fixture
def seat(database: Database, clock: FakeClock, key_files: KeyFiles, tmp_path: Path) -> Seat:
    """A vault that is given its policy by the test."""
    return Seat(database, clock, key_files, tmp_path)


class TestPinPolicy:
    """At the vault's start."""

    async def test_the_same_file_starts_again_and_again(self, seat: Seat, database: Database) -> None:
        session = seat.with_policy(text())
        await pin_policy(session)
        await pin_policy(session)
        rows = await database.pool.fetch("select version, digest, first_used_at from policies")
        assert [tuple(row) for row in rows] == [("1", session.policy.digest, session.clock.now())]

    async def test_a_known_version_with_another_text_is_refused(self, seat: Seat) -> None:
        await pin_policy(seat.with_policy(text()))
        opened = changed("identity", '{ mark = "A", citation = "law", valid_from = 2026-01-01 }')
        with pytest.raises(PolicyError, match=r"version 1, which this vault has used with another text: put"):
            await pin_policy(seat.with_policy(opened))

    async def test_a_changed_comment_is_another_text(self, seat: Seat) -> None:
        await pin_policy(seat.with_policy(text()))
        with pytest.raises(PolicyError):
            await pin_policy(seat.with_policy(text() + "# a word\n"))

    async def test_a_new_version_is_taken_and_the_old_one_is_remembered(self, seat: Seat) -> None:
        await pin_policy(seat.with_policy(text()))
        await pin_policy(seat.with_policy(text(version="2")))
        await pin_policy(seat.with_policy(text()))
        with pytest.raises(PolicyError):
            await pin_policy(seat.with_policy(text(mandate_to="2030-01-01")))

    async def test_of_two_that_start_at_once_with_different_texts_one_is_refused(self, seat: Seat) -> None:
        sessions = [seat.with_policy(text() + f"# {number}\n") for number in range(8)]
        ended = await asyncio.gather(*map(pin_policy, sessions), return_exceptions=True)
        assert [type(each) for each in ended if each is not None] == [PolicyError] * 7

    async def test_without_a_database_the_vault_is_unavailable(self, seat: Seat, database: Database) -> None:
        session = seat.with_policy(text())
        await database.close()
        with pytest.raises(VaultUnavailableError):
            await pin_policy(session)
