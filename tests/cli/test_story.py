"""`stafet demo --story` as somebody meets it who has never seen the hub."""

import re

from stafet_cli.story.show import stories
from stafet_cli.story.text import read
from tests.cli.command import stafet


class TestAStory:
    def test_is_told_sentence_by_sentence_and_then_as_the_hub_wrote_it_down(self) -> None:
        ended = stafet("demo", "--story", "raid")

        assert ended.code == 0, ended.said
        said = ended.said.splitlines()
        assert said[0] == read(stories()["raid"]).title
        assert "200 persons of the operation" in ended.said
        # What happened to many of a crowd is one row.
        assert re.search(r"Case opened \(200\s+times\)", ended.said)
        assert re.fullmatch(r"\d{4} events over 0 days; all 8 claims of 12 sentences held\.", said[-1])

    def test_that_is_unknown_is_answered_with_those_there_are(self) -> None:
        ended = stafet("demo", "--story", "rescue")

        assert ended.code == 2
        assert "there are child, custody, raid, return" in ended.said
