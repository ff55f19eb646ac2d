"""`stafet connector`: what a partner's developer meets when files are missing, wrong, or claim too much."""

import io
import tomllib
from pathlib import Path

import pytest
from rich.console import Console

from stafet_cli.connector_certify import certify_command
from stafet_cli.connector_check import check_command
from stafet_cli.connector_fix import mended
from stafet_sdk.certification.tiers import wanted_lines
from tests.sdk.installing import GROUPS, install, put_on_path

PACKAGE = "stafet_hotline"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of the hotline's connector alone, as somebody outside has it."""
    install(tmp_path)
    (tmp_path / "pyproject.toml").write_text(
        "".join(
            f'[project.entry-points."{group}"]\nhotline = "{where.format(PACKAGE)}"\n'
            for group, where in GROUPS.items()
        ),
        encoding="utf-8",
    )
    page = tmp_path / "tests/sdk/hotline/README.md"
    page.parent.mkdir(parents=True)
    page.write_text("# By hand\n", encoding="utf-8")
    return tmp_path


def check(folder: Path, *, fix: bool = False) -> tuple[int, str]:
    """Check a folder; the exit code and what was printed."""
    heard = io.StringIO()
    code = check_command(str(folder), fix=fix, output=Console(file=heard, width=200))
    return code, heard.getvalue()


def change(file: Path, old: str, new: str) -> None:
    """Change a text in a file where it stands."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


class TestCheck:
    def test_finds_nothing_in_a_whole_folder(self, project: Path) -> None:
        assert check(project / PACKAGE) == (0, "stafet_hotline: 8 rules hold\n")

    @pytest.mark.parametrize(
        ("file", "old", "new", "said"),
        [
            ("manifest.toml", "version =", "vers =", "manifest: manifest.toml: version: Field required"),
            ("manifest.toml", '"hotline"', '"tax"', "is not what the folder stafet_hotline is named after"),
            ("manifest.toml", '"None: synthetic"', '" "', "manifest.toml: legal_basis says nothing"),
            ("quality.toml", 'runbook = "done"', "", "quality: quality.toml: [silver] lacks runbook"),
            ("quality.toml", "[silver]", "[gold_]", "quality.toml: [silver] lacks runbook"),
            ("quality.toml", 'runbook = "done"', 'runbook = "todo"', "runbook is todo without a comment"),
            ("quality.toml", "[bronze]", "bronze]", "quality.toml is no TOML"),
            ("mapping.py", "said: Any =", "said: Any = uuid.uuid4() or", "pure: mapping.py calls uuid4()"),
            ("mapping.py", "def read", "def def read", "size: mapping.py is no Python"),
            ("mapping.py", '"""The', "\n" * 350 + '"""The', "size: mapping.py has"),
            ("mapping.py", '    """Read an object."""\n', "    x = 1\n" * 60, "read has"),
            ("golden/taken.draft.json", "", "", None),
        ],
    )  # fmt: skip
    def test_names_what_is_wrong(
        self, project: Path, file: str, old: str, new: str, said: str | None
    ) -> None:
        if said is None:
            (project / PACKAGE / file).unlink()
            said = "golden: golden/taken.message.json has no other half"
        else:
            change(project / PACKAGE / file, old, new)
        code, heard = check(project / PACKAGE)
        assert (code, said in heard) == (1, True), heard

    @pytest.mark.parametrize("file", ["samples.py", "simulator.py", "quality.toml", "manifest.toml"])
    def test_names_a_file_that_is_missing(self, project: Path, file: str) -> None:
        (project / PACKAGE / file).unlink()
        code, heard = check(project / PACKAGE)
        assert (code, f"names: {file} is missing" in heard) == (1, True)

    def test_names_an_entry_point_that_is_missing_or_leads_elsewhere(self, project: Path) -> None:
        change(project / "pyproject.toml", f'"{PACKAGE}.samples:samples"', '"stafet_tax.samples:samples"')
        change(
            project / "pyproject.toml",
            '[project.entry-points."stafet.simulators"]',
            "[project.entry-points.x]",
        )
        heard = check(project / PACKAGE)[1]
        assert "the entry point hotline in stafet.samples leads out of stafet_hotline" in heard
        assert 'no entry point hotline in [project.entry-points."stafet.simulators"]' in heard

    def test_refuses_a_name_that_says_nothing(self, project: Path) -> None:
        (project / PACKAGE / "utils.py").write_text('"""Things."""\n', encoding="utf-8")
        assert "utils.py: name it after what it is about" in check(project / PACKAGE)[1]

    def test_says_which_connectors_there_are_when_there_is_none(self) -> None:
        heard = io.StringIO()
        assert check_command("rumour", fix=False, output=Console(file=heard, width=200)) == 2
        assert heard.getvalue().startswith("no connector rumour: installed are ")


class TestFix:
    def test_adds_lines_and_a_page_that_are_missing(self, project: Path) -> None:
        (project / "tests/sdk/hotline/README.md").unlink()
        (project / PACKAGE / "quality.toml").unlink()
        code, heard = check(project / PACKAGE, fix=True)
        assert code == 0, heard
        assert "fixed: quality.toml: lines added" in heard
        assert (
            (project / "tests/sdk/hotline/README.md")
            .read_text(encoding="utf-8")
            .startswith("# Connect Hotline\n")
        )
        assert check(project / PACKAGE) == (0, "stafet_hotline: 8 rules hold\n")

    def test_touches_nothing_that_was_written_by_hand(self, project: Path) -> None:
        before = {each: each.read_bytes() for each in project.rglob("*") if each.is_file()}
        check(project / PACKAGE, fix=True)
        assert {each: each.read_bytes() for each in project.rglob("*") if each.is_file()} == before

    def test_never_writes_outside_of_the_project(self, project: Path) -> None:
        change(project / PACKAGE / "manifest.toml", "tests/sdk/hotline/README.md", "../stolen.md")
        check(project / PACKAGE, fix=True)
        assert not (project.parent / "stolen.md").exists()


class TestMended:
    OLD = (
        "# Ours.\n\n# Gold comes late.\n[gold]\nhostile_input = 'done' # by hand\nours = 'kept'\n\n"
        "# First.\n[bronze]\nsynthetic_samples = { status = 'todo', comment = 'soon' }\n"
    )

    def test_puts_sections_in_order_with_what_was_said_above_them(self) -> None:
        after = mended(self.OLD)
        assert list(tomllib.loads(after)) == list(wanted_lines())
        assert after.startswith("# Ours.\n\n# First.\n[bronze]\n")
        assert "# Gold comes late.\n[gold]\nhostile_input = 'done' # by hand\nours = 'kept'\n" in after

    def test_loses_nothing_and_marks_what_is_added_as_to_do(self) -> None:
        before, after = tomllib.loads(self.OLD), tomllib.loads(mended(self.OLD))
        for section, lines in before.items():
            assert after[section].items() >= lines.items()
        assert after["silver"]["runbook"] == {"status": "todo", "comment": "not done yet"}

    def test_changes_nothing_the_second_time(self) -> None:
        assert mended(mended(self.OLD)) == mended(self.OLD)


class TestCertify:
    def certify(self, site: Path, monkeypatch: pytest.MonkeyPatch, **changes: str) -> tuple[int, str]:
        """Certify a hotline whose manifest was changed; the exit code and what was printed."""
        package = f"stafet_{'_'.join(changes) or 'whole'}_hotline"
        install(site, package)
        for old, new in changes.items():
            change(site / package / "manifest.toml", old, new)
        put_on_path(site, monkeypatch)
        heard = io.StringIO()
        code = certify_command("hotline", None, quick=True, output=Console(file=heard, width=200))
        return code, heard.getvalue()

    def test_quickly_tells_no_tier(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        code, heard = self.certify(tmp_path, monkeypatch)
        assert (code, "hotline 1.0.0: --quick computes no tier; platinum is claimed" in heard) == (0, True)
        assert "faults.a_killed_simulator_goes_on" in heard

    def test_fails_by_what_a_claimed_tier_asks_for(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        code, heard = self.certify(tmp_path, monkeypatch, identity="contact")
        assert (code, "personal_data lacks identity" in heard) == (1, True)
        assert "not platinum: evidence.personal_groups_are_declared" in heard

    def test_names_the_agencies_with_samples_when_there_are_none(self) -> None:
        heard = io.StringIO()
        assert certify_command("rumour", None, quick=True, output=Console(file=heard, width=200)) == 2
        assert "no samples of rumour: there are " in heard.getvalue()
