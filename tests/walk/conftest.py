"""A whole hub for each test, not yet running; its Red Cross always says yes, unless told otherwise."""

from pathlib import Path

import pytest

from tests.walk.whole_hub import WholeHub, make_hub


@pytest.fixture
async def hub(
    kafka: str, dsn: str, topic_prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> WholeHub:
    """Make a hub on the session's servers."""
    # The simulator decides by the facts of the notice, which are the police's to choose.
    monkeypatch.setattr("stafet_connectors.redcross.simulator.REJECTED_SHARE", 0.0)
    return await make_hub(tmp_path, kafka, dsn, topic_prefix)
