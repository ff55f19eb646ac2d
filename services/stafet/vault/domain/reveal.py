"""Reveal: may a human at the hub be shown this now, for how long, and what is wrong with how it was asked."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from stafet.vault.domain.release import Block, Permit
from stafet.vault.policy import Policy
from stafet_schemas.codes import VERDICTS
from stafet_schemas.groups import Group

REVEAL: Final = "reveal"
PERSON: Final = "person"
REPORT: Final = "report"
REVIEW: Final = "review"

SAFETY: Final = "safety"
"""The only purpose for which the glass may be broken."""
MOST_CASES: Final = 10
"""So many cases one human may be shown, or guess at, within an hour; more needs a second person."""
BULK_WITHIN: Final = timedelta(hours=1)
LONGEST_MINUTES: Final = 60
LONGEST_TEXT: Final = 300
REVIEWERS: Final = frozenset({"supervisor", "data_protection"})
"""The roles that read why somebody asked, and judge who broke the glass."""

Problem = tuple[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class Ask:
    """Who asks to be shown what, in which role, for which purpose, and why (free words: they stay closed).

    `second` is the human who approves of bulk. `break_glass`: beyond what the role may see; somebody else
    reviews it afterwards.
    """

    part: str
    role: str
    purpose: str
    why: str
    by: str
    groups: frozenset[str] = frozenset()
    minutes: int = 15
    second: str | None = None
    break_glass: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a human says of a broken glass (a code of the list `verdict`), and in which role."""

    verdict: str
    role: str
    by: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the vault knows: is there the case, was it forgotten, how many others did this human ask for."""

    case_known: bool
    erased: bool = False
    others: int = 0


def check_words(ask: Ask, policy: Policy, on: date) -> list[Problem]:
    """Say what is wrong with how it is asked, before anybody looks what there is; no value is repeated."""
    roles = sorted(code for code in policy.roles if policy.role(code, on))
    groups = sorted(Group)
    rules = (
        ("role", f"say one of {', '.join(roles)}", ask.role in roles),
        ("purpose", f"say one of {', '.join(sorted(policy.purposes))}", ask.purpose in policy.purposes),
        ("purpose", f"the glass is broken for {SAFETY} only", not ask.break_glass or ask.purpose == SAFETY),
        ("reason", "missing, or too long", ask.part == REPORT or bool(ask.why.strip())),
        ("reason", "missing, or too long", len(ask.why) <= LONGEST_TEXT),
        ("group", f"name some of {', '.join(groups)}", ask.part != REVEAL or bool(ask.groups)),
        ("group", f"name some of {', '.join(groups)}", ask.groups <= set(groups)),
        ("minutes", f"1 to {LONGEST_MINUTES}", 1 <= ask.minutes <= LONGEST_MINUTES),
        ("second", "is the one who asks: name somebody else", not _same(ask.second, ask.by)),
        ("second", "missing, or too long", ask.second is None or _name(ask.second)),
    )
    return list(dict.fromkeys((field, problem) for field, problem, fine in rules if not fine))


def decide(ask: Ask, facts: Facts, policy: Policy, on: date) -> Permit | Block:
    """Decide what of a case a human may be shown on a day; whatever no rule allows is blocked.

    What is asked comes before what there is: whoever may not see it does not learn whether it exists.
    """
    role = policy.role(ask.role, on)
    mandated = role is not None and ask.purpose in role.purposes and ask.groups <= role.groups
    broken = ask.break_glass and role is not None and ask.purpose == SAFETY
    rules = (
        ("no_mandate", not mandated and not broken),
        ("second_person", facts.others >= MOST_CASES and ask.second is None),
        ("erased", facts.erased),
        ("unknown_case", not facts.case_known),
    )
    reason = next((reason for reason, applies in rules if applies), None)
    if reason is not None:
        return Block(reason)
    return Permit({group: policy.fields[group] for group in Group if group in ask.groups})


def still_open(at: datetime, until: datetime | None, now: datetime) -> bool:
    """Say whether the box of time is open; with a clock set back to before it began it is not."""
    return until is not None and at <= now < until


def check_reviewer(role: str, policy: Policy, on: date) -> Problem | None:
    """Say what is wrong with the role of a reviewer."""
    roles = sorted(code for code in REVIEWERS if policy.role(code, on))
    return None if role in roles else ("role", f"say one of {', '.join(roles)}")


def check_review(asked_by: str, said: Judgement) -> Problem | None:
    """Say what is wrong with a review: nobody judges the own doing."""
    if said.verdict not in VERDICTS.codes:
        return ("verdict", f"say one of {', '.join(sorted(VERDICTS.codes))}")
    own = _same(said.by, asked_by)
    return ("by", "you broke the glass yourself: somebody else reviews it") if own else None


def _same(one: str | None, other: str) -> bool:
    return one is not None and one.strip().casefold() == other.strip().casefold()


def _name(text: str) -> bool:
    return bool(text.strip()) and len(text) <= LONGEST_TEXT
