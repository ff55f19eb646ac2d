"""What is committed reaches the relay of its process, or is left for it in the table: one of the two."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from stafet_runtime import handoff as handoff_module
from stafet_runtime.database import Database
from stafet_runtime.handoff import Handoff, Row
from tests.runtime.desk import SERVICE
from tests.runtime.publishing import emit, emit_elsewhere

ROWS = [Row(2, "topic", b"key", [], b"later"), Row(1, "topic", b"key", [], b"sooner")]


@pytest.fixture
def leading() -> Handoff:
    """A handoff whose relay leads."""
    handoff = Handoff()
    handoff.leads = True
    return handoff


class TestCommitting:
    def test_hands_over_what_was_announced_in_the_order_of_the_table(self, leading: Handoff) -> None:
        with leading.committing() as committing:
            committing.written = True
            leading.announce(committing, ROWS)
            assert leading.take() == []
            assert sorted(leading.coming()) == [1, 2]

        assert sorted(leading.coming()) == [1, 2]
        assert leading.take() == [ROWS[1], ROWS[0]]
        assert (leading.coming(), leading.look) == ([], False)

    def test_that_fails_leaves_it_to_the_table_because_it_may_have_succeeded(self, leading: Handoff) -> None:
        with suppress(OSError), leading.committing() as committing:
            committing.written = True
            leading.announce(committing, ROWS)
            raise OSError

        assert (leading.take(), leading.coming(), leading.look) == ([], [], True)
        assert leading.woken.is_set()

    def test_of_nothing_wakes_nobody(self, leading: Handoff) -> None:
        with leading.committing():
            pass

        assert (leading.look, leading.woken.is_set()) == (False, False)

    def test_after_the_relay_has_stopped_leaves_it_to_the_table(self, leading: Handoff) -> None:
        with leading.committing() as committing:
            committing.written = True
            leading.announce(committing, ROWS)
            leading.stop()

        assert (leading.take(), leading.coming(), leading.look) == ([], [], True)

    def test_leaves_what_is_too_much_to_the_table(
        self, leading: Handoff, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(handoff_module, "MOST_ROWS", 1)
        for row in ROWS:
            with leading.committing() as committing:
                committing.written = True
                leading.announce(committing, [row])

        assert (leading.take(), leading.look) == ([ROWS[0]], True)


class TestTransaction:
    @pytest.fixture
    async def database(self, database_for: Callable[[str], Awaitable[Database]]) -> Database:
        """A service's empty schema."""
        return await database_for(SERVICE)

    async def test_hands_over_where_its_own_relay_leads(self, database: Database) -> None:
        database.handoff.leads = True
        await emit(database, ["a", "b"])

        assert [row.key for row in database.handoff.take()] == [b"a", b"b"]
        assert not database.handoff.look

    async def test_leaves_it_to_the_table_where_another_leads(self, database: Database) -> None:
        await emit(database, ["a"])

        assert (database.handoff.take(), database.handoff.look) == ([], True)

    async def test_does_not_overtake_what_another_process_has_committed(self, database: Database) -> None:
        database.handoff.leads = True
        await emit_elsewhere(database)
        await emit(database, ["a"])

        assert (database.handoff.take(), database.handoff.look) == ([], True)
