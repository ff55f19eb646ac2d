"""What all simulators share: the record survives a kill, the server is TLS, the client waits for the hub."""

import asyncio
import itertools
import json
import ssl
from pathlib import Path

import httpx
import pytest
import trustme
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from stafet_sdk.server import serve
from stafet_sdk.simulator import (
    LONGEST_PAUSE,
    Record,
    SimulatorOptions,
    pauses,
    read_identifiers,
    trusting_client,
    until_hub_answers,
)


async def hello(_: Request) -> Response:
    return PlainTextResponse("hello")


APP = Starlette(routes=[Route("/", hello)])


def home_of(tmp_path: Path) -> tuple[Path, Path]:
    """Write a development CA and a server's keys; give the certificate and the key."""
    authority = trustme.CA()
    (tmp_path / "pki").mkdir()
    authority.cert_pem.write_to_path(str(tmp_path / "pki" / "ca.pem"))
    issued = authority.issue_cert("127.0.0.1")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(str(certificate))
    issued.private_key_pem.write_to_path(str(key))
    return certificate, key


def options(home: Path, url: str = "https://127.0.0.1:1/") -> SimulatorOptions:
    """Say how to run some simulator."""
    return SimulatorOptions(agency="police", home=home, hub_url=url, port=0)


class TestSimulatorOptions:
    def test_says_where_things_are(self) -> None:
        some = options(Path("home"))
        assert some.inbox == "https://127.0.0.1:1/agencies/police/inbox"
        assert some.own == Path("home/simulators/police")
        assert some.record == Path("home/police/record.jsonl")


class TestRecord:
    def test_lines_are_whole_json_at_once(self, tmp_path: Path) -> None:
        path = tmp_path / "police" / "record.jsonl"
        record = Record(path)
        record.add("answer", transaction="t1", status=200)
        line = json.loads(path.read_text(encoding="utf-8"))
        assert {**line, "at": ""} == {"kind": "answer", "transaction": "t1", "status": 200, "at": ""}
        record.close()

    def test_opening_again_reads_what_is_there_and_drops_a_torn_line(self, tmp_path: Path) -> None:
        path = tmp_path / "record.jsonl"
        first = Record(path)
        first.add("submitted", transaction="t1")
        first.add("answer", transaction="t1")
        first.close()
        with path.open("ab") as file:
            file.write(b'{"kind": "ans')
        second = Record(path)
        second.add("answer", transaction="t2")
        second.close()
        assert [entry["transaction"] for entry in second.of("answer")] == ["t1", "t2"]
        assert len(second.entries) == 3
        assert len([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]) == 3


class TestServe:
    async def test_serves_over_tls_to_who_trusts_the_ca(self, tmp_path: Path) -> None:
        keys = home_of(tmp_path)
        async with serve(APP, "127.0.0.1", 0, *keys) as port, trusting_client(tmp_path) as client:
            answer = await client.get(f"https://127.0.0.1:{port}/")
            async with httpx.AsyncClient() as stranger:
                with pytest.raises(httpx.ConnectError):
                    await stranger.get(f"https://127.0.0.1:{port}/")
        assert answer.text == "hello"

    async def test_a_missing_key_is_told(self, tmp_path: Path) -> None:
        with pytest.raises((OSError, ssl.SSLError)):
            async with serve(APP, "127.0.0.1", 0, tmp_path / "no.pem", tmp_path / "no.pem"):
                pass

    async def test_a_taken_port_is_told(self, tmp_path: Path) -> None:
        keys = home_of(tmp_path)
        async with serve(APP, "127.0.0.1", 0, *keys) as port:
            with pytest.raises(OSError, match="in use"):
                async with serve(APP, "127.0.0.1", port, *keys):
                    pass


class TestUntilHubAnswers:
    async def test_waits_for_a_hub_that_starts_later(self, tmp_path: Path) -> None:
        keys = home_of(tmp_path)
        async with serve(APP, "127.0.0.1", 0, *keys) as port:
            pass
        late = options(tmp_path, f"https://127.0.0.1:{port}")
        async with trusting_client(tmp_path) as client:
            waiting = asyncio.create_task(until_hub_answers(client, late))
            done, _ = await asyncio.wait({waiting}, timeout=0.05)
            assert not done
            async with serve(APP, "127.0.0.1", port, *keys):
                await waiting


class TestPauses:
    def test_double_up_to_the_longest(self) -> None:
        first = list(itertools.islice(pauses(), 8))
        assert first[:3] == [0.1, 0.2, 0.4]
        assert max(first) == first[-1] == LONGEST_PAUSE


class TestReadIdentifiers:
    def test_reads_flat_strings(self, tmp_path: Path) -> None:
        own = options(tmp_path).own
        own.mkdir(parents=True)
        (own / "identifiers.toml").write_text('cvr = "10000001"\nhub_cvr = "10000002"\n', encoding="utf-8")
        assert read_identifiers(options(tmp_path)) == {"cvr": "10000001", "hub_cvr": "10000002"}
