from pathlib import Path

import pytest

from tests.guards.rules.places import machine_paths, pinned_hosts, registry_hosts
from tests.guards.rules.tree import ROOT, files

BINARY = {".png", ".jpg", ".gif", ".ico", ".woff2", ".jar", ".p12", ".pyc"}
TEXTS = {
    each.relative_to(ROOT).as_posix(): each.read_text(encoding="utf-8", errors="replace")
    for each in files()
    if each.suffix not in BINARY
}
HOST = "files pythonhosted org".replace(" ", ".")


class TestOurFiles:
    def test_name_no_host_of_a_package_registry(self) -> None:
        assert {path: found for path, text in TEXTS.items() if (found := registry_hosts(text))} == {}

    def test_name_no_path_of_a_machine(self) -> None:
        assert {path: found for path, text in TEXTS.items() if (found := machine_paths(text))} == {}


class TestRequirements:
    @pytest.mark.parametrize(
        "file", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda each: each.name
    )
    def test_say_what_and_not_where_from(self, file: Path) -> None:
        assert pinned_hosts(file.read_text(encoding="utf-8")) == []

    @pytest.mark.parametrize(
        "file", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda each: each.name
    )
    def test_pin_versions_and_hashes(self, file: Path) -> None:
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line[:1].isalnum()]

        assert lines
        assert [line for line in lines if "==" not in line] == []
        assert file.read_text(encoding="utf-8").count("--hash=sha256:") >= len(lines)


class TestTheRuleItself:
    def test_catches_hosts(self) -> None:
        assert registry_hosts(f"get https://{HOST}/x") == [HOST]
        assert registry_hosts("https://kafka.apache.org and example.org") == []

    @pytest.mark.parametrize("place", ["work", "root", "home/anna", "Users"])
    def test_catches_paths(self, place: str) -> None:
        assert machine_paths(f"see '/{place}/main/file'")

    @pytest.mark.parametrize(
        "text", ["framework/work/x", "a/root/b", "<home>/keys", "https://example.org/home/x/"]
    )
    def test_lets_relative_paths_and_addresses_pass(self, text: str) -> None:
        assert machine_paths(text) == []

    @pytest.mark.parametrize(
        "line", ["--index-url https://x.example/simple", "a @ https://x.example/a.whl", "--find-links dir"]
    )
    def test_catches_lines_that_say_where_from(self, line: str) -> None:
        assert len(pinned_hosts(f"a==1 \\\n    --hash=sha256:00\n{line}\n# via https://comment.example")) == 1
