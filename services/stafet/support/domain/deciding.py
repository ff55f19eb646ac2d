"""Takes a step: is it fit, whose word is it, what is it about, may it follow; then what follows from it."""

from collections.abc import Sequence
from datetime import datetime

from stafet.support.domain import children, homeward, stays
from stafet.support.domain.machines import OF_STEP
from stafet.support.domain.outcome import Book, Outcome, fact, refusal
from stafet.support.domain.places import Unit
from stafet.support.domain.rules import Rules
from stafet.support.domain.said import Refused, Said, unfit
from stafet.support.domain.telling import ONCE, PARTY, event_of, facts, party_service
from stafet_runtime.kin import holder
from stafet_runtime.thing import Thing
from stafet_schemas.step import StepReportedData
from stafet_schemas.steps import steps

NOTHING = Outcome()


def decide(said: Said, book: Book, units: Sequence[Unit], rules: Rules) -> Outcome:
    """Return the fact that a step is, its refusal, or nothing if it says what is so already."""
    step = said.data.step
    if wrong := _unacceptable(said, book, rules):
        return refusal(said, wrong)
    thing = about(said, book)
    after = OF_STEP[step].after(thing.state, step)
    if _repeated(said, thing, after, book):
        return NOTHING
    wrong = _out_of_order(said, thing, after) or _unfounded(said, thing, book, units)
    if wrong or after is None:
        return refusal(said, wrong or Refused("out_of_order"))
    heard = [*thing.facts.get("heard", ()), said.data.message]
    told = facts(said, thing, rules) | homeward.facts(said, thing, book, rules)
    moved = thing.moved(after, **told, heard=heard, heard_at=said.data.at.isoformat())
    outcome = Outcome((moved,), (fact(event_of(step, thing), moved, said.source, said.data.reason),))
    return outcome.then(children.following(step, moved, said.source, book, rules))


def located(data: StepReportedData, book: Book) -> StepReportedData:
    """Take a step about a thing of another case of the same person as said in that case."""
    if data.subject is None:
        return data
    return data.model_copy(update={"case": holder(book, data.case, (OF_STEP[data.step].name,), data.subject)})


def about(said: Said, book: Book) -> Thing:
    """Return the thing that a step is about; one that it begins has its receipt as id."""
    kind = OF_STEP[said.data.step].name
    of = steps()[said.data.step]
    name = said.data.message if of.begins or kind == "need" else said.data.subject
    return book.get(said.data.case, kind, kind if kind in ONCE else name or "")


def _unacceptable(said: Said, book: Book, rules: Rules) -> Refused | None:
    data, day = said.data, said.day
    if wrong := unfit(said):
        return wrong
    if book.get(data.case, "case", "case").state == "erased":
        return Refused("unknown_subject", "case")
    if data.behalf and (data.agency != rules.coordinator or rules.connected(data.behalf, day)):
        return Refused("no_mandate", "behalf")
    thing = about(said, book)
    if not thing.state and "" not in OF_STEP[data.step].moves[data.step]:
        return Refused("unknown_subject", "subject")
    party = thing.facts.get(PARTY.get(thing.kind, ""))
    if not rules.may_say(data.step, said.speaker, party, day):
        return Refused("wrong_agency" if rules.of_party(data.step, day) else "no_mandate", "agency")
    needed = party_service(said, rules)
    return Refused("no_mandate", "party") if needed and not rules.gives(*needed, day) else None


def _repeated(said: Said, thing: Thing, after: str | None, book: Book) -> bool:
    """Say whether it says what is so already; a second report of an absence tells of the first."""
    step = said.data.step
    if said.data.message in thing.facts.get("heard", ()):
        return True
    if step == "contact_person_assigned":
        return bool(thing.facts.get("provider") == (said.data.party or said.speaker))
    if step == "child_reported_missing":
        return children.absent(book, said.data.case) is not None
    return after is None and thing.state in OF_STEP[step].moves[step].values()


def _out_of_order(said: Said, thing: Thing, after: str | None) -> Refused | None:
    if after is None:
        return Refused("out_of_order")
    heard = thing.facts.get("heard_at")
    earlier = heard is not None and said.data.at < datetime.fromisoformat(heard)
    return Refused("out_of_order", "at") if earlier else None


def _unfounded(said: Said, thing: Thing, book: Book, units: Sequence[Unit]) -> Refused | None:
    return homeward.unfounded(said, book) or stays.misplaced(said, thing, book, units)
