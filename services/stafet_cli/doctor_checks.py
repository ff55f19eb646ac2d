"""The single checks of `stafet doctor`: what holds on this machine, and what to do about what does not."""

import asyncio
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import asyncpg

from stafet_runtime.broker import topic_partitions
from stafet_runtime.clock import Clock, SystemClock
from stafet_runtime.database import schema_versions
from stafet_runtime.embedded.errors import EmbeddedError
from stafet_runtime.embedded.jars import jar_directory, read_jar_list, verified
from stafet_runtime.embedded.java import find_java, java_release
from stafet_runtime.embedded.kafka import KafkaServer
from stafet_runtime.embedded.kafka_probe import read_cluster_id
from stafet_runtime.embedded.postgres import PostgresServer, find_programs
from stafet_runtime.settings import SERVICES, HubSettings
from stafet_schemas.topics import topics

OLDEST_PYTHON: Final = (3, 11)
OLDEST_POSTGRES: Final = 16
DISK_BYTES: Final = 2 * 1024**3
CLOCK_TOLERANCE: Final = timedelta(seconds=2)
ANSWER_SECONDS: Final = 5.0
UNREADABLE: Final = "the DSN in STAFET_POSTGRES"
UNREACHABLE: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass(frozen=True)
class Check:
    """One finding: `ok` is None when it could not be looked at, and `detail` then says why.

    `warns`: it holds, but not for long.
    """

    name: str
    ok: bool | None
    detail: str
    remedy: str = ""
    warns: bool = False

    @property
    def line(self) -> str:
        """One line for a person: state, name, what was found, and after an arrow what to do."""
        state = "warning" if self.warns else {True: "ok", False: "failed", None: "skipped"}[self.ok]
        remedy = f" -> {self.remedy}" if self.warns or self.ok is False else ""
        return f"{state:<8}{self.name:<13}{self.detail}{remedy}"


@dataclass(frozen=True)
class Surroundings:
    """What the checks look at: settings in force, the hub's TCP ports by what they are for, the time."""

    settings: HubSettings
    ports: Mapping[str, int] = field(default_factory=dict[str, int])
    clock: Clock = field(default_factory=SystemClock)

    @property
    def kafka(self) -> str:
        """Where the broker is: as set, or where this home's own one runs; empty if there is none."""
        folder = self.settings.home / "kafka"
        own = KafkaServer(folder).bootstrap if (folder / "pid").exists() else ""
        return self.settings.kafka or own

    @property
    def postgres(self) -> str:
        """DSN of the database: as set, or of this home's own server if it runs; empty if there is none."""
        folder = self.settings.home / "postgres"
        own = PostgresServer(folder).dsn if (folder / "pid").exists() else ""
        return self.settings.postgres or own


async def check_python(_: Surroundings) -> Check:
    """Is the interpreter new enough?"""
    found = ".".join(map(str, sys.version_info[:3]))
    return Check("Python", sys.version_info >= OLDEST_PYTHON, found, "make PYTHON=python3.12 setup")


async def check_java(surroundings: Surroundings) -> Check:
    """Is there a Java for the embedded broker?"""
    if surroundings.settings.kafka:
        return Check("Java", None, "STAFET_KAFKA is set: no broker runs here")
    try:
        java = await asyncio.to_thread(find_java)
    except EmbeddedError:
        return Check(
            "Java", ok=False, detail="none of version 17 or newer", remedy="make setup, or set JAVA_HOME"
        )
    runs = await asyncio.to_thread(java_release, java.path) is not None
    detail = f"{java.release} ({java.origin}){'' if runs else ' does not run here'}"
    return Check("Java", runs, detail, "install another Java (17 or newer) and set JAVA_HOME")


async def check_jars(surroundings: Surroundings) -> Check:
    """Are the embedded broker's jars in the cache, and were they checked?"""
    if surroundings.settings.kafka:
        return Check("jars", None, "STAFET_KAFKA is set: no broker runs here")
    wanted = read_jar_list()
    directory = jar_directory(wanted.version)
    complete = await asyncio.to_thread(verified, directory, wanted)
    state = "checked" if complete else "not all checked"
    detail = f"Kafka {wanted.version}, {len(wanted.jars)} {state} in {directory}"
    return Check("jars", complete, detail, "make setup")


async def check_server_programs(surroundings: Surroundings) -> Check:
    """Are the embedded database's programs installed?"""
    if surroundings.settings.postgres:
        return Check("PostgreSQL", None, "STAFET_POSTGRES is set: no server runs here")
    try:
        find_programs()
    except EmbeddedError:
        return Check("PostgreSQL", ok=False, detail="server programs missing", remedy="make setup")
    return Check("PostgreSQL", ok=True, detail="server programs installed")


async def check_ports(surroundings: Surroundings) -> Check:
    """Can the hub listen where it should, or does it already?"""
    if not surroundings.ports:
        return Check("ports", None, "none is fixed")
    states = {name: await _port_state(port) for name, port in surroundings.ports.items()}
    detail = ", ".join(f"{name} {port} {states[name]}" for name, port in surroundings.ports.items())
    return Check(
        "ports", "taken" not in states.values(), detail, "end the program that holds it, or choose another"
    )


async def _port_state(port: int) -> str:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
    except (OSError, TimeoutError):
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            return "taken"
        return "free"
    writer.close()
    return "answering"


async def check_disk(surroundings: Surroundings) -> Check:
    """Is there room for a log, a database and their growth (2 GiB)?"""
    home = surroundings.settings.home.expanduser().resolve()
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    detail = f"{free / 1024**3:.1f} GiB free for {home}"
    return Check("disk", free >= DISK_BYTES, detail, "free some space, or set STAFET_HOME to a larger disk")


async def check_broker(surroundings: Surroundings) -> Check:
    """Does a live Kafka broker answer at STAFET_KAFKA?"""
    bootstrap = surroundings.kafka
    if not bootstrap:
        return Check("broker", None, "STAFET_KAFKA is not set: the hub starts its own")
    reachable = await _broker_answers(bootstrap)
    detail = f"{bootstrap} {'answers' if reachable else 'does not answer'}"
    return Check(
        "broker",
        reachable,
        detail,
        "`stafet up` starts it on this machine; elsewhere start it, or correct STAFET_KAFKA",
    )


async def _broker_answers(bootstrap: str) -> bool:
    return any([await read_cluster_id(address) is not None for address in bootstrap.split(",")])


async def check_topics(surroundings: Surroundings) -> Check:
    """Does every topic exist with the partitions that its file states?"""
    settings, bootstrap = surroundings.settings, surroundings.kafka
    if not bootstrap:
        return Check("topics", None, "STAFET_KAFKA is not set: the hub makes them when it starts")
    if not await _broker_answers(bootstrap):
        return Check("topics", None, "the broker does not answer")
    wanted = {settings.topic_prefix + name: topic.partitions for name, topic in topics().items()}
    found = await topic_partitions(bootstrap, list(wanted))
    wrong = [
        f"{name} has {found.get(name, 'no')} of {count} partitions"
        for name, count in wanted.items()
        if found.get(name) != count
    ]
    detail = "; ".join(wrong) or f"{len(wanted)} with their stated partitions"
    return Check(
        "topics", not wrong, detail, "stafet init makes what is missing; a wrong count needs an operator"
    )


async def check_database(surroundings: Surroundings) -> Check:
    """Does a PostgreSQL that is new enough answer at STAFET_POSTGRES?"""
    dsn = surroundings.postgres
    if not dsn:
        return Check("database", None, "STAFET_POSTGRES is not set: the hub starts its own")
    try:
        connection = await asyncpg.connect(dsn, timeout=ANSWER_SECONDS)
    except (*UNREACHABLE, ValueError) as error:
        detail = f"{describe_dsn(dsn)} does not let us in ({type(error).__name__})"
        return Check(
            "database",
            ok=False,
            detail=detail,
            remedy="`stafet up` starts it on this machine; elsewhere start it, or correct STAFET_POSTGRES",
        )
    version = connection.get_server_version()
    await connection.close()
    detail = f"{describe_dsn(dsn)} is PostgreSQL {version.major}.{version.minor}"
    return Check(
        "database", version.major >= OLDEST_POSTGRES, detail, f"use PostgreSQL {OLDEST_POSTGRES} or newer"
    )


async def check_schemas(surroundings: Surroundings) -> Check:
    """Are all services' tables at the newest version?"""
    dsn = surroundings.postgres
    if not dsn:
        return Check("schemas", None, "STAFET_POSTGRES is not set: the hub brings its own up to date")
    try:
        versions = await schema_versions(dsn, SERVICES)
    except (*UNREACHABLE, ValueError):
        return Check("schemas", None, "the database does not answer")
    behind = [
        f"{service} at {current or 'nothing'} of {head}"
        for service, (current, head) in versions.items()
        if current != head
    ]
    return Check("schemas", not behind, "; ".join(behind) or f"{len(versions)} at head", "stafet init")


async def check_clock(surroundings: Surroundings) -> Check:
    """Do this machine and the database agree on the time within two seconds?"""
    if not surroundings.postgres:
        return Check("clock", None, "STAFET_POSTGRES is not set: the database shares this machine's clock")
    try:
        connection = await asyncpg.connect(surroundings.postgres, timeout=ANSWER_SECONDS)
    except (*UNREACHABLE, ValueError):
        return Check("clock", None, "the database does not answer")
    before = surroundings.clock.now()
    there: datetime = await connection.fetchval("select clock_timestamp()")
    after = surroundings.clock.now()
    await connection.close()
    if before.tzinfo is None or there.tzinfo is None:
        return Check(
            "clock", ok=False, detail="a time without zone", remedy="report this: times must carry a zone"
        )
    apart = abs(there - (before + (after - before) / 2))
    detail = f"{apart.total_seconds():.3f} s from the database's"
    return Check("clock", apart < CLOCK_TOLERANCE, detail, "synchronise both machines by NTP")


def describe_dsn(dsn: str) -> str:
    """Return host, port and database of a DSN, without user and password; never fails."""
    try:
        parts = urlsplit(dsn)
        host = parts.hostname or parse_qs(parts.query).get("host", ["?"])[0]
        place = f"{host}:{parts.port}" if parts.port else host
    except ValueError:
        return UNREADABLE
    if parts.scheme not in {"postgresql", "postgres"}:
        return UNREADABLE
    return f"{place}{Path('/') / parts.path.lstrip('/')}" if parts.path.strip("/") else place


CHECKS: Final = (
    check_python,
    check_java,
    check_jars,
    check_server_programs,
    check_ports,
    check_disk,
    check_broker,
    check_topics,
    check_database,
    check_schemas,
    check_clock,
)
"""In the order of a person's search: this machine first, then the log, then the database."""
