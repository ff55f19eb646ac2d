"""State made anew from the log is the state that the running hub made, to the last row."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from rich.console import Console

from bench.year import START, Person
from stafet_cli.rebuild import KEPT_ELSEWHERE, SUBSCRIPTIONS, rebuild_command
from stafet_cli.story.world import Place, world
from stafet_runtime.broker import create_topics, make_producer
from stafet_runtime.rebuilder import RebuildError
from stafet_runtime.settings import HubSettings
from stafet_schemas.codec import encode
from stafet_schemas.event import Event
from stafet_schemas.referral import ReferralSubmitted
from stafet_schemas.topics import topics

NOT_OF_THE_LOG = {"inbox", "outbox", "alembic_version", "reports"}
"""`inbox` is compared by its ids; `reports` is what an operator typed."""

State = Mapping[str, list[Any]]


@dataclass(frozen=True)
class Hub:
    """A hub in which somebody was referred and followed, and which was stopped; `state` is what it made."""

    settings: HubSettings
    state: State
    events: tuple[Event, ...]

    async def rebuild(self, *names: str) -> str:
        said = StringIO()
        await rebuild_command(self.settings, names, Console(file=said, width=500))
        return said.getvalue()

    async def drop(self) -> None:
        connection = await asyncpg.connect(self.settings.postgres)
        for name in SUBSCRIPTIONS:
            await connection.execute(f"drop schema {name} cascade")
        await connection.close()

    async def count(self, table: str) -> int:
        connection = await asyncpg.connect(self.settings.postgres)
        counted: int = await connection.fetchval(f"select count(*) from {table}")  # noqa: S608 - a name of ours
        await connection.close()
        return counted

    async def commit(self, service: str, upto: Mapping[TopicPartition, int]) -> None:
        """Say that a service had read so far."""
        async with AIOKafkaConsumer(
            bootstrap_servers=self.settings.kafka, group_id=self.settings.topic_prefix + service,
            enable_auto_commit=False,
        ) as consumer:  # fmt: skip
            consumer.assign(list(upto))
            await consumer.commit(dict(upto))

    async def append(self, event: Event, value: bytes | None = None) -> None:
        """Write one more record to the log."""
        key, headers, data = encode(event)
        topic = self.settings.topic_prefix + event.topic
        async with make_producer(self.settings.kafka, "test") as producer:
            await producer.send_and_wait(topic, value or data, key=key, headers=headers)


async def state_of(dsn: str) -> State:
    """Read every table that is a function of the log, and which events each service has handled."""
    connection = await asyncpg.connect(dsn)
    found: dict[str, list[Any]] = {}
    try:
        for service in SUBSCRIPTIONS:
            names = await connection.fetch("select tablename from pg_tables where schemaname = $1", service)
            for name in sorted(row["tablename"] for row in names if row["tablename"] not in NOT_OF_THE_LOG):
                rows = await connection.fetch(f"select to_jsonb(t) from {service}.{name} t order by t::text")  # noqa: S608 - a name of ours
                found[f"{service}.{name}"] = [json.loads(row[0]) for row in rows]
            seen = await connection.fetch(f"select event_id::text from {service}.inbox")  # noqa: S608 - a name of ours
            found[f"{service}.inbox"] = [row["event_id"] for row in seen]
    finally:
        await connection.close()
    return found


@pytest.fixture
async def hub(kafka: str, dsn: str, topic_prefix: str, tmp_path: Path) -> Hub:
    """A person who waits for an answer, is decided on, begins a period, and whose clocks are breached."""
    await create_topics(kafka, topics().values(), prefix=topic_prefix)
    async with world(Place(kafka, dsn, topic_prefix, tmp_path / "home"), START, ()) as opened:
        person = Person(opened, "child")
        await person.begin()
        await person.says("assessment_decided", {"party": "cmm", "outcome": "positive"})
        await person.says("period_offered", {"kind": "recovery"})
        opened.clock.go_to(START + timedelta(days=20))
        await opened.settle()
        await person.says("referral_accepted", {"subject": "referral"})
        events = tuple(opened.pump.events)
    settings = HubSettings(kafka=kafka, postgres=dsn, topic_prefix=topic_prefix, home=tmp_path)
    return Hub(settings, await state_of(dsn), events)


def differing(before: State, after: State) -> list[str]:
    """Name the tables that differ; of an inbox, only what is missing counts."""
    return [
        table
        for table, rows in before.items()
        if (set(rows) - set(after[table]) if table.endswith(".inbox") else rows != after[table])
    ]


async def test_emptied_services_are_as_they_were_and_stay_so(hub: Hub) -> None:
    assert {"deadline.breached", "referral.accepted", "child.suspected"} <= {
        each.short_name() for each in hub.events
    }
    await hub.drop()

    said = await hub.rebuild()

    first = await state_of(hub.settings.postgres)
    assert differing(hub.state, first) == []
    assert str(len(hub.events)) in said
    assert [await hub.count(f"{each}.outbox") for each in SUBSCRIPTIONS] == [0] * len(SUBSCRIPTIONS)

    await hub.rebuild()

    assert differing(first, await state_of(hub.settings.postgres)) == []


async def test_what_a_service_had_not_read_is_left_to_it(hub: Hub) -> None:
    await hub.drop()
    submitted = next(each for each in hub.events if isinstance(each, ReferralSubmitted))
    topic = hub.settings.topic_prefix + submitted.topic
    await hub.commit("referrals", {TopicPartition(topic, number): 0 for number in range(4)})

    await hub.rebuild()

    assert await hub.count("referrals.referrals") == 0
    assert await hub.count("identification.things") > 0


async def test_an_event_that_cannot_be_handled_is_named_and_nothing_is_passed_over(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hub.drop()

    async def broken(*_: object, **__: object) -> None:
        raise KeyError("secret")

    monkeypatch.setattr("stafet.contacts.subscribers.on_contact_reported", broken)

    with pytest.raises(RebuildError, match=r"contacts cannot handle contact\.reported .*KeyError") as caught:
        await hub.rebuild("contacts")

    assert "secret" not in str(caught.value)
    assert await hub.count("contacts.inbox") == 0


async def test_an_empty_log_makes_an_empty_state(
    kafka: str, dsn: str, topic_prefix: str, tmp_path: Path
) -> None:
    await create_topics(kafka, topics().values(), prefix=topic_prefix)
    settings = HubSettings(kafka=kafka, postgres=dsn, topic_prefix=topic_prefix, home=tmp_path)

    said = await Hub(settings, {}, ()).rebuild()

    assert "made of 0 events" in said


@pytest.mark.parametrize("service", sorted(KEPT_ELSEWHERE))
async def test_what_is_no_function_of_the_log_is_refused(service: str) -> None:
    with pytest.raises(RebuildError, match="restore its backup"):
        await rebuild_command(HubSettings(), [service], Console(file=StringIO()))
