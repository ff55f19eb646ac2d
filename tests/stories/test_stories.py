"""Every story, played on the whole hub: real Kafka and PostgreSQL, a clock of the story's own.

A story is one text; its own sentences are its assertions. Four come with the command, the others lie here.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from stafet_cli.story.show import stories
from stafet_cli.story.text import Story, read
from stafet_cli.story.world import World

TEXTS = stories() | {
    each.stem: each.read_text(encoding="utf-8") for each in Path(__file__).parent.glob("*.feature")
}

Playing = Callable[[Story], AbstractAsyncContextManager[World]]


@pytest.mark.parametrize("name", sorted(TEXTS))
async def test_story(name: str, playing: Playing) -> None:
    story = read(TEXTS[name])

    async with playing(story) as world:
        assert world.pump.events

    assert any(line.word == "Then" for line in story.lines)
