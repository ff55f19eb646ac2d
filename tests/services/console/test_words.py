"""Plain words."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter

import pytest

from stafet.console.domain.details import ABOUT, REFERENCES, details
from stafet.console.domain.durations import age_text, danish_text, duration_text
from stafet.console.domain.lexicon import EVENTS as WORDS
from stafet.console.domain.lexicon import NAMES, THREADS
from stafet.console.domain.steps import Step, step_of
from stafet.console.domain.words import agency_name, describe, state_name, value_text
from stafet_schemas.codec import data_class
from stafet_schemas.codes import AGENCIES
from stafet_schemas.event import Event
from stafet_schemas.registry import EVENTS
from tests.services.console.samples import (
    closed,
    decided,
    erased,
    looked_at,
    rejected,
    stopped,
    unusable,
    waiting,
)

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
STORIES = (closed, decided, erased, looked_at, rejected, stopped, unusable)
STEPS = [step_of(event) for tell in STORIES for event in tell(1, START).events]


EXAMPLES = sorted((Path(__file__).parents[3] / "schemas" / "examples").glob("*/*.json"))
# The subjects whose details are chosen one by one are looked at below.
CHOSEN = (
    "message.",
    "disclosure.",
    "reveal.",
    "consent.",
    "delivery.",
    "support.",
    "referral.",
    "identification.de",
)
NEWEST = [
    each for each in EXAMPLES if not each.parent.name.startswith(CHOSEN) and each.stem.endswith(("1", "2"))
]
MADE = {"agency", "part", "reason", "rung", "attempt", "basis", "shown", "unit", "wait"}
LEADS = REFERENCES | ABOUT


def _event(path: Path) -> Event:
    read = json.loads(path.read_text(encoding="utf-8"))
    return EVENTS[read["type"]].model_validate(read)


class TestDescribe:
    def test_has_a_sentence_for_every_event_type(self) -> None:
        assert set(WORDS) == {kind.short_name() for kind in EVENTS.values()}

    @pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.short_name())
    def test_speaks_of_fields_that_the_event_has(self, kind: type[Event]) -> None:
        fields = set(data_class(kind).model_fields)
        words = WORDS[kind.short_name()]
        told = {name for _, name, *_ in Formatter().parse(words.says) if name}
        thread = THREADS[words.thread].key if words.thread else ()
        keys = {name for each in thread for name in each.split("|")}
        assert {each.removesuffix("_lower") for each in told} - fields <= MADE
        assert not keys or keys & fields

    @pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
    def test_says_every_example_without_a_blank(self, path: Path) -> None:
        step = step_of(_event(path))
        said = " ".join((describe(step), *details(step)))
        assert "unknown agency" not in said
        assert "None" not in said
        assert "_" not in describe(step).replace(str(step.data.get("unit")), "")

    @pytest.mark.parametrize("path", NEWEST, ids=lambda path: path.parent.name)
    def test_leaves_no_fact_out(self, path: Path) -> None:
        step = step_of(_event(path))
        said = " ".join((describe(step), *details(step))).lower()
        beyond = {
            name: value for name, value in step.data.items() if name not in LEADS and value not in (None, [])
        }
        assert [name for name, value in beyond.items() if value_text(name, value).lower() not in said] == []

    def test_has_a_name_for_every_agency(self) -> None:
        assert set(NAMES["agencies"]) == AGENCIES.codes

    def test_says_of_every_need_what_to_do(self) -> None:
        assert [name for name, each in WORDS.items() if bool(each.needs) != bool(each.remedy)] == []
        assert {each.thread for each in WORDS.values()} - {""} == set(THREADS)

    @pytest.mark.parametrize(
        "words",
        [
            "Message received from Police",
            "Police referred to Red Cross",
            "Notice to go to Red Cross",
            "Notice sent to Red Cross, attempt 1",
            "Notice delivered to Red Cross",
            "Status (accepted) delivered to Police",
            "Red Cross answered: accepted",
            "Referral rejected by Red Cross: no capacity",
            "Notice for Red Cross put off: http 503, next try in 4.0 s",
            "Notice could not be delivered to Red Cross: reply not json",
            "Message from Police could not be used",
            "Loop closed: Police knows the outcome, completed",
            "Case erased: no longer needed",
            "Values shown to a caseworker at the hub",
            "Values not shown to a caseworker at the hub: no mandate",
            "Glass broken by a caseworker at the hub, to be reviewed",
            "The reason for a look shown to a supervisor at the hub",
            "Breaking of the glass reviewed: unjustified",
            "Who a pseudonym is shown to a caseworker at the hub",
            "Immigration Service decided: victim of trafficking",
            "Immigration Service took its decision back: not a victim of trafficking",
            "The report for the person shown to a data protection officer at the hub",
        ],
    )
    def test_says_what_happened(self, words: str) -> None:
        assert words in {describe(step) for step in STEPS}

    def test_names_a_type_it_does_not_know_by_its_own_words(self) -> None:
        assert describe(STEPS[0]._replace(type="period.forgotten_again")) == "Period forgotten again"

    def test_takes_braces_in_a_code_for_text(self) -> None:
        step = next(each for each in STEPS if each.type == "referral.rejected")._replace(reason="{agency}")

        assert describe(step) == "Referral rejected by Red Cross: {agency}"


class TestDetails:
    def test_name_the_fields_that_were_refused(self) -> None:
        step = next(each for each in STEPS if each.type == "message.rejected")

        assert details(step) == ("Prioritet: unknown code",)

    def test_hold_the_facts_of_a_submission(self) -> None:
        step = next(each for each in STEPS if each.type == "referral.submitted")

        assert details(step) == (
            "receipt POL-0001", "service: accommodation", "priority: acute", "age group: adult"
        )  # fmt: skip

    def test_name_what_opened_a_disclosure(self) -> None:
        step = next(each for each in STEPS if each.type == "disclosure.made")
        bases = ["consent:c-1:2", "duty:c-2:1", "ground:c-3:4", "another:c-5:1"]

        assert details(step) == ("groups: routing",)
        assert details(step._replace(data={**step.data, "bases": bases}))[1:] == (
            "by consent c-1 version 2", "by duty to notify c-2 version 1", "by legal ground c-3 version 4",
            "by another c-5 version 1",
        )  # fmt: skip

    def test_say_what_was_shown_at_the_hub_and_why(self) -> None:
        shown = [details(step) for step in STEPS if step.type == "reveal.made"]

        assert shown == [
            ("groups: health, child", "for safety", "glass broken"),
            ("for safety",), ("for support",), ("for safety",),
        ]  # fmt: skip

    def test_say_that_nobody_knows_whether_a_message_arrived(self) -> None:
        step = step_of(waiting(1, START).events[-1])

        assert details(step) == ("attempt 2", "class: retriable")
        assert details(step._replace(data={**step.data, "failure": "unknown"})) == (
            "attempt 2", "outcome unknown: it may have arrived",
        )  # fmt: skip

    def test_say_from_when_a_decision_holds_and_what_it_takes_back(self) -> None:
        shown = [details(step) for step in STEPS if step.type.startswith("identification.")]

        assert shown == [
            ("from 2026-11-20", "receipt i-1"),
            ("from 2026-11-20", "receipt j-1", "takes back receipt i-1"),
        ]

    def test_are_empty_where_the_sentence_says_it_all(self) -> None:
        step: Step = next(each for each in STEPS if each.type == "referral.accepted")

        assert details(step) == ()


class TestDurationText:
    @pytest.mark.parametrize(
        ("seconds", "text"),
        [
            (0, "0 ms"),
            (0.0124, "12 ms"),
            (3.44, "3.4 s"),
            (125, "2 min 5 s"),
            (120, "2 min"),
            (3 * 3600 + 61, "3 h 1 min"),
            (2 * 86400 + 4 * 3600, "2 d 4 h"),
            (-0.25, "\N{MINUS SIGN}250 ms"),
            (-3, "\N{MINUS SIGN}3.0 s"),
        ],
    )
    def test_uses_two_units_at_most(self, seconds: float, text: str) -> None:
        assert duration_text(timedelta(seconds=seconds)) == text


class TestDanishText:
    @pytest.mark.parametrize(
        ("time", "text"),
        [
            (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "29 March 2026, 01:59"),
            (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "29 March 2026, 03:00"),
        ],
    )
    def test_knows_summer_time(self, time: datetime, text: str) -> None:
        assert danish_text(time) == text


class TestAgeText:
    @pytest.mark.parametrize(
        ("seconds", "text"),
        [(-5, "just now"), (0.4, "just now"), (7.9, "7 s ago"), (3599, "59 min ago"), (90000, "1 d ago")],
    )
    def test_uses_the_largest_unit(self, seconds: float, text: str) -> None:
        assert age_text(timedelta(seconds=seconds)) == text


class TestNames:
    def test_an_unknown_agency_is_named_by_its_code(self) -> None:
        assert agency_name("return_partner") == "Return partner"

    def test_a_missing_agency_is_said_to_be_unknown(self) -> None:
        assert agency_name(None) == "unknown agency"

    def test_an_unknown_state_is_named_by_its_code(self) -> None:
        assert state_name("on_hold") == "On hold"
