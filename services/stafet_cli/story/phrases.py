"""Every sentence a story may use, and how a story is played on a world of its own."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Final

from stafet_cli.story import (
    names,
    phrases_deciding,
    phrases_raid,
    phrases_referring,
    phrases_reporting,
    phrases_seeing,
)
from stafet_cli.story.play import connects, play
from stafet_cli.story.text import Line, Story
from stafet_cli.story.world import CONNECTED, Place, World, world

MODULES: Final = (phrases_referring, phrases_reporting, phrases_deciding, phrases_raid, phrases_seeing)
"""A sentence is known once its module is."""


@asynccontextmanager
async def play_on(
    place: Place, start: datetime, story: Story, told: Callable[[World, Line], None] | None = None
) -> AsyncGenerator[World]:
    """Play a story from a time on, with the agencies connected that it connects; yields the world at its end.

    Raises:
        StoryError: something in it is not as it says.
    """
    agencies = [*CONNECTED, *map(names.agency, connects(story))]
    async with world(place, start, agencies) as opened:
        await play(story, opened, partial(told, opened) if told else None)
        yield opened
