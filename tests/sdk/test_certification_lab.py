"""Checks about processes, broken on purpose; and the connector of somebody outside."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from stafet_sdk.certification import lab
from stafet_sdk.certification.check import run
from stafet_sdk.certification.checks import ALL
from stafet_sdk.certification.subject import find
from stafet_sdk.contract import Outbound, Partner, Reply
from stafet_sdk.errors import Retriable
from stafet_sdk.transport import HttpPush
from tests.cli.command import environment
from tests.sdk.installing import install, put_on_path, register

BY_NAME = {check.name: check for check in ALL}


class Leaking(HttpPush):
    """Loses its connection for good when a send is cancelled."""

    lost = False

    async def send(self, outbound: Outbound, partner: Partner, /) -> Reply:
        if self.lost:
            raise Retriable("timeout")
        self.lost = True
        reply = await super().send(outbound, partner)
        self.lost = False
        return reply


class TestChecksOfProcesses:
    def test_find_a_send_that_leaves_something_half_done(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put_on_path(register(tmp_path), monkeypatch)
        monkeypatch.setattr(lab, "HttpPush", Leaking)
        found = run(BY_NAME["faults.cancelled_sends_leave_nothing_half_done"], find("hotline"))
        assert (found.state, "after cancelled sends" in found.said) == ("failed", True)

    def test_find_a_simulator_that_begins_anew(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        changes = {'f"answer-{about}"': 'f"answer-{id(self.record)}-{about}"'}
        put_on_path(install(tmp_path, "stafet_forgetful_hotline", changes), monkeypatch)
        monkeypatch.setattr(lab, "PATIENCE_S", 12.0)
        found = run(BY_NAME["faults.a_killed_simulator_goes_on"], find("hotline"))
        assert (found.state, "did not do in" in found.said) == ("failed", True)


class TestAConnectorOfSomebodyOutside:
    @pytest.mark.timeout(180)
    def test_is_certified_by_the_command(self, tmp_path: Path) -> None:
        site, report = install(tmp_path / "site"), tmp_path / "report.json"
        done = _stafet(site, "connector", "certify", "hotline", "--json", str(report))
        assert done.returncode == 0, done.stdout
        assert "hotline 1.0.0: earned platinum" in done.stdout
        told = json.loads(report.read_text(encoding="utf-8"))
        assert (told["tier"], told["claimed"], told["ok"]) == ("platinum", "platinum", True)
        assert {each["state"] for each in told["findings"]} == {"passed", "not_applicable"}

    def test_is_checked_and_listed_by_the_command(self, tmp_path: Path) -> None:
        site = install(tmp_path)
        checked = _stafet(site, "connector", "check", "hotline")
        assert (checked.returncode, checked.stdout) == (0, "stafet_hotline: 8 rules hold\n")
        listed = [line.split() for line in _stafet(site, "connector", "list").stdout.splitlines()]
        assert ["hotline", "webhook", "platinum", "1.0.0", "Hotline"] in listed


def _stafet(site: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    own = environment({})
    own["PYTHONPATH"] += f":{site}"
    command = [sys.executable, "-m", "stafet_cli", *arguments]
    return subprocess.run(
        command,
        env=own,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=170,
    )
