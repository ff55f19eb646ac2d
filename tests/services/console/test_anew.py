"""Making the console anew: its statements on a year's log."""

import asyncpg

from stafet.console.adapters.anew import EMPTY


class TestTheEnd:
    async def test_is_one_join_however_many_events_there_are(self, dsn: str) -> None:
        connection = await asyncpg.connect(dsn, server_settings={"search_path": "console"})
        plan = "\n".join(row[0] for row in await connection.fetch("explain " + EMPTY))
        await connection.close()

        # `not in` is a loop in a loop: at half a million events it took longer than a statement may.
        assert "Anti Join" in plan
