"""Who asks for what, who reported which places, and rules that are small enough to see through."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from stafet.referrals.domain.board import Ask, Board, Unit
from stafet.referrals.domain.routing import Rule, Rules
from tests.services.referrals.samples import NOON

ASK: Final = Ask(
    "case-1", "police", "accommodation", NOON, "adult", "female", "tha", interpreter=False, residence="lawful"
)


def asked(**changes: object) -> Ask:
    """Ask for a bed for a woman, or as the changes say."""
    return replace(ASK, **changes)  # type: ignore[arg-type] # a test names fields of its own


def rule(receiver: str, **changes: object) -> Rule:
    """Let a receiver have beds for anybody, or as the changes say."""
    said: dict[str, object] = {
        "receiver": receiver,
        "name": receiver,
        "services": frozenset({"accommodation"}),
        "valid_from": date(2026, 1, 1),
        "citation": "law",
        "reason": "why",
    }
    return Rule.model_validate(said | changes)


def rules(*several: Rule, coordinator: str | None = None) -> Rules:
    """Make a version of rules."""
    return Rules(version="v1", coordinator=coordinator, rules=several)


def unit(agency: str, name: str = "house", hours_ago: float = 1, **changes: object) -> Unit:
    """Report two free places, or as the changes say."""
    told = Unit(agency, name, "capacity", NOON - timedelta(hours=hours_ago), 2)
    return replace(told, **changes)  # type: ignore[arg-type] # a test names fields of its own


def board(*units: Unit, **queues: int) -> Board:
    """Lay out what was reported, and how many referrals wait at whom."""
    return Board(units={(each.agency, each.unit): each for each in units}, queues=dict(queues))
