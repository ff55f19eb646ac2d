"""The prepared return: nothing of it goes on without the person's own consent, until the person has left."""

import calendar
from datetime import date, datetime
from typing import Any, Final

from stafet.support.domain.machines import BEFORE_DEPARTURE, RETURN
from stafet.support.domain.outcome import Book, Outcome, fact
from stafet.support.domain.rules import Rules
from stafet.support.domain.said import Refused, Said, Source
from stafet_runtime.thing import Thing
from stafet_schemas.consent import ConsentData
from stafet_schemas.homeward import ReturnFellBack

PURPOSE: Final = "prepared_return"
OWN: Final = "consent"
"""The basis that a person gives; a duty or a ground is none of a person's own."""
ON_CONSENT: Final = frozenset(
    {"return_accepted", "return_plan_drafted", "return_travel_booked", "return_departed"}
)


def unfounded(said: Said, book: Book) -> Refused | None:
    """Refuse what needs a consent in force where there is none."""
    founded = said.data.step not in ON_CONSENT or standing(book, said.data.case, said.time)
    return None if founded else Refused("needs_consent")


def standing(book: Book, case: str, at: datetime, besides: str = "") -> Thing | None:
    """Return a consent to a prepared return that is in force at a time, `besides` one that is not."""
    for each in book.all(case, "consent"):
        until = each.facts.get("until")
        in_time = until is None or datetime.fromisoformat(until) > at
        if each.state == "given" and in_time and each.id != besides:
            return each
    return None


def facts(said: Said, thing: Thing, book: Book, rules: Rules) -> dict[str, Any]:
    """Say what a step adds to what is known of a return: its consent, and how long support lasts."""
    step = said.data.step
    if step in ON_CONSENT:
        consent = standing(book, thing.case, said.time)
        told: dict[str, Any] = {"consent": consent.id if consent else None}
        months = rules.months(said.day)
        if step == "return_departed" and months is not None:
            told |= {"starts": said.day.isoformat(), "until": _later(said.day, months).isoformat()}
        return told
    return dict.fromkeys(("consent", "starts", "until")) if step == "return_fell_back" else {}


def consented(book: Book, data: ConsentData, state: str, source: Source) -> Outcome:
    """Take in a version of a consent; a return that stood on it and stands on none falls back by itself."""
    known = book.get(data.case, "consent", data.consent)
    opens = data.basis == OWN and PURPOSE in data.purposes and state in {"given", "narrowed"}
    if data.version <= known.facts.get("version", 0) or not (opens or known.state):
        return Outcome()
    until = data.until.isoformat() if data.until else None
    moved = known.moved("given" if opens else state, version=data.version, until=until)
    return Outcome((moved,)) if opens else Outcome((moved,)).then(_fallen(book, moved, state, source))


def _fallen(book: Book, consent: Thing, state: str, source: Source) -> Outcome:
    other = standing(book, consent.case, source.at, besides=consent.id)
    outcome = Outcome()
    for each in book.all(consent.case, RETURN.name):
        if each.state not in BEFORE_DEPARTURE or each.facts.get("consent") != consent.id:
            continue
        if other is not None:
            outcome = outcome.then(Outcome((each.moved(each.state, consent=other.id),)))
            continue
        moved = each.moved("offered", starts=None, until=None)
        told = fact(ReturnFellBack, moved, source, f"consent_{state}")
        outcome = outcome.then(Outcome((moved.moved("offered", consent=None),), (told,)))
    return outcome


def _later(day: date, months: int) -> date:
    """Add calendar months; a day that the month does not have is its last."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
