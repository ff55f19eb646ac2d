"""Every machine under random orders, repeats and late words: no illegal state, no word without an answer."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stafet.support.adapters import load_rules
from stafet.support.domain import homeward
from stafet.support.domain.deciding import about, decide
from stafet.support.domain.machines import BEFORE_DEPARTURE, MACHINES, OF_STEP, OWN
from stafet.support.domain.outcome import Outcome
from stafet.support.domain.said import Said, Source
from stafet.support.domain.telling import EVENTS
from stafet_runtime.machine import Machine
from stafet_schemas.consent import ConsentData
from stafet_schemas.step import StepRefused, StepReportedData
from stafet_schemas.steps import steps
from tests.fakes.support import FakeSupport
from tests.services.support.samples import CASE, NOON

RULES = load_rules()
SPEAKERS = ("cmm", "shelter", "municipality", "drc", "tax")
PARTIES = {
    "service_requested": "health",
    "accommodation_requested": "shelter",
    "child_notification_sent": "municipality",
}
FILLED = {"reason": "other", "codes": ("female",), "service": "health"}


@dataclass(frozen=True)
class Word:
    """A step, or what was said of the consent a return stands on."""

    step: str
    agency: str
    receipt: int
    subject: int
    hours: int
    consent: str | None = None


def words(machine: Machine) -> st.SearchStrategy[list[Word]]:
    named = sorted(OWN & machine.moves.keys())
    word = st.builds(
        Word,
        st.sampled_from(named),
        st.sampled_from(SPEAKERS),
        st.integers(0, 12),
        st.integers(0, 3),
        st.integers(-3, 3),
        st.sampled_from([None, None, "given", "withdrawn"]) if machine.name == "return" else st.none(),
    )
    return st.lists(word, max_size=40)


def said(word: Word) -> Said:
    kind, at = steps()[word.step], NOON + timedelta(hours=word.hours)
    told: dict[str, object] = {name: FILLED[name] for name in kind.needs & FILLED.keys()}
    if "party" in kind.needs:
        told["party"] = PARTIES[word.step]
    if not kind.begins and kind.subject != "case":
        told["subject"] = f"m-{word.subject}"
    told |= {"case": CASE, "agency": word.agency, "message": f"m-{word.receipt}", "at": at, "step": word.step}
    return Said(StepReportedData.model_validate(told), NOON + timedelta(hours=3))


def consent(book: FakeSupport, state: str, version: int) -> Outcome:
    data = ConsentData(
        case=CASE, consent="c-1", version=version, basis="consent", named=(), groups=(),
        purposes=("prepared_return",) if state == "given" else (),
    )  # fmt: skip
    return homeward.consented(book, data, state, Source("hub", "e-1", NOON))


def keep(book: FakeSupport, outcome: Outcome) -> None:
    for thing in outcome.things:
        book.put(thing)


class TestEveryStep:
    def test_of_ours_has_a_machine_and_a_fact(self) -> None:
        assert OF_STEP.keys() == OWN
        assert EVENTS.keys() == OWN


@pytest.mark.parametrize("machine", MACHINES, ids=lambda each: each.name)
class TestMachine:
    @settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
    @given(st.data())
    def test_gives_each_word_a_fact_a_refusal_or_nothing_new(
        self, machine: Machine, data: st.DataObject
    ) -> None:
        book, heard = FakeSupport(), set[tuple[str, str]]()
        for version, word in enumerate(data.draw(words(machine)), start=1):
            if word.consent is not None:
                keep(book, consent(book, word.consent, version))
                self._stands(book)
                continue
            step = said(word)
            before = about(step, book)
            outcome = decide(step, book, (), RULES)
            keep(book, outcome)
            after = book.get(CASE, machine.name, before.id)
            match [each.kind for each in outcome.effects]:
                case []:
                    # It was said before, or is so already, or is about an absence that is known.
                    again = (before.id, step.data.message) in heard
                    same = after.state in machine.moves[word.step].values()
                    known = any(each.state == "missing" for each in book.all(CASE, "absence"))
                    assert outcome.things == ()
                    assert again or same or (word.step == "child_reported_missing" and known)
                case [kind] if kind is StepRefused:
                    assert outcome.things == ()
                case [_, *_]:
                    assert after.state == machine.after(before.state, word.step)
                    heard.add((before.id, step.data.message))
                case _:
                    pytest.fail("an answer of another kind")
            self._stands(book)

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(st.data())
    def test_tells_nothing_twice_that_comes_again_under_its_receipt(
        self, machine: Machine, data: st.DataObject
    ) -> None:
        book = FakeSupport()
        keep(book, consent(book, "given", 1))
        for word in data.draw(words(machine)):
            step = said(word)
            taken = decide(step, book, (), RULES)
            keep(book, taken)
            again = decide(step, book, (), RULES)

            refused = [each.kind for each in taken.effects] == [StepRefused]
            assert again == (taken if refused else Outcome())

    @staticmethod
    def _stands(book: FakeSupport) -> None:
        for (_, kind, _), thing in book.things.items():
            known = {each.name: each for each in MACHINES}.get(kind)
            assert known is None or thing.state in known.states
            if kind == "return" and thing.state in BEFORE_DEPARTURE:
                consents = book.all(CASE, "consent")
                assert thing.facts["consent"] in {each.id for each in consents if each.state == "given"}
