"""`stafet demo --story`: plays a story on servers of its own and prints its timeline."""

from collections import Counter
from datetime import UTC, datetime
from functools import partial
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console
from rich.table import Table

from stafet.console.domain.steps import step_of
from stafet.console.domain.words import describe
from stafet_cli.hub import prepare, servers
from stafet_cli.story.errors import StoryError
from stafet_cli.story.phrases import play_on
from stafet_cli.story.text import Line, Story, read
from stafet_cli.story.world import Place, World
from stafet_cli.up import open_log
from stafet_runtime.danish import COPENHAGEN
from stafet_runtime.settings import HubSettings

START: Final = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""A Monday morning in winter time: summer time begins while a period runs."""


def stories() -> dict[str, str]:
    """Return the texts of the stories that come with the command, by name."""
    folder = resources.files("stafet_cli.story") / "stories"
    return {
        each.name.removesuffix(".feature"): each.read_text(encoding="utf-8")
        for each in folder.iterdir()
        if each.name.endswith(".feature")
    }


async def show_story(name: str, output: Console) -> None:
    """Play a story on servers in a folder that is gone afterwards, and print what happened.

    Raises:
        StoryError: there is no such story, or something in it is not as it says.
        EmbeddedError, OSError: the servers do not start.
    """
    known = stories()
    if name not in known:
        raise StoryError(f"no story {name}: there are {', '.join(sorted(known))}")
    # Not below a folder that only its owner may enter: PostgreSQL runs under an account of its own.
    with TemporaryDirectory(prefix="stafet-story-") as folder:
        await _show(read(known[name]), Path(folder), output)


async def _show(story: Story, home: Path, output: Console) -> None:
    output.print(f"[bold]{story.title}[/bold]\n{story.about}\n")
    async with servers(HubSettings(home=home, kafka="", postgres="", topic_prefix="")) as settings:
        await prepare(settings)
        place = Place(settings.kafka, settings.postgres, settings.topic_prefix, home)
        # That its clock makes leaps is no news to who reads a story.
        with open_log(home):
            async with play_on(place, START, story, partial(_tell, output)) as opened:
                output.print()
                output.print(timeline(opened))
                output.print(_summary(story, opened))


def timeline(opened: World) -> Table:
    """Make a table of all that happened to the people of the story, in Danish time.

    What happened to several of a crowd in the same minute is one row, with how often it did.
    """
    table = Table("when", "who", "what", title="What the hub wrote down")
    whose = {case: person.name for person in opened.people.values() for case in person.cases}
    rows: Counter[tuple[str, str, str]] = Counter()
    for event in opened.pump.events:
        step = step_of(event)
        if not step.type.startswith(("message.", "disclosure.", "delivery.")):
            rows[_danish(event.time), whose.get(event.partitionkey, ""), describe(step)] += 1
    for (when, who, what), times in rows.items():
        table.add_row(when, who, what if times == 1 else f"{what} ({times} times)")
    return table


def _tell(output: Console, opened: World, line: Line) -> None:
    output.print(f"[dim]{_danish(opened.clock.now())}[/dim]  {line.word} {line.text}", highlight=False)


def _danish(time: datetime) -> str:
    return f"{time.astimezone(COPENHAGEN):%a %d %b %H:%M}"


def _summary(story: Story, opened: World) -> str:
    days = (opened.clock.now() - START).days
    count = len(opened.pump.events)
    return (
        f"{count} events over {days} days; all {_claims(story)} claims of {len(story.lines)} sentences held."
    )


def _claims(story: Story) -> int:
    """Count the sentences after a Then, up to the next Given or When."""
    claims, claiming = 0, False
    for line in story.lines:
        claiming = line.word == "Then" or (claiming and line.word in {"And", "But"})
        claims += claiming
    return claims
