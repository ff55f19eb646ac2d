"""A whole hub for each test, not yet running; its Red Cross always says yes, unless told otherwise."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
import trustme

from stafet_sdk.simulator import trusting_client
from tests.walk.whole_hub import WholeHub, make_hub


@pytest.fixture
async def hub(
    kafka: str, dsn: str, topic_prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> WholeHub:
    """Make a hub on the session's servers."""
    # The simulator decides by the facts of the notice, which are the police's to choose.
    monkeypatch.setattr("stafet_connectors.redcross.simulator_answers.REJECTED_SHARE", 0.0)
    return await make_hub(tmp_path, kafka, dsn, topic_prefix)


@pytest.fixture
async def stranger(hub: WholeHub, tmp_path: Path) -> AsyncGenerator[httpx.AsyncClient]:
    """A TLS client whose certificate is of an authority of its own."""
    issued = trustme.CA().issue_cert("stranger.example")
    key, certificate = tmp_path / "stranger_key.pem", tmp_path / "stranger.pem"
    issued.private_key_pem.write_to_path(str(key))
    issued.cert_chain_pems[0].write_to_path(str(certificate))
    async with trusting_client(hub.home, identity=(certificate, key)) as client:
        yield client
