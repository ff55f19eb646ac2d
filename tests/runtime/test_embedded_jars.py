import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from stafet_runtime.embedded.errors import EmbeddedError
from stafet_runtime.embedded.jars import MIRROR, ChecksumError, Jar, JarList, ensure_jars, read_jar_list
from tests.fakes.maven import FakeMaven, fake_maven

CONTENTS = {"org.example:first:1.0": b"first jar", "org.example:second:2.0": b"second jar"}
PINS = JarList(
    "0", tuple(Jar(name, hashlib.sha256(content).hexdigest()) for name, content in CONTENTS.items())
)


@pytest.fixture
def maven() -> Iterator[FakeMaven]:
    with fake_maven() as repository:
        for coordinate, content in CONTENTS.items():
            repository.publish(coordinate, content)
        yield repository


class TestReadJarList:
    def test_has_the_47_jars_of_the_broker_and_its_logging(self) -> None:
        assert len(read_jar_list().jars) == 47 + 1

    def test_pins_every_jar_by_sha256(self) -> None:
        assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) for jar in read_jar_list().jars)

    def test_gives_every_jar_a_file_name_of_its_own(self) -> None:
        names = [jar.name for jar in read_jar_list().jars]
        assert len(set(names)) == len(names)

    def test_pins_the_broker_at_the_version_it_states(self) -> None:
        wanted = read_jar_list()
        assert f"kafka_2.13-{wanted.version}.jar" in {jar.name for jar in wanted.jars}

    def test_contains_every_jar_of_the_cache_that_the_broker_runs_from(self) -> None:
        assert [path.name for path in ensure_jars()] == [jar.name for jar in read_jar_list().jars]


class TestEnsureJars:
    def test_fetches_and_returns_the_class_path_in_order(self, maven: FakeMaven, tmp_path: Path) -> None:
        paths = ensure_jars(tmp_path / "cache", PINS, maven.url)
        assert [path.read_bytes() for path in paths] == list(CONTENTS.values())

    def test_leaves_nothing_but_jars_and_marker(self, maven: FakeMaven, tmp_path: Path) -> None:
        ensure_jars(tmp_path, PINS, maven.url)
        assert {path.name for path in tmp_path.iterdir()} == {"first-1.0.jar", "second-2.0.jar", "verified"}

    def test_asks_nobody_the_second_time(self, maven: FakeMaven, tmp_path: Path) -> None:
        first = ensure_jars(tmp_path, PINS, maven.url)
        maven.asked.clear()
        assert ensure_jars(tmp_path, PINS, maven.url) == first
        assert maven.asked == []

    def test_takes_the_mirror_from_the_environment(
        self, maven: FakeMaven, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(MIRROR, maven.url)
        assert len(ensure_jars(tmp_path, PINS)) == 2

    def test_says_how_far_it_is_in_plain_lines(
        self, maven: FakeMaven, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        ensure_jars(tmp_path, PINS, maven.url)
        assert "Kafka 0 jars: 2 of 2" in capsys.readouterr().err

    def test_refuses_a_jar_with_other_bytes(self, maven: FakeMaven, tmp_path: Path) -> None:
        maven.publish("org.example:second:2.0", b"something else")
        with pytest.raises(ChecksumError, match=r"second-2\.0\.jar.*pinned SHA-256"):
            ensure_jars(tmp_path, PINS, maven.url)
        assert not (tmp_path / "second-2.0.jar").exists()

    def test_fetches_again_what_was_cut_short(self, maven: FakeMaven, tmp_path: Path) -> None:
        first, _ = ensure_jars(tmp_path, PINS, maven.url)
        first.write_bytes(b"fir")
        ensure_jars(tmp_path, PINS, maven.url)
        assert first.read_bytes() == CONTENTS["org.example:first:1.0"]

    def test_accepts_copied_jars_without_network(self, tmp_path: Path) -> None:
        for jar in PINS.jars:
            (tmp_path / jar.name).write_bytes(CONTENTS[jar.coordinate])
        assert len(ensure_jars(tmp_path, PINS, "http://127.0.0.1:9")) == 2

    def test_says_what_to_do_without_network(self, tmp_path: Path) -> None:
        with fake_maven() as gone:
            pass
        with pytest.raises(
            EmbeddedError, match=rf"(?s)could not be fetched.*network.*{MIRROR}.*copy the jars"
        ):
            ensure_jars(tmp_path, PINS, gone.url)

    def test_keeps_what_was_right_when_another_was_not(self, maven: FakeMaven, tmp_path: Path) -> None:
        maven.publish("org.example:second:2.0", b"something else")
        with pytest.raises(ChecksumError):
            ensure_jars(tmp_path, PINS, maven.url)
        maven.publish("org.example:second:2.0", CONTENTS["org.example:second:2.0"])
        maven.asked.clear()
        ensure_jars(tmp_path, PINS, maven.url)
        assert not any("first" in path for path in maven.asked)
