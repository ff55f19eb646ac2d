"""Holding: what recipients hold by the ledger, and what of it they may not see any more."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from stafet.vault.domain.consent import GIVEN, Holding, Version, in_force, lost, newest, opened
from stafet.vault.domain.places import value_place
from stafet.vault.handlers.tools import Tools
from stafet.vault.policy import Policy
from stafet.vault.ports.keys import CaseKey
from stafet_schemas.groups import Group
from stafet_sdk.draft import Fields

CHILD: Final = "child"


@dataclass(frozen=True, slots=True)
class Standing:
    """All versions of all bases of a case, those in force, and what recipients hold.

    Beside each holding are the groups of it that its recipient may not see any more.
    """

    history: tuple[Version, ...]
    in_force: tuple[Version, ...]
    held: tuple[tuple[Holding, frozenset[str]], ...]


async def stand(case: str, known_at: datetime | None, policy: Policy, tools: Tools) -> Standing | None:
    """Say where a case stands, by what was known at a time, by default now; None if it is unknown."""
    if await tools.store.lock(case) is None:
        return None
    now, history = tools.clock.now(), await tools.consents.history(case)
    locked = (await tools.store.load(case, None, "", "")).key
    child = locked is not None and await about_child(tools.keys.open_case(locked), tools)
    standing, holdings = in_force(history, known_at or now, known_at), await tools.consents.holdings(case)
    return Standing(
        history,
        standing,
        tuple(
            (held, held.groups - _visible(held, policy, standing, tools, child=child)) for held in holdings
        ),
    )


async def told_of(
    key: CaseKey, versions: Sequence[Version], history: Sequence[Version], policy: Policy, tools: Tools
) -> dict[str, tuple[str, ...]]:
    """Name, for each basis that was cut, who holds what it opens no more; each recipient once."""
    if all(each.statement == GIVEN for each in versions):
        return {}
    case, before, now = key.locked.case, newest(history), tools.clock.now()
    standing, child = in_force([*history, *versions], now), await about_child(key, tools)
    told, named = dict[str, tuple[str, ...]](), set[str]()
    holdings = await tools.consents.holdings(case)
    for each in versions:
        found = {
            held.recipient
            for held in holdings
            if lost([each], before, held, _visible(held, policy, standing, tools, child=child))
        } - named
        told[each.consent] = tuple(sorted(found))
        named |= found
    return told


async def excess(key: CaseKey, recipient: str, policy: Policy, tools: Tools) -> tuple[str, ...]:
    """List the groups that a recipient holds of a case and may not see any more."""
    case = key.locked.case
    standing = in_force(await tools.consents.history(case), tools.clock.now())
    child = await about_child(key, tools)
    beyond = {
        group
        for held in await tools.consents.holdings(case)
        if held.recipient == recipient
        for group in held.groups - _visible(held, policy, standing, tools, child=child)
    }
    return tuple(sorted(beyond))


async def about_child(key: CaseKey, tools: Tools) -> bool:
    """Say whether the newest record of a case is about a child."""
    found = await tools.consents.routing(key.locked.case)
    if found is None:
        return False
    place = value_place(found.record, found.version, key.locked.case, Group.ROUTING)
    return is_child(json.loads(key.decrypt(found.ciphertext, place)))


def is_child(routing: Fields) -> bool:
    """Say whether routing facts are of a child; an age that is not known is an adult's: consent is asked."""
    return routing.get("age_group") == CHILD


def asked_for(routing: Fields) -> str | None:
    """Name the service that routing facts ask for."""
    service = routing.get("service")
    return service if isinstance(service, str) else None


def _visible(
    held: Holding, policy: Policy, standing: Sequence[Version], tools: Tools, *, child: bool
) -> frozenset[str]:
    consented, grounded = opened(standing, held.recipient, held.purpose, child=child)
    today = tools.clock.now().date()
    return frozenset(policy.visible(held.recipient, today, consented=consented, grounded=grounded))
