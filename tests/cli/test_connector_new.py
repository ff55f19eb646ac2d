"""`stafet connector new`: what it writes holds as it is, and nothing that is there is touched."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from stafet_cli.connector_certify import certify_command
from stafet_cli.connector_check import check_command
from stafet_cli.connector_golden import golden_command
from stafet_cli.connector_new import new_command, write
from stafet_sdk.scaffold import ENTRY_POINTS, Order
from stafet_sdk.scaffold.kinds import KINDS
from stafet_sdk.scaffold.points import BadOrderError
from tests.cli.scaffolding import ROOT, change, contents, heard, private, project_like_this, register

CODES = {
    "webhook": "tax",
    "http-push": "tax_office",
    "http-poll": "tax_court",
    "sftp": "tax_files",
    "soap": "tax_soap",
}


REFERS = """        "help": (
            {"id": "message-0002", "type": "help", "reference": "U-9", "receiver": "rk", "need": "health",
             "first_name": "Zuzanna"},
            ReferralDraft("U-9", "redcross",
                {"routing": {"service": "health"}, "identity": {"first_name": "Zuzanna"}}),
        ),
"""


class TestAScaffold:
    @pytest.mark.parametrize("transport", KINDS)
    def test_holds_as_it_is_and_earns_what_it_claims(
        self, transport: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        agency, report = CODES[transport], tmp_path / "report.json"
        folder = private(tmp_path / "own", agency, transport)
        register(tmp_path / "own", monkeypatch)
        checked = heard(lambda output: check_command(str(folder), fix=False, output=output))
        assert checked == (0, f"stafet_{agency}: 8 rules hold\n")
        code, said = heard(lambda output: certify_command(agency, report, quick=True, output=output))
        assert (code, " failed" in said) == (0, False), said
        told = json.loads(report.read_text(encoding="utf-8"))
        assert told["claimed"] == "bronze"
        # All that is left to a higher tier is what people vouch for, a published format, and slow checks.
        slow = {each["check"] for each in told["findings"] if each["state"] == "skipped"}
        lacking = [each.removesuffix(" is skipped") for tier in told["lacking"].values() for each in tier]
        assert {each for each in lacking if each not in slow} == {
            "quality.toml: [silver] runbook is not done",
            "mapping.emitted_messages_are_valid is not applicable",
            "quality.toml: [gold] hostile_input is not done",
            "quality.toml: [gold] independent_counterpart is not done",
        }

    @pytest.mark.parametrize("transport", KINDS)
    def test_fits_into_this_project(self, transport: str, tmp_path: Path) -> None:
        root, order = project_like_this(tmp_path), Order("tax", transport, out_of_tree=False)
        before = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
        write(order, root)
        checked = heard(lambda output: check_command(str(root / order.folder), fix=False, output=output))
        assert checked == (0, "tax: 8 rules hold\n")
        after = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
        for group in ENTRY_POINTS:
            assert after["project"]["entry-points"][group].pop("tax").startswith("stafet_connectors.tax")
        assert after == before

    @pytest.mark.parametrize("transport", KINDS)
    def test_is_written_as_this_project_is(self, transport: str, tmp_path: Path) -> None:
        write(Order("tax", transport, out_of_tree=False), project_like_this(tmp_path))
        for step in (["check"], ["format", "--check"]):
            command = [sys.executable, "-m", "ruff", *step, "--no-cache", "--config", str(ROOT / "ruff.toml")]
            done = subprocess.run(
                [*command, "connectors/stafet_connectors/tax", "tests"], cwd=tmp_path, capture_output=True,
                text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout


class TestAnAgencyThatRefers:
    @pytest.mark.parametrize("transport", ["webhook", "soap"])
    def test_says_so_in_its_words_and_samples_alone(
        self, transport: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        agency = f"union_{transport}"
        folder = private(tmp_path, agency, transport)
        refers = 'refers="help",\n    asked=("routing.service",),\n'
        change(folder / "mapping.py", "Words(\n", f"Words(\n    {refers}")
        change(folder / "mapping.py", "names={\n", 'names={\n        "routing.service": "need",\n')
        change(folder / "mapping.py", "codes={", 'codes={"receiver": {"redcross": "rk"}, ')
        change(folder / "samples.py", "messages={\n", f"messages={{\n{REFERS}")
        change(folder / "samples.py", "import ConsentDraft", "import ConsentDraft, ReferralDraft")
        change(folder / "samples.py", "wrong={", 'wrong={"need": "A bed", "receiver": "Red Cross", ')
        change(folder / "samples.py", '["reference"]', '["first_name"]')
        change(folder / "samples.py", ', "reference": "A-17"}', "}")
        change(folder / "samples.py", ', filler="A-17"', "")
        register(tmp_path, monkeypatch)
        for changed in ("content", "notice", "accepted"):
            for stale in (folder / "golden").glob(f"{changed}.*"):
                stale.unlink()
        assert "help.draft.json" in heard(lambda output: golden_command(agency, output))[1]
        code, said = heard(lambda output: certify_command(agency, None, quick=True, output=output))
        assert (code, " failed" in said) == (0, False), said


class TestNothingIsWrittenOver:
    def test_a_second_scaffold_is_refused_and_nothing_changes(self, tmp_path: Path) -> None:
        private(tmp_path, "tax", "webhook")
        (tmp_path / "src/stafet_tax/mapping.py").write_text("WORDS = 'mine'\n", encoding="utf-8")
        before = contents(tmp_path)
        with pytest.raises(BadOrderError, match=r"src/stafet_tax/mapping\.py.* nothing is written over"):
            private(tmp_path, "tax", "http-poll")
        assert contents(tmp_path) == before

    @pytest.mark.parametrize("path", ["README.md", "pyproject.toml", "src/stafet_tax/golden/old.txt"])
    def test_a_single_file_in_the_way_is_enough(self, path: str, tmp_path: Path) -> None:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("mine\n", encoding="utf-8")
        with pytest.raises(BadOrderError, match="there already"):
            private(tmp_path, "tax", "webhook")
        assert contents(tmp_path) == {path: b"mine\n"}

    def test_entry_points_of_somebody_else_stay(self, tmp_path: Path) -> None:
        root = project_like_this(tmp_path)
        text = (root / "pyproject.toml").read_text(encoding="utf-8")
        header = '[project.entry-points."stafet.samples"]\n'
        (root / "pyproject.toml").write_text(text.replace(header, f'{header}tax = "other:samples"\n'))
        before = contents(root)
        with pytest.raises(BadOrderError, match="has entry points of tax"):
            write(Order("tax", "webhook", out_of_tree=False), root)
        assert contents(root) == before

    def test_a_project_that_cannot_be_added_to_safely_is_left_alone(self, tmp_path: Path) -> None:
        root = project_like_this(tmp_path)
        text = (root / "pyproject.toml").read_text(encoding="utf-8")
        # What looks like the group's header is a text: only a second reading tells.
        header = '[project.entry-points."stafet.samples"]\n'
        trap = f"'''\n{header}'''"
        (root / "pyproject.toml").write_text(f"trap = {trap}\n{text}", encoding="utf-8")
        before = contents(root)
        with pytest.raises(BadOrderError, match="cannot be added to safely"):
            write(Order("tax", "webhook", out_of_tree=False), root)
        assert contents(root) == before


class TestOrders:
    @pytest.mark.parametrize(
        "agency", ["", "t", "Tax", "7tax", "tax-office", "../tax", "tax office", "class", "unknown", "a" * 32]
    )
    def test_names_that_are_no_codes_are_refused_with_what_is(self, agency: str, tmp_path: Path) -> None:
        code, said = heard(lambda output: new_command(agency, "webhook", tmp_path / "own", output))
        assert (code, "cannot be an agency's code: 2 to 31 of a-z 0-9 _" in said) == (2, True)
        assert contents(tmp_path) == {}

    def test_a_transport_without_a_scaffold_is_refused_with_those_that_there_are(
        self, tmp_path: Path
    ) -> None:
        code, said = heard(lambda output: new_command("tax", "fax", tmp_path / "own", output))
        assert (code, "there is no scaffold for fax: choose one of webhook, http-push" in said) == (2, True)
        assert contents(tmp_path) == {}

    def test_an_agency_that_has_a_connector_is_refused(self, tmp_path: Path) -> None:
        code, said = heard(lambda output: new_command("police", "webhook", tmp_path / "own", output))
        assert (code, "a connector of police is installed" in said) == (2, True)

    def test_say_what_is_next_and_what_the_hub_does_not_know_yet(self, tmp_path: Path) -> None:
        code, said = heard(lambda output: new_command("refuge", "webhook", tmp_path / "own", output))
        assert code == 0
        assert "wrote src/stafet_refuge/mapping.py" in said
        assert "refuge is no agency of the hub yet: its operator adds a routing rule and a mandate" in said


class TestGolden:
    def test_writes_only_what_is_missing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = private(tmp_path / "own", "tax_board", "webhook")
        register(tmp_path / "own", monkeypatch)
        before = contents(folder)
        assert "nothing is missing" in heard(lambda output: golden_command("tax_board", output))[1]
        for name in ("notice.release.json", "notice.outbound.json"):
            (folder / "golden" / name).unlink()
        (folder / "golden/accepted.draft.json").write_text("{}", encoding="utf-8")
        said = heard(lambda output: golden_command("tax_board", output))[1]
        assert [line for line in said.splitlines() if "accepted" in line] == []
        assert contents(folder) == {**before, "golden/accepted.draft.json": b"{}"}

    def test_names_the_agencies_with_samples_when_there_are_none(self) -> None:
        code, said = heard(lambda output: golden_command("rumour", output))
        assert (code, said.startswith("no samples of rumour: there are ")) == (2, True)
