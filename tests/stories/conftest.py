"""A world for each story, on the session's Kafka and PostgreSQL."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stafet_cli.story.world import Place, World, world
from stafet_runtime.broker import create_topics
from stafet_schemas.topics import topics

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""A Monday morning, before the change to summer time."""


@pytest.fixture
async def a_world(kafka: str, dsn: str, topic_prefix: str, tmp_path: Path) -> AsyncGenerator[World]:
    """Open a world in which nothing has happened."""
    await create_topics(kafka, topics().values(), prefix=topic_prefix)
    async with world(Place(kafka, dsn, topic_prefix, tmp_path / "home"), START) as opened:
        yield opened
