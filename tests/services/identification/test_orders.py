"""Whatever is said in whatever order: no illegal state, and every step is answered."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stafet.identification.domain import periods
from stafet.identification.domain.context import Said
from stafet.identification.domain.deciding import DECIDERS, decide
from stafet.identification.domain.decision import Decision
from stafet.identification.domain.machines import MACHINES, PERIOD
from stafet_runtime.machine import Machine
from stafet_runtime.thing import Thing
from stafet_schemas.step import StepRefused, StepReportedData
from stafet_schemas.steps import steps
from tests.services.identification.samples import CASE, NOON, File, day, said

MACHINE_OF: Final = {each.name: each for each in MACHINES}
NAMES: Final = ("m-1", "m-2", "m-3")
FIELDS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "subject": st.sampled_from((*NAMES, "m-9")),
    "kind": st.sampled_from(("reflection", "recovery", "anonymous", "odd")),
    "reason": st.sampled_from(("special_reasons", "left", "odd")),
    "channel": st.sampled_from(("shelter", "odd")),
    "codes": st.sampled_from(((), ("interpreter",), ("odd", "shows_fear"))),
    "vocabulary": st.sampled_from(("unodc", "odd@1")),
    "outcome": st.sampled_from(("positive", "negative", "undetermined", "odd")),
    "residence": st.sampled_from(("lawful", "none", "asylum_seeker", "odd")),
    "party": st.sampled_from(("cmm", "immigration", "court", "tax")),
    "law": st.just("covid_2020"),
    "starts": st.dates(date(2026, 2, 1), date(2026, 5, 1)),
    "until": st.dates(date(2026, 2, 1), date(2026, 9, 1)),
}
AT: Final = st.builds(day, st.integers(0, 130)) | st.just(NOON + timedelta(milliseconds=300))
AGENCY: Final = st.sampled_from(("cmm", "cmm", "cmm", "immigration", "redcross", "police"))


@st.composite
def reports(draw: st.DrawFn, names: Sequence[str]) -> StepReportedData:
    """Draw a step with the fields that it needs, and some that it may have."""
    kind = steps()[draw(st.sampled_from(names))]
    needed = kind.needs if kind.begins or kind.subject == "case" else kind.needs | {"subject"}
    fields = {name: draw(FIELDS[name]) for name in sorted(needed)}
    fields |= {name: draw(FIELDS[name]) for name in sorted(kind.may - needed) if draw(st.booleans())}
    message = draw(st.sampled_from(NAMES) if kind.begins else st.uuids().map(str))
    return said(kind.name, **{"message": message, "agency": draw(AGENCY), "at": draw(AT), **fields})


def take(file: File, decision: Decision) -> None:
    """Keep what a decision changed, each thing moved as its machine allows."""
    for thing in decision.things:
        before = file.book.get(CASE, thing.kind, thing.id)
        machine = MACHINE_OF.get(thing.kind)
        assert machine is None or legal(machine, before, thing), (before, thing)
        file.book.put(thing)


def legal(machine: Machine, before: Thing, after: Thing) -> bool:
    led = {pairs[before.state] for pairs in machine.moves.values() if before.state in pairs}
    return after.state in led | {before.state}


def report(file: File, step: StepReportedData) -> None:
    """Decide on a step; see that it is answered: by facts, a refusal, or not at all if it was said before."""
    kind = steps()[step.step]
    decision = decide(step, file.context(day(131)))
    refusals = [each.data for each in decision.effects if each.kind is StepRefused]
    facts = [each for each in decision.effects if each.kind is not StepRefused]
    if not decision.effects:
        assert not decision.things
        known = file.book.get(CASE, kind.subject, step.message if kind.begins else step.subject or "")
        assert kind.subject == "case" or known.facts["last"] == step.step
    if refusals and not facts:
        assert {each.kind for each in decision.things} <= {"assessment"}
        assert [each.model_dump()["message"] for each in refusals] == [step.message]
    take(file, decision)


def whole(file: File) -> None:
    """See that no period is longer than it may be, and one at a time of a kind runs."""
    known = file.book.all(CASE, "period")
    running = [each.facts["kind"] for each in known if each.state in {"active", "extension_requested"}]
    for each in known:
        assert each.state in PERIOD.states
        if "until" in each.facts:
            assert each.facts["starts"] <= each.facts["until"]
            assert each.facts["until"] <= each.facts["cap"] or "law" in each.facts
    assert len(running) == len(set(running))


class TestAnyOrder:
    @pytest.mark.parametrize("machine", MACHINES, ids=lambda each: each.name)
    @settings(max_examples=60)
    @given(st.data())
    def test_of_one_machines_steps_is_answered_and_stays_legal(
        self, machine: Machine, data: st.DataObject
    ) -> None:
        own = sorted(DECIDERS.keys() & machine.moves.keys())
        told = data.draw(st.lists(reports(own), max_size=25))
        file = File()
        for each in told:
            report(file, each)
            whole(file)

    @settings(max_examples=100)
    @given(st.lists(reports(sorted(DECIDERS)), max_size=40), st.integers(0, 40))
    def test_of_all_steps_and_the_end_of_periods_is_answered_and_stays_legal(
        self, told: list[StepReportedData], when: int
    ) -> None:
        file = File()
        for number, each in enumerate(told):
            report(file, each)
            if number == when:
                for name in NAMES:
                    at = day(when * 4)
                    take(file, periods.expired(Said(CASE, "hub", "d-1", at), file.context(at), name))
            whole(file)

    @settings(max_examples=60)
    @given(st.lists(reports(sorted(DECIDERS)), max_size=30))
    def test_told_again_at_once_adds_no_fact(self, told: list[StepReportedData]) -> None:
        file = File()
        for each in told:
            report(file, each)
            again = decide(each, file.context(day(131)))
            assert {effect.kind for effect in again.effects} <= {StepRefused}

    @settings(max_examples=40)
    @given(st.lists(reports(sorted(DECIDERS)), max_size=30))
    def test_replayed_rebuilds_the_same(self, told: list[StepReportedData]) -> None:
        first, second = File(), File()
        for file in (first, second):
            for each in told:
                report(file, each)

        assert first.book.things == second.book.things
