"""What is owed to a child. Consent gates nothing here: the law by which a step is owed is among its facts."""

from typing import Final
from uuid import UUID, uuid5

from stafet.support.domain.outcome import Book, Outcome, fact
from stafet.support.domain.rules import Rules
from stafet.support.domain.said import Source
from stafet_runtime.danish import danish_day
from stafet_runtime.thing import Thing
from stafet_schemas.child import ChildFound, ChildReportedMissing, ChildSuspected

ABSENCES: Final = UUID("6d9f3f0e-6c1a-5d8e-9d59-3a1f0a6f7c11")
"""The space of ids of absences that follow from a stay."""


def suspected(case: str, source: Source, book: Book, rules: Rules) -> Outcome:
    """Treat a person as a child from the first referral that says so; once."""
    child = book.get(case, "child", "child")
    if child.state:
        return Outcome()
    moved = child.moved("suspected", law=_law("child_suspected", source, rules))
    outcome = Outcome((moved,), (fact(ChildSuspected, moved, source, "referral"),))
    return outcome.then(following("child_suspected", moved, source, book, rules))


def following(step: str, thing: Thing, source: Source, book: Book, rules: Rules) -> Outcome:
    """Say what a step means for a child: who disappears from a place is missing, who is back is found."""
    child = step == "child_suspected" or book.get(thing.case, "child", "child").state != ""
    absence = absent(book, thing.case)
    if step == "accommodation_missing" and child and absence is None:
        return _missing(thing, source, book, rules)
    if step == "accommodation_found" and absence is not None:
        moved = absence.moved("found", finder=thing.facts["provider"], law=_law("child_found", source, rules))
        return Outcome((moved,), (fact(ChildFound, moved, source),))
    gone = [each for each in book.all(thing.case, "stay") if each.state == "missing"]
    if step == "child_suspected" and gone and absence is None:
        return _missing(gone[0], source, book, rules)
    return Outcome()


def absent(book: Book, case: str) -> Thing | None:
    """Return the absence of a child that nobody has found yet."""
    return next((each for each in book.all(case, "absence") if each.state == "missing"), None)


def _missing(stay: Thing, source: Source, book: Book, rules: Rules) -> Outcome:
    name = str(uuid5(ABSENCES, f"{stay.id}/{source.message}"))
    law = _law("child_reported_missing", source, rules)
    moved = book.get(stay.case, "absence", name).moved("missing", law=law)
    return Outcome((moved,), (fact(ChildReportedMissing, moved, source, "accommodation"),))


def _law(step: str, source: Source, rules: Rules) -> str | None:
    return rules.law(step, danish_day(source.at))
