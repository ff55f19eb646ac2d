"""A whole hub for each test on the session's servers, not yet running; its Red Cross always says yes."""

from pathlib import Path

import pytest

from tests.walk.whole_hub import WholeHub, make_hub


@pytest.fixture
def says_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the Red Cross accept, and say each thing once."""
    # The simulator decides by the facts of the notice, which are the police's to choose.
    monkeypatch.setattr("stafet_connectors.redcross.simulator_answers.REJECTED_SHARE", 0.0)
    monkeypatch.setattr("stafet_connectors.redcross.simulator_answers.TWICE_SHARE", 0.0)


@pytest.fixture
async def hub(kafka: str, dsn: str, topic_prefix: str, tmp_path: Path, says_yes: None) -> WholeHub:
    """Make a hub on the session's servers."""
    del says_yes
    return await make_hub(tmp_path, kafka, dsn, topic_prefix)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the hub try again after a fifth of a second, twenty times."""
    monkeypatch.setenv("STAFET_DISPATCH_SCHEDULE_S", str([0.2] * 20))
