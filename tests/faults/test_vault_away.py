"""The vault away, or without its keys: nothing is sent, nothing is readable, and the lanes wait for it."""

from pathlib import Path
from typing import Any

import pytest

from stafet.vault.keyfiles import KeyFileError
from stafet_cli.demo.state import choose_ports
from tests.walk.police_desk import planned
from tests.walk.whole_hub import WholeHub

REFERRALS = 3
OTHERS = ("gateway", "referrals", "dispatch", "console")


@pytest.fixture
def apart(hub: WholeHub) -> WholeHub:
    """Let the others expect the vault at an address of its own."""
    port = choose_ports()["gateway"]
    changed: dict[str, Any] = {"vault_port": port, "vault_url": f"https://127.0.0.1:{port}"}
    hub.settings = hub.settings.model_copy(update=changed)
    return hub


def key_file(hub: WholeHub) -> Path:
    """Name the key that opens every case."""
    return hub.home / "keys" / "kek" / "1"


class TestAVaultThatIsAway:
    async def test_holds_messages_sealed_until_its_keys_are_readable(self, apart: WholeHub) -> None:
        key_file(apart).chmod(0o644)
        async with apart.up(OTHERS), apart.agencies(referrals=REFERRALS):
            await apart.recorded("police", "answer", count=REFERRALS, code="MODTAGET")
            await apart.until_rows("select from gateway.parked", count=REFERRALS)
            with pytest.raises(KeyFileError, match="kek/1: open to group or others"):
                async with apart.up(["vault"], health_port=0):
                    pass
            waiting = await apart.rows("select class from gateway.parked order by id")
            sealed = await apart.rows("select from gateway.messages where sealed is not null")
            assert [each["class"] for each in waiting] == ["transient", "held", "held"]
            assert len(sealed) == REFERRALS
            assert apart.record("redcross", "received") == []
            assert await apart.leaks() == []

            key_file(apart).chmod(0o600)
            async with apart.up(["vault"], health_port=0):
                judgement = await apart.judged(REFERRALS)

        assert judgement.problems == ()
        assert judgement.report.closed == REFERRALS

    @pytest.mark.usefixtures("impatient")
    async def test_holds_the_lanes_of_what_was_accepted_and_uses_up_none_of_their_patience(
        self, apart: WholeHub
    ) -> None:
        mine = planned()[0].transaction
        async with apart.up(OTHERS), apart.agency("police", referrals=1):
            async with apart.up(["vault"], health_port=0):
                # The Red Cross is not there yet: the notice waits for it in its lane.
                await apart.until_rows("select from dispatch.attempts where cause = 'connect'")
            async with apart.agency("redcross"):
                deferred = "select from dispatch.attempts where cause = 'vault_unavailable'"
                await apart.until_rows(deferred)
                case = await apart.until_case(mine, lambda each: "vault" in str(each["trouble"]))
                used = await apart.rows("select failures from dispatch.items")
                await apart.until_rows(deferred, count=3)
                assert await apart.rows("select failures from dispatch.items") == used
                assert apart.record("redcross", "received") == []

                async with apart.up(["vault"], health_port=0):
                    await apart.until_state(mine, "loop_closed")

        assert [each["level"] for each in case["trouble"]] == ["waiting"]
