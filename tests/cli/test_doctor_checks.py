import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

import asyncpg
import pytest

from stafet_cli.doctor_checks import (
    Check,
    Surroundings,
    check_broker,
    check_clock,
    check_database,
    check_disk,
    check_jars,
    check_java,
    check_ports,
    check_python,
    check_schemas,
    check_server_programs,
    check_topics,
    describe_dsn,
)
from stafet_runtime.broker import create_topics
from stafet_runtime.clock import SystemClock
from stafet_runtime.database import migrate
from stafet_runtime.embedded.errors import EmbeddedError
from stafet_runtime.settings import SERVICES, HubSettings
from stafet_schemas.topics import topics

EMBEDDED = Surroundings(HubSettings(home=Path("/nowhere"), kafka="", postgres=""))
NOBODY_THERE = HubSettings(kafka="127.0.0.1:9", postgres="postgresql://hub:not-for-eyes@127.0.0.1:9/stafet")


class LateClock:
    def now(self) -> datetime:
        return SystemClock().now() - timedelta(seconds=3)


class NaiveClock:
    def now(self) -> datetime:
        return datetime.now(UTC).replace(tzinfo=None)


@pytest.fixture
async def empty_database(postgres: str) -> AsyncIterator[str]:
    """DSN of a database without any service's tables."""
    connection = await asyncpg.connect(postgres)
    await connection.execute("create database doctor_empty")
    yield urlunsplit(urlsplit(postgres)._replace(path="/doctor_empty"))
    await connection.execute("drop database doctor_empty with (force)")
    await connection.close()


class TestSurroundings:
    def test_find_the_servers_that_run_in_the_hubs_own_home(
        self, servers: Path, kafka: str, postgres: str
    ) -> None:
        found = Surroundings(HubSettings(home=servers, kafka="", postgres=""))

        assert (found.kafka, found.postgres) == (kafka, postgres)

    def test_find_none_where_none_runs(self) -> None:
        assert (EMBEDDED.kafka, EMBEDDED.postgres) == ("", "")


class TestCheck:
    def test_shows_the_remedy_of_a_failure(self) -> None:
        assert (
            Check("disk", ok=False, detail="full", remedy="free some").line
            == "failed  disk         full -> free some"
        )

    def test_shows_no_remedy_when_it_holds(self) -> None:
        assert Check("disk", ok=True, detail="roomy", remedy="free some").line == "ok      disk         roomy"

    def test_shows_the_reason_when_skipped(self) -> None:
        assert Check("topics", None, "no broker").line == "skipped topics       no broker"


class TestThisMachine:
    async def test_has_the_python_it_runs_on(self) -> None:
        assert (await check_python(EMBEDDED)).ok

    async def test_has_a_java(self) -> None:
        assert (await check_java(EMBEDDED)).ok

    async def test_without_a_java_says_what_to_do(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def none() -> None:
            raise EmbeddedError("no Java")

        monkeypatch.setattr("stafet_cli.doctor_checks.find_java", none)
        assert (await check_java(EMBEDDED)).line.endswith("-> make setup, or set JAVA_HOME")

    async def test_has_the_jars(self) -> None:
        assert (await check_jars(EMBEDDED)).ok

    async def test_without_jars_says_what_to_do(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def empty(_: str) -> Path:
            return tmp_path

        monkeypatch.setattr("stafet_cli.doctor_checks.jar_directory", empty)
        found = await check_jars(EMBEDDED)
        assert (found.ok, found.remedy) == (False, "make setup")

    async def test_has_the_database_programs(self) -> None:
        assert (await check_server_programs(EMBEDDED)).ok

    async def test_needs_nothing_of_its_own_when_both_servers_are_elsewhere(self) -> None:
        elsewhere = Surroundings(NOBODY_THERE)
        found = [await check(elsewhere) for check in (check_java, check_jars, check_server_programs)]
        assert [each.ok for each in found] == [None, None, None]

    async def test_has_room(self, tmp_path: Path) -> None:
        settings = HubSettings(home=tmp_path / "not" / "yet" / "there")
        assert "GiB free" in (await check_disk(Surroundings(settings))).detail


class TestCheckPorts:
    async def test_finds_a_free_port(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        assert (
            await check_ports(Surroundings(HubSettings(), {"console": port}))
        ).detail == f"console {port} free"

    async def test_finds_a_hub_that_answers(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            found = await check_ports(Surroundings(HubSettings(), {"console": port}))
        assert (found.ok, found.detail) == (True, f"console {port} answering")

    async def test_fails_for_a_port_that_is_held_and_silent(self) -> None:
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            found = await check_ports(Surroundings(HubSettings(), {"console": holder.getsockname()[1]}))
        assert (found.ok, found.remedy) == (False, "end the program that holds it, or choose another")

    async def test_is_skipped_when_no_port_is_fixed(self) -> None:
        assert (await check_ports(EMBEDDED)).ok is None


class TestKafkaChecks:
    async def test_are_skipped_when_the_hub_starts_its_own(self) -> None:
        assert [(await check(EMBEDDED)).ok for check in (check_broker, check_topics)] == [None, None]

    async def test_find_a_broker_that_answers(self, kafka: str) -> None:
        assert (await check_broker(Surroundings(HubSettings(kafka=kafka)))).detail == f"{kafka} answers"

    async def test_fail_for_a_broker_that_does_not(self) -> None:
        assert (await check_broker(Surroundings(NOBODY_THERE))).ok is False
        assert (await check_topics(Surroundings(NOBODY_THERE))).ok is None

    async def test_name_the_topics_that_are_missing(self, kafka: str) -> None:
        settings = HubSettings(kafka=kafka, topic_prefix="doctor-missing-")
        found = await check_topics(Surroundings(settings))
        assert found.ok is False
        assert "doctor-missing-stafet-referral-v1 has no of" in found.detail

    async def test_hold_when_all_topics_are_as_stated(self, kafka: str) -> None:
        await create_topics(kafka, topics().values(), prefix="doctor-there-")
        found = await check_topics(Surroundings(HubSettings(kafka=kafka, topic_prefix="doctor-there-")))
        assert found.detail == f"{len(topics())} with their stated partitions"


class TestDatabaseChecks:
    async def test_are_skipped_when_the_hub_starts_its_own(self) -> None:
        checks = (check_database, check_schemas, check_clock)
        assert [(await check(EMBEDDED)).ok for check in checks] == [None, None, None]

    async def test_find_a_server_that_is_new_enough(self, postgres: str) -> None:
        assert (await check_database(Surroundings(HubSettings(postgres=postgres)))).ok

    async def test_fail_for_a_server_that_does_not_answer_without_showing_the_password(self) -> None:
        found = await check_database(Surroundings(NOBODY_THERE))
        assert found.ok is False
        assert "not-for-eyes" not in found.line

    async def test_fail_for_a_dsn_that_is_none(self) -> None:
        found = await check_database(Surroundings(HubSettings(postgres="not-for-eyes")))
        assert found.ok is False
        assert "not-for-eyes" not in found.line

    async def test_leave_the_rest_to_the_first_failure(self) -> None:
        found = [await check(Surroundings(NOBODY_THERE)) for check in (check_schemas, check_clock)]
        assert [each.ok for each in found] == [None, None]

    async def test_name_the_services_whose_tables_are_behind(self, empty_database: str) -> None:
        found = await check_schemas(Surroundings(HubSettings(postgres=empty_database)))
        assert (found.ok, found.remedy) == (False, "stafet init")
        assert "vault at nothing of vault_" in found.detail

    async def test_hold_when_all_tables_are_at_head(self, empty_database: str) -> None:
        await migrate(empty_database, SERVICES)
        assert (await check_schemas(Surroundings(HubSettings(postgres=empty_database)))).ok

    async def test_hold_when_the_clocks_agree(self, postgres: str) -> None:
        assert (await check_clock(Surroundings(HubSettings(postgres=postgres)))).ok

    async def test_fail_when_the_clocks_are_apart(self, postgres: str) -> None:
        found = await check_clock(Surroundings(HubSettings(postgres=postgres), clock=LateClock()))
        assert (found.ok, found.remedy) == (False, "synchronise both machines by NTP")

    async def test_fail_for_a_time_without_zone(self, postgres: str) -> None:
        found = await check_clock(Surroundings(HubSettings(postgres=postgres), clock=NaiveClock()))
        assert (found.ok, found.detail) == (False, "a time without zone")


class TestDescribeDsn:
    @pytest.mark.parametrize(
        ("dsn", "shown"),
        [
            ("postgresql://hub:secret@db.example:5432/stafet", "db.example:5432/stafet"),
            ("postgresql://hub:secret@db.example", "db.example"),
            (f"postgresql://hub@/stafet?{urlencode({'host': '/run/pg'})}", "/run/pg/stafet"),
            ("not-for-eyes", "the DSN in STAFET_POSTGRES"),
            ("postgresql://hub:secret@db.example:many/stafet", "the DSN in STAFET_POSTGRES"),
        ],
    )
    def test_shows_where_and_never_who_or_with_what(self, dsn: str, shown: str) -> None:
        assert describe_dsn(dsn) == shown
