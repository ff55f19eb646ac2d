"""What `stafet simulate` says of an agency, how the hub hears of it, and what it finds in a home."""

from pathlib import Path

import pytest

from stafet_cli.credentials import Wanted, create
from stafet_cli.simulate import drop_port, introduction
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


class TestDropPort:
    def test_is_read_from_the_hubs_own_files(self, tmp_path: Path) -> None:
        endpoints = {"police": "https://127.0.0.1:8453"}
        create(tmp_path, Wanted(endpoints, drops={"police": "sftp://127.0.0.1:8457"}))
        assert drop_port(tmp_path, "police") == 8457

    def test_is_none_where_none_was_agreed(self, tmp_path: Path) -> None:
        create(tmp_path, Wanted({"police": "https://127.0.0.1:8453"}))
        assert drop_port(tmp_path, "police") is None

    def test_is_none_in_an_agencys_own_home(self, tmp_path: Path) -> None:
        assert drop_port(tmp_path, "police") is None
