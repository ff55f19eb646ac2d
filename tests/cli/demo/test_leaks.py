"""Canaries in every kind of place and every encoding are found; what is clean gives nothing."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from stafet_cli.demo.leak_patterns import Leak, Patterns
from stafet_cli.demo.leaks import find_leaks, search_logs, search_tables, search_topics
from stafet_connectors.police.simulator_plan import plan, values
from stafet_runtime.broker import make_producer
from stafet_runtime.database import Connection, Database
from stafet_runtime.outbox import pack_headers
from tests.cli.demo.planted import CANARY, CLEAN, ENCODED, among
from tests.cli.demo.played import whole
from tests.cli.demo.publishing import make_topics, publish

VALUES = [*values(plan(1, 20)), CANARY]
NUMBER = len(VALUES) - 1
BORN = "1986-06-08"


@pytest.fixture(scope="module")
def patterns() -> Patterns:
    """All values of twenty referrals, and the canary."""
    return Patterns(VALUES)


@pytest.fixture
async def administrator(dsn: str) -> AsyncIterator[Connection]:
    """A connection to the test's database that may make tables anywhere."""
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


class TestPatterns:
    @pytest.mark.parametrize("planted", ENCODED.values(), ids=ENCODED)
    def test_find_every_encoding(self, patterns: Patterns, planted: bytes) -> None:
        assert {number for number, _ in patterns.hits(among(planted))} == {NUMBER}

    def test_find_nothing_in_what_is_clean(self, patterns: Patterns) -> None:
        assert patterns.hits(CLEAN) == set()

    def test_find_nothing_in_part_of_a_value(self, patterns: Patterns) -> None:
        assert patterns.hits(CANARY[:-1].encode()) == set()

    def test_find_every_value_of_the_police(self, patterns: Patterns) -> None:
        text = "\n".join(VALUES).encode()
        coded = base64.b64encode(text)

        assert {number for number, _ in patterns.hits(text)} == set(range(len(VALUES)))
        # Case references that differ in their last digit share the characters that are certain in base64.
        people = {number for number, value in enumerate(VALUES) if not value.startswith("POL-")}
        assert {number for number, _ in patterns.hits(coded)} >= people

    def test_find_a_value_inside_another(self) -> None:
        assert {number for number, _ in Patterns(["Gaxipypuno Allé 7", "Gaxipypuno"]).hits(
            "Gaxipypuno Allé 7".encode()
        )} == {0, 1}  # fmt: skip

    @pytest.mark.parametrize("unsafe", [[], [""], ["Gaxipypuno", "Bo"]])
    def test_refuse_what_would_be_found_by_chance(self, unsafe: list[str]) -> None:
        with pytest.raises(ValueError, match="8 characters"):
            Patterns(unsafe)


class TestSearchTopics:
    async def test_finds_each_encoding_in_key_header_and_value(
        self, kafka: str, topic_prefix: str, patterns: Patterns
    ) -> None:
        topic = f"{topic_prefix}stafet-case-v1"
        await make_topics(kafka, topic_prefix)
        async with make_producer(kafka, "test") as producer:
            for planted in ENCODED.values():
                bad = among(planted)
                await producer.send_and_wait(topic, CLEAN, key=bad, partition=0)
                await producer.send_and_wait(
                    topic, CLEAN, headers=[("ce_id", CLEAN), ("ce_x", bad)], partition=1
                )
                await producer.send_and_wait(topic, bad, partition=2)
                await producer.send_and_wait(topic, CLEAN, headers=[("ce_x", CLEAN)], partition=3)
            await producer.send_and_wait(topic, headers=[(CANARY, b"")], key=b"k", partition=0)

        found = await search_topics(patterns, kafka, topic_prefix)

        planted_at = [f"{topic}/{part}/{offset}" for part in range(3) for offset in range(len(ENCODED))]
        assert sorted(each.place for each in found) == sorted([*planted_at, f"{topic}/0/{len(ENCODED)}"])
        assert {each.values for each in found} == {1}


class TestSearchTables:
    async def test_finds_each_encoding_in_text_and_bytes(
        self, dsn: str, administrator: Connection, patterns: Patterns
    ) -> None:
        for number, planted in enumerate(ENCODED.values()):
            await administrator.execute(f"create table vault.bytes_{number:02} (held bytea)")
            await administrator.copy_records_to_table(
                f"bytes_{number:02}", schema_name="vault", records=[(CLEAN,), (among(planted),)]
            )
            if b"\0" not in planted:
                await administrator.execute(f"create table vault.text_{number:02} (held text)")
                await administrator.copy_records_to_table(
                    f"text_{number:02}", schema_name="vault", records=[("clean",), (planted.decode(),)]
                )

        found = await search_tables(patterns, dsn)

        assert {each.values for each in found} == {1}
        places = [each.place for each in found]
        assert [each for each in places if "bytes" in each] == [
            f"vault.bytes_{number:02}" for number in range(len(ENCODED))
        ]
        assert len([each for each in places if "text" in each]) == len(ENCODED) - 2

    async def test_finds_a_value_in_columns_of_each_kind(
        self, dsn: str, administrator: Connection, patterns: Patterns
    ) -> None:
        columns = {
            "array": f"array['a', '{CANARY}']",
            "json": f"""'{{"name": "{CANARY}"}}'::json""",
            "jsonb": f"""'{{"name": "{CANARY}"}}'::jsonb""",
            "name": f"'{CANARY}'::name",
            "row": f"row(1, '{CANARY}'::text)::dispatch.pair",
        }
        await administrator.execute("create type dispatch.pair as (number int, held text)")
        for name, value in columns.items():
            await administrator.execute(f"create table dispatch.in_{name} as select 1 as id, {value} as held")

        assert await search_tables(patterns, dsn) == [
            Leak(f"dispatch.in_{name}", 1) for name in sorted(columns)
        ]

    async def test_finds_a_value_in_the_outbox_of_a_service(
        self, dsn: str, database_for: Callable[[str], Awaitable[Database]], patterns: Patterns
    ) -> None:
        vault = await database_for("vault")
        await vault.pool.execute(
            "insert into outbox (topic, key, headers, value) values ('t', 'k', $1, 'v')",
            pack_headers([("ce_id", CANARY.encode())]),
        )

        assert await search_tables(patterns, dsn) == [Leak("vault.outbox", 1)]

    async def test_finds_a_birth_date_kept_as_a_date(self, dsn: str, administrator: Connection) -> None:
        await administrator.execute(f"""create table "public"."Odd name" as select date '{BORN}' as born""")

        assert await search_tables(Patterns([BORN]), dsn) == [Leak('public."Odd name"', 1)]

    async def test_finds_a_value_in_a_long_column(
        self, dsn: str, administrator: Connection, patterns: Patterns
    ) -> None:
        long = "abc " * 100_000 + CANARY + "def " * 100_000
        await administrator.execute("create table vault.held_long as select $1::text as held", long)

        assert await search_tables(patterns, dsn) == [Leak("vault.held_long", 1)]

    async def test_finds_nothing_in_empty_tables(self, dsn: str, patterns: Patterns) -> None:
        assert await search_tables(patterns, dsn) == []


class TestSearchLogs:
    def test_names_file_and_line_below_a_folder(self, tmp_path: Path, patterns: Patterns) -> None:
        (tmp_path / "kafka").mkdir()
        for number, planted in enumerate(ENCODED.values()):
            (tmp_path / "kafka" / f"server-{number}.log").write_bytes(b"ok\n\n" + among(planted) + b"\nok\n")
        (tmp_path / "hub.log").write_bytes(CLEAN)

        found = search_logs(patterns, [tmp_path])

        assert sorted(found) == sorted(Leak(f"server-{number}.log:3", 1) for number in range(len(ENCODED)))

    def test_counts_each_value_once_a_line(self, tmp_path: Path) -> None:
        log = tmp_path / "hub.log"
        log.write_text("Gaxipypuno Gaxipypuno Fipagorymu\nGaxipypuno\n", "utf-8")

        found = search_logs(Patterns(["Gaxipypuno", "Fipagorymu"]), [log])

        assert sorted(found) == [Leak("hub.log:1", 2), Leak("hub.log:2", 1)]

    def test_refuses_a_log_that_is_not_there(self, tmp_path: Path, patterns: Patterns) -> None:
        with pytest.raises(FileNotFoundError):
            search_logs(patterns, [tmp_path / "none.log"])


class TestFindLeaks:
    async def test_finds_nothing_in_a_clean_demo(
        self, kafka: str, topic_prefix: str, dsn: str, tmp_path: Path
    ) -> None:
        await make_topics(kafka, topic_prefix)
        await publish(kafka, topic_prefix, whole().events)
        (tmp_path / "hub.log").write_bytes(CLEAN)

        assert await find_leaks(VALUES, kafka, topic_prefix, dsn, [tmp_path]) == []

    async def test_tells_places_of_all_kinds_and_never_a_value(
        self, kafka: str, topic_prefix: str, dsn: str, administrator: Connection, tmp_path: Path
    ) -> None:
        topic = f"{topic_prefix}stafet-case-v1"
        await make_topics(kafka, topic_prefix)
        async with make_producer(kafka, "test") as producer:
            await producer.send_and_wait(topic, CANARY.encode(), partition=1)
        await administrator.execute("create table console.notes as select $1::text as held", CANARY)
        (tmp_path / "hub.log").write_text(CANARY, "utf-8")

        found = await find_leaks(VALUES, kafka, topic_prefix, dsn, [tmp_path])

        assert [each.place for each in found] == ["console.notes", "hub.log:1", f"{topic}/1/0"]
        assert CANARY not in repr(found)
