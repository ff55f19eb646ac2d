import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import psutil
import pytest

from stafet_runtime.embedded import PostgresServer, embedded_postgres
from stafet_runtime.embedded.errors import EmbeddedError
from stafet_runtime.embedded.processes import alive
from tests.fakes.orphan import orphan

SECRET = "synthetic-person-7f3a"


@pytest.fixture
def directory() -> Iterator[Path]:
    """A folder outside pytest's own, which pytest closes to PostgreSQL's account when run as root."""
    with TemporaryDirectory(prefix="stafet-") as folder:
        yield Path(folder)


class TestEmbeddedPostgres:
    async def test_answers_asyncpg_with_version_18(self, directory: Path) -> None:
        async with embedded_postgres(directory) as dsn:
            connection = await asyncpg.connect(dsn)
            assert connection.get_server_version().major == 18
            await connection.close()

    async def test_ends_sessions_that_are_still_open(self, directory: Path) -> None:
        async with embedded_postgres(directory) as dsn:
            connection = await asyncpg.connect(dsn)
        with pytest.raises(
            (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.AdminShutdownError)
        ):
            await connection.fetchval("select 1")
        connection.terminate()

    async def test_works_in_a_directory_too_long_for_a_socket(self, directory: Path) -> None:
        async with embedded_postgres(directory / ("long" * 30)) as dsn:
            connection = await asyncpg.connect(dsn)
            sockets = Path(await connection.fetchval("show unix_socket_directories"))
            await connection.close()
        assert not await asyncio.to_thread(sockets.exists)


class TestPostgresServer:
    async def test_keeps_its_data_over_a_restart(self, directory: Path) -> None:
        for statement in ("create table kept (name text)", "insert into kept values ('one')"):
            async with embedded_postgres(directory) as dsn:
                connection = await asyncpg.connect(dsn)
                await connection.execute(statement)
                await connection.close()
        async with embedded_postgres(directory) as dsn:
            connection = await asyncpg.connect(dsn)
            assert await connection.fetchval("select name from kept") == "one"
            await connection.close()

    async def test_takes_over_the_server_of_a_killed_process(self, directory: Path) -> None:
        with orphan("postgres", directory) as (pid, dsn):
            async with PostgresServer(directory) as server:
                assert (server.pid, server.dsn) == (pid, dsn)
                connection = await asyncpg.connect(dsn)
                assert await connection.fetchval("select 1") == 1
                await connection.close()

    async def test_stops_a_server_that_it_took_over(self, directory: Path) -> None:
        with orphan("postgres", directory) as (pid, _):
            process = psutil.Process(pid)
            async with PostgresServer(directory):
                pass
            assert not alive(process)

    async def test_replaces_an_orphan_that_does_not_answer(self, directory: Path) -> None:
        with orphan("postgres", directory) as (pid, _):
            (directory / "data" / ".s.PGSQL.5432").unlink()
            async with PostgresServer(directory) as server:
                assert server.pid != pid
                connection = await asyncpg.connect(server.dsn)
                assert await connection.fetchval("select 1") == 1
                await connection.close()

    async def test_starts_beside_a_left_over_pid_file_of_a_living_stranger(self, directory: Path) -> None:
        async with PostgresServer(directory):
            note = (directory / "data" / "postmaster.pid").read_text("utf-8").splitlines()
        note[0] = str(os.getpid())
        (directory / "data" / "postmaster.pid").write_text("\n".join(note) + "\n", "utf-8")
        async with PostgresServer(directory) as server:
            assert server.pid != os.getpid()

    async def test_refuses_a_directory_that_another_owner_uses(self, directory: Path) -> None:
        async with PostgresServer(directory):
            with pytest.raises(EmbeddedError, match="in use by another running Stafet"):
                await PostgresServer(directory).start()

    async def test_closes_its_files_to_other_users(self, directory: Path) -> None:
        async with PostgresServer(directory):
            assert (directory / "data").stat().st_mode & 0o077 == 0

    async def test_listens_on_no_network(self, directory: Path) -> None:
        async with PostgresServer(directory) as server:
            assert psutil.Process(server.pid).net_connections("tcp") == []

    async def test_allows_many_connections(self, directory: Path) -> None:
        async with embedded_postgres(directory) as dsn:
            connection = await asyncpg.connect(dsn)
            assert int(await connection.fetchval("show max_connections")) >= 200
            await connection.close()

    async def test_logs_no_value_of_a_failed_statement(self, directory: Path) -> None:
        async with PostgresServer(directory) as server:
            connection = await asyncpg.connect(server.dsn)
            await connection.execute("create table person (name text primary key)")
            await connection.execute("insert into person values ($1)", SECRET)
            for statement in ("insert into person values ($1)", "select $1::text::integer"):
                with pytest.raises(asyncpg.PostgresError):
                    await connection.execute(statement, SECRET)
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute(f'select "{SECRET}"')
            await connection.close()
        assert SECRET not in server.log.read_text("utf-8")

    async def test_says_why_it_cannot_start_and_what_to_do(self, directory: Path) -> None:
        async with PostgresServer(directory):
            pass
        (directory / "data" / "postgresql.conf").write_text("nonsense = 1\n", "utf-8")
        with pytest.raises(EmbeddedError, match=r"(?s)did not start.*remove the directory.*nonsense"):
            await PostgresServer(directory).start()
