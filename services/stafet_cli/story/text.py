"""Reads a story: Gherkin (https://cucumber.io/docs/gherkin/reference) into lines that can be played."""

from dataclasses import dataclass
from typing import Any

from gherkin.parser import Parser

from stafet_cli.story.errors import StoryError

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a story: its word (Given, When, Then, And), its text, its table, where it stands."""

    word: str
    text: str
    table: tuple[Row, ...]
    number: int


@dataclass(frozen=True, slots=True)
class Story:
    """A story: its title, what it is about, and its sentences."""

    title: str
    about: str
    lines: tuple[Line, ...]


def read(text: str) -> Story:
    """Read a story with one scenario.

    Raises:
        StoryError: it is not Gherkin, or has another number of scenarios.
    """
    try:
        found: Any = Parser().parse(text)
    except Exception as error:  # noqa: BLE001 - the parser's errors name the line
        raise StoryError(f"this is no story: {error}") from None
    feature: dict[str, Any] = found.get("feature") or {}
    scenarios: list[Any] = [each["scenario"] for each in feature.get("children", ()) if "scenario" in each]
    if len(scenarios) != 1:
        raise StoryError(f"a story has one scenario, this one has {len(scenarios)}")
    lines = tuple(_line(each) for each in scenarios[0]["steps"])
    about = " ".join(feature["description"].split())
    return Story(feature["name"], about, lines)


def _line(step: Any) -> Line:  # noqa: ANN401 - the parser's own shape
    rows = step.get("dataTable", {}).get("rows", ())
    table = tuple(tuple(cell["value"] for cell in row["cells"]) for row in rows)
    return Line(step["keyword"].strip(), step["text"], table, step["location"]["line"])
