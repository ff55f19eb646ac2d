"""A world for each story, on the session's Kafka and PostgreSQL."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from stafet_cli.story.phrases import play_on
from stafet_cli.story.show import START
from stafet_cli.story.text import Story
from stafet_cli.story.world import Place, World
from stafet_runtime.broker import create_topics
from stafet_schemas.topics import topics
from tests.stories.test_stories import Playing


@pytest.fixture
async def playing(kafka: str, dsn: str, topic_prefix: str, tmp_path: Path) -> Playing:
    """Play a story on a world in which nothing has happened."""
    await create_topics(kafka, topics().values(), prefix=topic_prefix)

    def on_it(story: Story) -> AbstractAsyncContextManager[World]:
        return play_on(Place(kafka, dsn, topic_prefix, tmp_path / "home"), START, story)

    return on_it
