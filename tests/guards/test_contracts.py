"""The import contracts hold, and each breaks on a violation (otherwise it would hold nothing)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guards.rules.tree import CODE, ROOT

LINT = (
    sys.executable,
    "-c",
    "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())",
)


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(str(root / top) for top in CODE)
    environment = {**os.environ, "PYTHONPATH": path, "NO_COLOR": "1", "COLUMNS": "200"}
    command = [*LINT, "--no-cache", "--config", str(root / ".importlinter")]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    for top in CODE:
        shutil.copytree(ROOT / top, root / top, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", root)
    return root


class TestImportContracts:
    def test_hold(self) -> None:
        done = lint(ROOT)

        assert done.returncode == 0, done.stdout + done.stderr


class TestEachContract:
    @pytest.mark.parametrize(
        ("file", "line", "contract"),
        [
            ("schemas/stafet_schemas/seeded.py", "import stafet_sdk.errors", "The command over services"),
            ("services/stafet/vault/utils.py", "", "Inside a service"),
            ("services/stafet/vault/domain/ledger.py", "import stafet.vault.handlers", "Inside a service"),
            (
                "services/stafet/vault/handlers/tools.py",
                "import stafet.console.ports",
                "Services know each other",
            ),
            (
                "connectors/stafet_connectors/redcross/mapping.py",
                "import stafet_connectors.police",
                "A connector never",
            ),
            (
                "services/stafet/vault/app/build.py",
                "import stafet_connectors.redcross",
                "Services reach connectors",
            ),
            ("connectors/stafet_connectors/redcross/mapping.py", "import httpx", "What decides does no I/O"),
            (
                "services/stafet/vault/domain/ledger.py",
                "import stafet_runtime.database",
                "What decides does no I/O",
            ),
            ("services/stafet/vault/handlers/tools.py", "import asyncpg", "Handlers name no library"),
            ("connectors/stafet_sdk/errors.py", "import stafet_sdk.contract", "No circles"),
        ],
    )
    def test_breaks_on_a_violation(self, copied: Path, file: str, line: str, contract: str) -> None:
        target = copied / file
        before = target.read_text(encoding="utf-8") if target.exists() else None
        target.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
        try:
            done = lint(copied)
        finally:
            target.unlink() if before is None else target.write_text(before, encoding="utf-8")

        broken = [each for each in done.stdout.splitlines() if each.endswith(" BROKEN")]
        assert done.returncode == 1, done.stdout + done.stderr
        assert any(each.startswith(contract) for each in broken), broken
