"""Goes through a story, sentence by sentence: each must be one that `phrases` know, and hold."""

import re
from collections.abc import Awaitable, Callable
from typing import Final

from stafet_cli.story.errors import StoryError
from stafet_cli.story.text import Line, Row, Story
from stafet_cli.story.world import World

CONNECTS: Final = "<agency:who> is connected"
Doing = Callable[..., Awaitable[None]]
PHRASES: Final[list[tuple[re.Pattern[str], Doing]]] = []
"""Every sentence a story may use; modules of phrases add theirs."""

SLOTS: Final = {
    "name": r'"(?P<{}>[^"]+)"',
    "agency": r"(?:the )?(?P<{}>[A-Za-z][A-Za-z ]*?)",
    "words": r"(?P<{}>[a-z][a-z_ ]*?)",
    "number": r"(?P<{}>\d+)",
    "time": r"(?P<{}>\d{{4}}-\d\d-\d\d(?: \d\d:\d\d)?)",
    "list": r"(?P<{}>[a-z][a-z_, ]*?)",
}


def phrase(form: str) -> Callable[[Doing], Doing]:
    """Let a function do what a sentence of this form says; `<agency:who>` becomes its argument `who`."""

    def keep(doing: Doing) -> Doing:
        PHRASES.append((_pattern(form), doing))
        return doing

    return keep


def connects(story: Story) -> list[str]:
    """Name the agencies that a story connects besides the usual ones, as it names them."""
    found = [_pattern(CONNECTS).fullmatch(line.text) for line in story.lines]
    return [each["who"] for each in found if each]


async def play(story: Story, world: World, told: Callable[[Line], None] | None = None) -> None:
    """Do and check all that a story says; `told` hears of each sentence that is done.

    Raises:
        StoryError: a sentence that nobody knows, that cannot be done or that is not so; it names the line.
    """
    for line in story.lines:
        try:
            await _do(line, world)
        except StoryError as error:
            raise StoryError(f"line {line.number}, {line.word} {line.text}: {error}") from error
        if told is not None:
            told(line)


async def _do(line: Line, world: World) -> None:
    for pattern, doing in PHRASES:
        if found := pattern.fullmatch(line.text):
            table: dict[str, tuple[Row, ...]] = {"table": line.table} if line.table else {}
            await doing(world, **found.groupdict(), **table)
            return
    raise StoryError("no such sentence: see docs/how-to/tell-a-story.md")


def _pattern(form: str) -> re.Pattern[str]:
    parts = re.split(r"<(\w+):(\w+)>", form)
    pattern = re.escape(parts[0])
    for kind, slot, rest in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        pattern += SLOTS[kind].format(slot) + re.escape(rest)
    return re.compile(pattern)
