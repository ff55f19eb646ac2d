"""Searches every place outside the partners for the seeded personal values: topics, tables, log files.

What is found is told by place, never by value. Kafka's own internal topics are not searched: the hub writes
nothing into them but group names and offsets.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Literal

import asyncpg

from stafet_cli.demo.leak_patterns import Leak, Patterns
from stafet_cli.demo.topic_reader import RawRecord, reading
from stafet_runtime.database import Connection

TABLES: Final = """
    select format('%I.%I', nspname, relname)
    from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where relkind in ('r', 'm') and nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    order by 1
"""


async def find_leaks(
    values: Sequence[str], bootstrap: str, topic_prefix: str, dsn: str, logs: Iterable[Path]
) -> list[Leak]:
    """Search all topics of the prefix, all tables of the database and all log files, by place.

    `dsn` is an administrator's; a folder in `logs` stands for every file below it.

    Raises:
        ValueError: `values` cannot be searched, see `Patterns`.
        LookupError: no topic has the prefix.
        OSError: a log file cannot be read, or the database does not answer.
        aiokafka.errors.KafkaError: the broker does not answer.
    """
    patterns = await asyncio.to_thread(Patterns, values)
    found = await search_topics(patterns, bootstrap, topic_prefix)
    found += await search_tables(patterns, dsn)
    found += await asyncio.to_thread(search_logs, patterns, logs)
    return sorted(found)


async def search_topics(patterns: Patterns, bootstrap: str, topic_prefix: str) -> list[Leak]:
    """Search key, header names and values, and value of every record."""
    found: list[Leak] = []
    async with reading(bootstrap, topic_prefix) as topics:
        async for record in topics.new():
            values = {number for number, _ in patterns.hits(_bytes_of(record))}
            if values:
                found.append(Leak(f"{record.topic}/{record.partition}/{record.offset}", len(values)))
    return found


async def search_tables(patterns: Patterns, dsn: str) -> list[Leak]:
    """Search every table: as bytes, so that text and bytea stand raw, and as text for dates and numbers."""
    found: list[Leak] = []
    connection = await asyncpg.connect(dsn)
    try:
        for (table,) in await connection.fetch(TABLES):
            blob = await _copy(connection, table, "binary") + await _copy(connection, table, "text")
            values = {number for number, _ in await asyncio.to_thread(patterns.hits, blob)}
            if values:
                found.append(Leak(table, len(values)))
    finally:
        await connection.close()
    return found


def search_logs(patterns: Patterns, logs: Iterable[Path]) -> list[Leak]:
    """Search files, and all files below folders, line by line; raises OSError for a log that is not there."""
    below = (file for log in logs for file in (log.rglob("*") if log.is_dir() else [log]))
    return [leak for file in below if not file.is_dir() for leak in _search_file(patterns, file)]


def _search_file(patterns: Patterns, file: Path) -> list[Leak]:
    blob = file.read_bytes()
    lines: dict[int, set[int]] = defaultdict(set)
    for number, start in patterns.hits(blob):
        lines[blob.count(b"\n", 0, start) + 1].add(number)
    return [Leak(f"{file.name}:{line}", len(values)) for line, values in lines.items()]


def _bytes_of(record: RawRecord) -> bytes:
    """Join everything of a record, apart so that no value arises that is in none of the pieces."""
    headers = [piece for name, value in record.headers for piece in (name.encode(), value or b"")]
    return b"\0\n\0".join([record.key or b"", *headers, record.value or b""])


async def _copy(connection: Connection, table: str, form: Literal["binary", "text"]) -> bytes:
    pieces: list[bytes] = []

    async def take(piece: bytes) -> None:
        pieces.append(piece)

    # The name comes from the catalogue, quoted there.
    await connection.copy_from_query(f"select * from {table}", output=take, format=form)  # noqa: S608 - see above
    return b"".join(pieces)
