"""Kafka or PostgreSQL away under a working hub: what is accepted is kept, what is not is said."""

from pathlib import Path

import pytest

from stafet_runtime.database import migrate
from stafet_runtime.embedded import KafkaServer, PostgresServer
from stafet_runtime.settings import SERVICES
from tests.walk.police_desk import desk, planned
from tests.walk.whole_hub import make_hub

REFERRALS = 4


@pytest.mark.usefixtures("says_yes")
class TestKafkaDown:
    async def test_messages_are_accepted_into_the_database_and_published_later(
        self, dsn: str, tmp_path: Path
    ) -> None:
        server = KafkaServer(tmp_path / "kafka")
        await server.start()
        try:
            hub = await make_hub(tmp_path / "home", server.bootstrap, dsn)
            async with hub.up(), hub.agency("redcross"):
                await hub.ready()
                await server.stop()

                async with hub.agency("police", referrals=REFERRALS):
                    await hub.recorded("police", "answer", count=REFERRALS, code="MODTAGET")
                    kept = await hub.rows("select from gateway.messages where sealed is not null")
                    waiting = await hub.rows("select from gateway.outbox")
                    assert (len(kept), len(waiting)) == (REFERRALS, REFERRALS)
                    assert hub.record("redcross", "received") == []

                    await server.start()
                    judgement = await hub.judged(REFERRALS)
        finally:
            await server.stop()

        assert judgement.problems == ()
        assert judgement.report.closed == REFERRALS


@pytest.mark.usefixtures("says_yes")
class TestTheDatabaseDown:
    async def test_nothing_is_accepted_the_sender_is_told_when_to_try_again_and_all_goes_on_later(
        self, kafka: str, topic_prefix: str, tmp_path: Path
    ) -> None:
        server = PostgresServer(tmp_path / "postgres")
        await server.start()
        try:
            await migrate(server.dsn, SERVICES)
            hub = await make_hub(tmp_path / "home", kafka, server.dsn, topic_prefix)
            mine = planned(2)[0]
            async with hub.up(), hub.agency("redcross"), desk(hub) as clerk:
                await hub.ready()
                await server.stop()

                refused = await clerk.send(mine)
                assert (refused.status, refused.code, refused.wait) == (503, "unavailable", "5")
                async with hub.agency("police", referrals=REFERRALS):
                    await hub.recorded("police", "submitted", count=4)
                    assert hub.record("police", "answer") == []

                    await server.start()
                    judgement = await hub.judged(REFERRALS)
                    accepted = {row["message"] for row in await hub.rows("select * from gateway.messages")}
                    assert mine.transaction not in accepted
                    again = await clerk.send(mine)
                    await hub.until_state(mine.transaction, "loop_closed")
        finally:
            await server.stop()

        assert judgement.problems == ()
        assert judgement.report.closed == REFERRALS
        assert (again.status, again.code) == (200, "MODTAGET")
