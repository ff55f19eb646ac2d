import pytest
import typer

from stafet_cli.doctor import CHECKS, doctor_command, examine, summary
from stafet_cli.doctor_checks import Check, Surroundings
from stafet_runtime.settings import HubSettings


class TestExamine:
    async def test_runs_every_check(self) -> None:
        findings = await examine(Surroundings(HubSettings(kafka="", postgres="")))
        assert len(findings) == len(CHECKS)

    async def test_reports_a_check_that_breaks_by_class_only(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def check_broken(_: Surroundings) -> Check:
            raise ValueError("postgresql://hub:not-for-eyes@db")

        monkeypatch.setattr("stafet_cli.doctor.CHECKS", (check_broken,))
        [finding] = await examine(Surroundings(HubSettings()))
        assert (finding.name, finding.ok, finding.detail) == ("broken", False, "broke with ValueError")


class TestDoctorCommand:
    def test_prints_a_line_per_check_and_the_count(self, capsys: pytest.CaptureFixture[str]) -> None:
        doctor_command({}, HubSettings(kafka="", postgres=""))
        assert len(capsys.readouterr().out.splitlines()) == len(CHECKS) + 1

    def test_ends_with_exit_1_when_one_failed(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(typer.Exit) as ended:
            doctor_command({}, HubSettings(kafka="127.0.0.1:9", postgres=""))
        assert ended.value.exit_code == 1
        assert "1 failed" in capsys.readouterr().out


class TestSummary:
    def test_counts_what_held_failed_and_was_skipped(self) -> None:
        findings = [Check("a", ok=True, detail=""), Check("b", ok=False, detail=""), Check("c", None, "")]
        assert summary(findings) == "1 ok, 1 failed, 1 skipped"
