"""Every story in this folder, played on the whole hub; its own sentences are its assertions."""

from pathlib import Path

import pytest

from stafet_cli.story import phrases_referring, phrases_reporting, phrases_seeing
from stafet_cli.story.play import PHRASES, play
from stafet_cli.story.text import read
from stafet_cli.story.world import World

STORIES = {each.stem: each for each in sorted(Path(__file__).parent.glob("*.feature"))}
KNOWN = (phrases_referring, phrases_reporting, phrases_seeing)


@pytest.mark.parametrize("name", STORIES)
async def test_story(name: str, a_world: World) -> None:
    story = read(STORIES[name].read_text(encoding="utf-8"))

    await play(story, a_world)

    assert any(line.word == "Then" for line in story.lines)


def test_phrases_are_there() -> None:
    assert len(PHRASES) > len(KNOWN)
