import re
from itertools import pairwise

from stafet_runtime.settings import HubSettings
from tests.deploy.compose import IMAGE_HOME, ROOT
from tests.deploy.image import FILE, copied, instructions, of, words

FOUND = instructions()
IGNORED = FILE.with_name("Dockerfile.dockerignore").read_text("utf-8").splitlines()


class TestDockerfile:
    def test_copies_only_what_there_is(self) -> None:
        assert copied(FOUND)
        assert [path for path in copied(FOUND) if not (ROOT / path).exists()] == []

    def test_is_sent_what_it_copies_and_nothing_else(self) -> None:
        sent = {each.removeprefix("!") for each in IGNORED if each.startswith("!")}
        assert "*" in IGNORED
        assert sent == set(copied(FOUND))

    def test_installs_by_hash_and_itself_without_the_network(self) -> None:
        installs = [
            part
            for text in of("RUN", FOUND)
            for part in text.split("&&")
            if re.search(r"\bpip (install|sync)\b", part)
        ]
        assert len(installs) == 3
        assert all("--require-hashes" in each for each in installs[:2])
        assert {"--no-index", "--no-deps", "--no-build-isolation"} <= set(installs[2].split())

    def test_the_locked_packages_all_have_hashes(self) -> None:
        for name in ("uv", "runtime"):
            lines = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").splitlines()
            pinned = [(each, after) for each, after in pairwise(lines) if "==" in each]
            assert pinned
            assert all(after.strip().startswith("--hash=sha256:") for _, after in pinned)

    def test_runs_as_a_user_that_is_not_root_by_number(self) -> None:
        last = [each for each in FOUND if each.name == "USER"][-1]
        after = FOUND[FOUND.index(last) :]
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", last.text)
        assert of("RUN", after) == []
        assert any(f"--uid {last.text.split(':')[0]} " in each for each in of("RUN", FOUND))

    def test_its_program_is_the_command_line(self) -> None:
        assert [words(each) for each in of("ENTRYPOINT", FOUND)] == [["stafet"]]

    def test_its_home_is_the_users(self) -> None:
        assert f"STAFET_HOME={IMAGE_HOME} " in " ".join(of("ENV", FOUND)) + " "
        assert of("WORKDIR", FOUND)[-1] == IMAGE_HOME
        assert any(
            re.search(rf"install -d -o stafet -g stafet -m 0700 {IMAGE_HOME}$", each)
            for each in of("RUN", FOUND)
        )

    def test_names_the_ports_that_the_services_listen_on(self) -> None:
        fields = HubSettings.model_fields
        ports = {str(fields[f"{each}_port"].default) for each in ("gateway", "vault", "console", "health")}
        assert set(of("EXPOSE", FOUND)[-1].split()) == ports
