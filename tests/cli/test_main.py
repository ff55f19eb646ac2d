import socket
from collections.abc import Generator
from pathlib import Path

import pytest

from stafet_runtime.settings import SERVICES
from tests.cli.command import loaded_by, stafet

COMMANDS = ("demo", "up", "run", "init", "simulate", "trace", "doctor", "ready")


@pytest.fixture
def taken() -> Generator[int]:
    """Port that another program has."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def closed() -> int:
    """Port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that `init` has made, to be looked at only."""
    home = tmp_path_factory.mktemp("furnished")
    assert stafet("init", "--home", str(home)).code == 0
    return home


class TestHelp:
    def test_lists_all_commands(self) -> None:
        ended = stafet("--help")
        assert ended.code == 0
        listed = [line.split()[0] for line in ended.said.split("Commands:")[1].splitlines() if line.strip()]
        assert set(COMMANDS) <= set(listed)


class TestSettings:
    def test_that_are_wrong_are_named_and_never_shown(self) -> None:
        ended = stafet("init", STAFET_CONSOLE_PASSWORD="hunter2", STAFET_GATEWAY_PORT="many")
        assert ended.code == 2
        assert "STAFET_CONSOLE_PASSWORD: " in ended.said
        assert "STAFET_GATEWAY_PORT: " in ended.said
        assert "hunter2" not in ended.said
        assert "Traceback" not in ended.said


class TestRun:
    def test_says_what_to_do_when_no_servers_are_named(self) -> None:
        ended = stafet("run", "vault")
        assert ended.code == 2
        assert "set STAFET_KAFKA and STAFET_POSTGRES" in ended.said
        assert "stafet up" in ended.said

    def test_names_the_services_there_are_when_one_is_unknown(self) -> None:
        ended = stafet("run", "vault", "volt")
        assert ended.code == 2
        assert f"no service volt: there are {', '.join(SERVICES)}" in ended.said

    def test_says_what_to_do_in_a_home_without_credentials(self, tmp_path: Path) -> None:
        servers = {"STAFET_KAFKA": "127.0.0.1:9", "STAFET_POSTGRES": "postgresql://127.0.0.1:9/x"}
        ended = stafet("run", "vault", "--home", str(tmp_path), **servers)
        assert ended.code == 2
        assert "run `stafet init`" in ended.said
        assert "Traceback" not in ended.said

    def test_says_so_when_a_port_is_in_use(self, furnished: Path, kafka: str, dsn: str, taken: int) -> None:
        servers = {"STAFET_KAFKA": kafka, "STAFET_POSTGRES": dsn}
        ports = {"STAFET_CONSOLE_PORT": str(taken), "STAFET_HEALTH_PORT": "0"}
        ended = stafet("run", "console", "--home", str(furnished), **servers, **ports)
        assert ended.code == 2
        assert "a port is in use: `stafet doctor` says which" in ended.said
        assert "Traceback" not in ended.said

    @pytest.mark.parametrize(
        ("service", "setting"),
        [
            ("referrals", "REFERRALS_RULES"),
            ("identification", "IDENTIFICATION_RULES"),
            ("identification", "IDENTIFICATION_VOCABULARIES"),
            ("support", "SUPPORT_RULES"),
            ("deadlines", "DEADLINES_CLOCKS"),
            ("contacts", "CONTACTS_HOURS"),
        ],
    )
    def test_names_a_file_of_rules_that_cannot_be_read(
        self, furnished: Path, tmp_path: Path, dsn: str, service: str, setting: str
    ) -> None:
        servers = {"STAFET_KAFKA": "127.0.0.1:9", "STAFET_POSTGRES": dsn}
        named = {f"STAFET_{setting}": str(tmp_path / "mislaid.toml")}
        ended = stafet("run", service, "--home", str(furnished), **servers, **named)
        assert ended.code == 2
        assert "mislaid.toml cannot be read (FileNotFoundError)" in ended.said
        assert "Traceback" not in ended.said


class TestInit:
    def test_makes_credentials_once(self, tmp_path: Path) -> None:
        first, again = (stafet("init", "--home", str(tmp_path)) for _ in range(2))
        assert (first.code, again.code) == (0, 0)
        assert "made" in first.said
        assert "kept what is there" in again.said

    def test_says_how_a_partner_is_named(self, tmp_path: Path) -> None:
        ended = stafet("init", "--home", str(tmp_path), "--partner", "police")
        assert ended.code == 2
        assert "--partner police: say agency=https://host:port" in ended.said
        assert list(tmp_path.iterdir()) == []


class TestSimulate:
    def test_names_the_simulators_there_are_when_one_is_unknown(self, tmp_path: Path) -> None:
        ended = stafet("simulate", "coastguard", "--home", str(tmp_path), "--port", "9")
        assert ended.code == 2
        assert "no simulator coastguard: there are immigration, police, redcross, shelter" in ended.said

    def test_names_the_fault_scripts_there_are_when_one_is_unknown(self, tmp_path: Path) -> None:
        ended = stafet("simulate", "police", "--home", str(tmp_path), "--port", "9", "--faults", "rumour")
        assert ended.code == 2
        assert "unknown fault script rumour: choose of advarsel, " in ended.said

    def test_says_what_to_do_when_the_hub_has_no_such_partner(self, tmp_path: Path) -> None:
        ended = stafet("simulate", "police", "--home", str(tmp_path))
        assert ended.code == 2
        assert "no partner police" in ended.said
        assert "stafet init" in ended.said


class TestDemo:
    def test_leaves_a_folder_alone_that_is_not_a_demos(self, tmp_path: Path) -> None:
        kept = tmp_path / "kept"
        kept.write_text("somebody's", encoding="utf-8")
        ended = stafet("demo", "--home", str(tmp_path))
        assert ended.code == 2
        assert "is not empty and no demo's: name another folder with --home" in ended.said
        assert list(tmp_path.iterdir()) == [kept]


class TestReady:
    def test_ends_with_exit_1_when_nobody_answers(self, closed: int) -> None:
        ended = stafet("ready", STAFET_HEALTH_PORT=str(closed))
        assert ended.code == 1
        assert f"http://127.0.0.1:{closed}/health/ready does not answer" in ended.said
        assert "is the process up?" in ended.said


class TestImports:
    def test_the_command_line_alone_loads_nothing_of_the_hub(self) -> None:
        # `stafet ready` runs in every container again and again.
        assert loaded_by("stafet_cli.main").isdisjoint(
            {"stafet", "stafet_sdk", "aiokafka", "fastapi", "httpx"}
        )

    def test_a_running_service_loads_no_migrations(self) -> None:
        assert loaded_by("stafet_cli.up").isdisjoint({"alembic", "sqlalchemy"})

    def test_a_simulator_loads_no_services(self) -> None:
        assert loaded_by("stafet_cli.simulate").isdisjoint({"stafet", "faststream", "fastapi"})
