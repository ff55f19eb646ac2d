"""The sending side of the simulated police alone, against connections that break."""

from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from itertools import repeat
from pathlib import Path

import httpx
import pytest

from stafet_connectors.police import simulator_sender
from stafet_connectors.police.simulator_messages import Office
from stafet_connectors.police.simulator_plan import plan
from stafet_connectors.police.simulator_sender import Pace, Sender
from stafet_sdk.simulator import Record
from tests.fakes.police_hub import PoliceHub, make_home

AWAY = 12
CLOSED = 5


class TestAMessageTooLarge:
    async def test_counts_as_refused_only_by_a_hub_that_was_there(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(simulator_sender, "pauses", lambda: repeat(0.0))
        office = Office.of(PoliceHub(tmp_path, make_home(tmp_path)).options())
        tries: list[type[Exception]] = []

        def broken(request: httpx.Request) -> httpx.Response:
            error = httpx.ConnectError if len(tries) < AWAY else httpx.RemoteProtocolError
            tries.append(error)
            raise error("broken", request=request)

        large = next(each for chain in plan(1, 400) for each in chain if each.fault == "oversize")
        with closing(Record(tmp_path / "record.jsonl")) as record:
            async with httpx.AsyncClient(transport=httpx.MockTransport(broken)) as client:
                now = partial(datetime.now, UTC)
                await Sender(client, "https://hub.example/inbox", office, record, Pace(None), now).send(
                    large, 1
                )
            answers = record.of("answer")

        assert [entry["code"] for entry in answers] == ["connection_closed"]
        assert tries == [httpx.ConnectError] * AWAY + [httpx.RemoteProtocolError] * CLOSED
