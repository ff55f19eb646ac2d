"""What `stafet simulate` says of an agency: how the hub hears of it."""

from pathlib import Path

import pytest

from stafet_cli.simulate import introduction
from stafet_sdk.simulator import SimulatorOptions

INBOX = "https://hub.example/agencies"


@pytest.mark.parametrize(
    ("agency", "said"),
    [
        ("police", f"sends to {INBOX}/police/inbox"),
        ("redcross", f"sends to {INBOX}/redcross/inbox"),
        ("shelter", "leaves files there, which the hub fetches"),
        ("immigration", "tells the hub there, which asks for what is new"),
        ("stranger", f"sends to {INBOX}/stranger/inbox"),
    ],
)
def test_an_agency_is_introduced_by_the_way_it_speaks(tmp_path: Path, agency: str, said: str) -> None:
    options = SimulatorOptions(agency, tmp_path, "https://hub.example", 8500)
    assert introduction(options) == f"{agency} listens on port 8500 and {said}"
