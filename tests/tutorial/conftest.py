"""Refuge's project, made as its page says and installed, once for all tests of the page."""

import importlib
import sys
from pathlib import Path

import pytest

from tests.tutorial.refuge import install, make


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it is after the page's last step."""
    root = tmp_path_factory.mktemp("refuge")
    make(root)
    return root


@pytest.fixture(scope="module")
def site(project: Path) -> Path:
    """Where the project is installed."""
    return install(project, project / "site")


@pytest.fixture
def installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what is installed found by this process, too."""
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])
    importlib.invalidate_caches()
