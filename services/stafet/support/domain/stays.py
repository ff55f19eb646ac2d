"""Stays: who may be placed where, and the stay that a referral for accommodation makes.

A referral that a shelter accepts is a place kept; when it began, the person moved in; when it ended, however
it did, the place is kept no longer. Until it is accepted the referral is the request, with its own clocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from stafet.support.domain.machines import STAY
from stafet.support.domain.outcome import Book, Outcome, fact
from stafet.support.domain.places import Unit
from stafet.support.domain.rules import Rules
from stafet.support.domain.said import Refused, Said, Source
from stafet.support.domain.telling import EVENTS
from stafet_runtime.thing import Thing
from stafet_schemas.course import ReferralReasonData
from stafet_schemas.referral import ReferralSubmittedData

KEPT: Final = "referral_accepted"
SEXES: Final = frozenset({"female", "male"})


@dataclass(frozen=True, slots=True)
class Move:
    """What a referral's course means for the stay at its receiver, as a step of a stay."""

    step: str
    case: str
    referral: str
    provider: str
    source: Source
    reason: str | None = None


def needed(book: Book, case: str) -> tuple[str, ...]:
    """Say what a place must be for: by the last assessment of needs, else by the last referral."""
    assessed = book.all(case, "need")
    last = max(assessed, key=lambda each: datetime.fromisoformat(each.facts["heard_at"]), default=None)
    known = last or book.get(case, "person", "person")
    return tuple(known.facts.get("accepts", ()))


def misplaced(said: Said, thing: Thing, book: Book, units: Sequence[Unit]) -> Refused | None:
    """Refuse a place at an agency of which every unit says that it is for somebody else."""
    if thing.kind != "stay" or thing.state:
        return None
    own = [each for each in units if each.agency == said.data.party]
    need = needed(book, said.data.case)
    none = bool(own) and all(each.accepts and not each.fits(need) for each in own)
    return Refused("no_recipient", "party") if none else None


def referred(data: ReferralSubmittedData, book: Book) -> Outcome:
    """Remember what a referral asks for, and for whom, as codes of places."""
    accepts = [code for code in (data.sex, data.age_group) if code in SEXES | {"child"}]
    accepts += ["asylum"] if data.residence == "asylum_seeker" else []
    person = book.get(data.case, "person", "person").moved("referred", accepts=accepts)
    asked = book.get(data.case, "referral", data.referral).moved("submitted", service=data.service)
    return Outcome((person, asked))


def went(move: Move, book: Book) -> Outcome:
    """Follow a referral for a place; one that asked for something else, or is there already, does nothing."""
    stay = book.get(move.case, STAY.name, move.referral)
    after = STAY.after(stay.state, move.step)
    if not _for_a_place(move.case, move.referral, book) or after is None:
        return Outcome()
    moved = stay.moved(after, provider=move.provider)
    kind = EVENTS["accommodation_reserved" if move.step == KEPT else move.step]
    return Outcome((moved,), (fact(kind, moved, move.source, move.reason),))


def end_of(data: ReferralReasonData, book: Book, rules: Rules) -> str:
    """Say how a stay ends with its referral: somebody who disappeared has not left, and is looked for."""
    state = book.get(data.case, STAY.name, data.referral).state
    gone = data.reason in rules.disappeared and STAY.after(state, "accommodation_missing") is not None
    return "accommodation_missing" if gone else "accommodation_left"


def _for_a_place(case: str, referral: str, book: Book) -> bool:
    return bool(book.get(case, "referral", referral).facts.get("service") == "accommodation")
