"""Who gets a referral: whom the sender named if the rules allow it, or the best of those that may have it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from stafet.referrals.domain.board import STANDINGS, UNCOUNTED, Ask, Board
from stafet.referrals.domain.routing import CONNECTED, Rule, Rules
from stafet_schemas.codes import AGE_GROUPS

HUB: Final = "hub"
"""Named as receiver: the hub is to choose."""

NAMED: Final = "named"
NO_CAPACITY: Final = "no_capacity"
NO_RECIPIENT: Final = "no_recipient"
NO_MANDATE: Final = "no_mandate"
SAFETY_CONFLICT: Final = "safety_conflict"

REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    NO_RECIPIENT: (NO_RECIPIENT, "not_reachable"),
    NO_MANDATE: (NO_MANDATE, "outside_mandate"),
    SAFETY_CONFLICT: (NO_RECIPIENT, SAFETY_CONFLICT),
}
"""Why nobody gets it: the reason of the refusal, and the one that the sender is told."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`receiver` gets the referral by a rule, in a `unit` where places are counted; no rule: nobody gets it.

    `reason` is why: what speaks for the receiver (see `board.STANDINGS`), `named` by the sender,
    `no_capacity` if it is the coordinator for want of anybody else, or a key of `REFUSALS`. `others` could
    have it instead, the best first.
    """

    receiver: str
    rule: Rule | None
    reason: str
    unit: str | None = None
    others: tuple[str, ...] = ()


def choose(receiver: str, ask: Ask, rules: Rules, board: Board, without: Collection[str] = ()) -> Choice:
    """Decide who gets a referral to `receiver`, or to whom the hub chooses of those it is not `without`."""
    if receiver == HUB:
        return _best(ask, rules, board, without)
    return _named(receiver, ask, rules, board)


def candidates(ask: Ask, rules: Rules, board: Board, without: Collection[str] = ()) -> tuple[Choice, ...]:
    """Return who may have it today, one choice an agency, the best first; nobody who endangers the person.

    Free places count before none being asked for, that before a list to wait on; then who is for just such a
    person, who is connected, who has fewest referrals unanswered; then the order of the rules.
    """
    barred = {ask.sender, *without} | board.endangered(ask.case, (each.receiver for each in rules.rules))
    found: dict[str, tuple[tuple[int, bool, bool, int, int], Choice]] = {}
    for number, rule in enumerate(rules.rules):
        if ask.service not in rule.services or rule.receiver in barred or not rule.holds(ask.on):
            continue
        if not (rule.admits(ask) and rule.suits(ask)):
            continue
        standing, unit = _room(rule, ask, board)
        if standing is None:
            continue
        exact = ask.age_group in AGE_GROUPS.codes or rule.serves == AGE_GROUPS.codes
        queue = board.queues.get(rule.receiver, 0)
        rank = STANDINGS.index(standing), not exact, rule.channel != CONNECTED, queue, number
        known = found.get(rule.receiver)
        if known is None or rank < known[0]:
            found[rule.receiver] = rank, Choice(rule.receiver, rule, standing, unit)
    return tuple(choice for _, choice in sorted(found.values(), key=lambda each: each[0]))


def _room(rule: Rule, ask: Ask, board: Board) -> tuple[str | None, str | None]:
    if rule.report_hours is None:
        return UNCOUNTED, None
    return board.room(rule.receiver, ask, rule.report_hours)


def _named(receiver: str, ask: Ask, rules: Rules, board: Board) -> Choice:
    about = rules.about(receiver, ask.service)
    if not about:
        return Choice(receiver, None, NO_RECIPIENT)
    if board.endangered(ask.case, (receiver,)):
        others = tuple(each.receiver for each in candidates(ask, rules, board))
        return Choice(receiver, None, SAFETY_CONFLICT, others=others)
    rule = next((each for each in about if each.holds(ask.on) and each.admits(ask)), None)
    if rule is None:
        return Choice(receiver, None, NO_MANDATE)
    return Choice(receiver, rule, NAMED, _room(rule, ask, board)[1])


def _best(ask: Ask, rules: Rules, board: Board, without: Collection[str]) -> Choice:
    best = candidates(ask, rules, board, without)
    if best:
        return best[0]
    coordinator = rules.coordinator
    about = rules.about(coordinator, ask.service) if coordinator else ()
    rule = next((each for each in about if each.holds(ask.on)), None)
    if coordinator is None or rule is None or board.endangered(ask.case, (coordinator,)):
        return Choice(HUB, None, NO_RECIPIENT)
    return Choice(coordinator, rule, NO_CAPACITY)
