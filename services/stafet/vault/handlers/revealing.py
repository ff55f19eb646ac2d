"""Reveal: show a human values, or who a pseudonym is; judge afterwards who broke the glass."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stafet.vault.domain.places import reason_place
from stafet.vault.domain.release import Block
from stafet.vault.domain.reveal import (
    REVEAL,
    Ask,
    Facts,
    Problem,
    check_review,
    check_words,
    decide,
    still_open,
)
from stafet.vault.domain.zones import GDPR
from stafet.vault.handlers.granting import Granted, grant, show, take
from stafet.vault.handlers.naming import person_index
from stafet.vault.handlers.tools import Tools
from stafet.vault.policy import Policy
from stafet.vault.ports.reveals import Grant, Reveals, Review
from stafet_schemas.reveal import RevealFlagged, RevealFlaggedData, RevealReviewed, RevealReviewedData

LISTED_AT_MOST: Final = 100

Refused = list[Problem]


@dataclass(frozen=True, slots=True, repr=False)
class Listed:
    """A grant with the reason that was given for it; None where there is none, or its case was erased."""

    grant: Grant
    why: str | None


async def reveal(
    case: str, ask: Ask, policy: Policy, tools: Tools, *, reveals: Reveals
) -> Granted | Block | Refused:
    """Show values of a case; a broken glass is flagged for review in the same transaction."""
    wrong = check_words(ask, policy, tools.clock.now().date())
    if wrong:
        return wrong
    granted = await grant(case, ask, policy, tools, reveals=reveals)
    if isinstance(granted, Granted) and ask.break_glass:
        flagged = RevealFlaggedData(
            case=granted.key.case, reveal=granted.grant.reveal, role=ask.role, purpose=ask.purpose
        )
        tools.outbox.emit(RevealFlagged, flagged)
    return granted


async def again(
    reveal: str, by: str, policy: Policy, tools: Tools, *, reveals: Reveals
) -> Granted | Block | None:
    """Show the same to the same human once more while the box of time is open; None if nothing was shown."""
    kept = await reveals.find(reveal)
    if kept is None or kept.blocked is not None or kept.part != REVEAL:
        return None
    chain, now = await take(kept.case, reveal, tools), tools.clock.now()
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


async def review(reveal: str, verdict: str, by: str, tools: Tools, *, reveals: Reveals) -> Problem | None:
    """Judge a broken glass, once and by somebody else; return what is in the way."""
    kept = await reveals.find(reveal)
    if kept is None or kept.case is None or kept.blocked is not None or not kept.break_glass:
        return ("reveal", "nothing to review under this id")
    if kept.review is not None:
        return ("reveal", f"reviewed before: {kept.review.verdict}")
    wrong = check_review(kept.by, by, verdict)
    if wrong is None:
        await reveals.review(reveal, Review(verdict, by, tools.clock.now()))
        told = RevealReviewedData(case=kept.case, reveal=reveal, verdict=verdict)
        tools.outbox.emit(RevealReviewed, told)
    return wrong


async def newest(tools: Tools, *, reveals: Reveals, due: bool) -> Sequence[Listed]:
    """List the newest grants and refusals, or the reviews that are due."""
    return [Listed(each, await _why(each, tools)) for each in await reveals.newest(LISTED_AT_MOST, due=due)]


async def _why(kept: Grant, tools: Tools) -> str | None:
    if kept.case is None or kept.why is None:
        return None
    key = (await tools.store.load(kept.case, None, "", "")).key
    if key is None or key.zone(GDPR) is None:
        return None
    return tools.keys.open_case(key).decrypt(kept.why, reason_place(kept.reveal, kept.case)).decode()


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
