"""Reveal: show a human values, or who a pseudonym is; judge afterwards who broke the glass."""

from dataclasses import dataclass, replace
from typing import Final

from stafet.vault.domain.places import reason_place
from stafet.vault.domain.release import Block, Permit
from stafet.vault.domain.reveal import (
    REVEAL,
    REVIEW,
    Ask,
    Facts,
    Judgement,
    Problem,
    check_review,
    check_reviewer,
    check_words,
    decide,
    still_open,
)
from stafet.vault.handlers.granting import Granted, grant, show, take
from stafet.vault.handlers.naming import person_index
from stafet.vault.handlers.tools import Tools
from stafet.vault.policy import Policy
from stafet.vault.ports.reveals import Grant, Reveals, Review
from stafet_schemas.reveal import RevealReviewed, RevealReviewedData

NOTHING: Final = ("reveal", "nothing to review under this id")

Refused = list[Problem]


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """What somebody asked for, and why; None if no reason was given."""

    grant: Grant
    why: str | None


async def reveal(
    case: str, ask: Ask, policy: Policy, tools: Tools, *, reveals: Reveals
) -> Granted | Block | Refused:
    """Show values of a case."""
    wrong = check_words(ask, policy, tools.clock.now().date())
    return wrong or await grant(case, ask, policy, tools, reveals=reveals)


async def again(
    reveal: str, by: str, policy: Policy, tools: Tools, *, reveals: Reveals
) -> Granted | Block | None:
    """Show the same to the same human once more while the box of time is open; None if nothing was shown."""
    kept = await reveals.find(reveal)
    if kept is None or kept.blocked is not None or kept.part != REVEAL:
        return None
    chain, now = await take(kept.case, kept.reveal, tools), tools.clock.now()
    verdict = decide(_ask(kept), Facts(chain.key is not None, chain.erased), policy, now.date())
    if by != kept.by:
        verdict = Block("no_mandate")
    elif not still_open(kept.at, kept.until, now):
        verdict = Block("time_over")
    return await show(kept, verdict, chain, policy, tools, reveals=reveals)


async def find_person(
    recipient: str, person: str, ask: Ask, policy: Policy, tools: Tools, *, reveals: Reveals
) -> Granted | Block | Refused:
    """Find the case of a recipient's pseudonym; a guess that finds nothing is a row of the ledger, too."""
    wrong = check_words(ask, policy, tools.clock.now().date())
    if wrong:
        return wrong
    case = await reveals.case_of(recipient, person_index(recipient, person, tools.keys))
    return await grant(case, ask, policy, tools, reveals=reveals)


async def read_why(
    reveal: str, role: str, policy: Policy, tools: Tools, *, reveals: Reveals
) -> Told | Block | Problem:
    """Tell a reviewer why somebody asked: in free words, which may name anybody, so it is a disclosure."""
    kept, now = await reveals.find(reveal), tools.clock.now()
    if kept is None or kept.case is None:
        return NOTHING
    wrong = check_reviewer(role, policy, now.date())
    if wrong is not None:
        return wrong
    chain = await take(kept.case, kept.reveal, tools)
    reading = replace(kept, part=REVIEW, role=role, groups=(), break_glass=False)
    verdict = Permit() if chain.key else Block("erased")
    shown = await show(reading, verdict, chain, policy, tools, reveals=reveals)
    if isinstance(shown, Block):
        return shown
    place = reason_place(kept.reveal, kept.case)
    return Told(kept, tools.keys.open_case(shown.key).decrypt(kept.why, place).decode() if kept.why else None)


async def review(
    reveal: str, said: Judgement, policy: Policy, tools: Tools, *, reveals: Reveals
) -> Problem | None:
    """Judge a broken glass, once and by somebody else; return what is in the way."""
    kept, now = await reveals.find(reveal), tools.clock.now()
    if kept is None or kept.case is None or kept.blocked is not None or not kept.break_glass:
        return NOTHING
    wrong = check_reviewer(said.role, policy, now.date()) or check_review(kept.by, said)
    if wrong is not None:
        return wrong
    if not await reveals.review(kept.reveal, Review(said.verdict, said.by, now)):
        return ("reveal", "reviewed before: `stafet reveal list` says how")
    told = RevealReviewedData(case=kept.case, reveal=kept.reveal, verdict=said.verdict)
    tools.outbox.emit(RevealReviewed, told)
    return None


def _ask(kept: Grant) -> Ask:
    return Ask(
        part=kept.part,
        role=kept.role,
        purpose=kept.purpose,
        why="",
        by=kept.by,
        groups=frozenset(kept.groups),
        second=kept.second,
        break_glass=kept.break_glass,
    )
