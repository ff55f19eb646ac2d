"""Consent: record what was said, before any further release of the case, and tell who holds too much now.

Whoever records locks the case's chain, as whoever releases does: of the two one comes first, for everybody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from stafet.vault.domain.consent import GIVEN, NARROWED, WITHDRAWN, Version
from stafet.vault.domain.statement import Problem, begin, check_words, expire, narrow, withdraw
from stafet.vault.domain.zones import GDPR
from stafet.vault.handlers.holding import told_of
from stafet.vault.handlers.tools import Tools
from stafet.vault.policy import Policy
from stafet.vault.ports.keys import CaseKey
from stafet.vault.ports.store import Head
from stafet_runtime.vaultport import ConsentOrder, ConsentRecord, ConsentRefusedError
from stafet_schemas.consent import (
    ConsentCutData,
    ConsentData,
    ConsentExpired,
    ConsentGiven,
    ConsentGivenData,
    ConsentNarrowed,
    ConsentWithdrawn,
)

OPERATOR: Final = "operator"
"""Who tells the vault when no agency does: the coordinating centre's own staff."""
UNKNOWN_CASE: Final = ("case", "unknown")


async def record(order: ConsentOrder, policy: Policy, tools: Tools) -> ConsentRecord:
    """Record a statement about a case that its agency has to do with; a repeated message changes nothing.

    Raises:
        ConsentRefusedError: it cannot stand. Of a case that is not the agency's it says what it says of none.
    """
    case = await _case(order, tools)
    # Whoever takes it all back takes it back as a person, whichever of the merged cases it is said in.
    whole = order.statement == WITHDRAWN and order.consent is None
    others = await tools.kinships.merged(case) if whole else ()
    # Chains in one order, so that two who withdraw wait and never block each other.
    heads = {each: await tools.store.lock(each) for each in sorted({case, *others})}
    head = heads[case]
    if head is None:
        raise ConsentRefusedError(UNKNOWN_CASE)
    if order.agency != OPERATOR and not await tools.consents.party(case, order.agency):
        raise ConsentRefusedError(UNKNOWN_CASE)
    held = await tools.store.load(case, None, order.agency, "")
    if held.key is None or held.key.zone(GDPR) is None:
        raise ConsentRefusedError(("case", "erased"))
    made = await state(order, tools.keys.open_case(held.key), head, policy, tools)
    also = [await _also(replace(order, case=each), heads[each], policy, tools) for each in others]
    return ConsentRecord(case, (*made.consents, *(each for consents in also for each in consents)))


async def state(order: ConsentOrder, key: CaseKey, head: Head, policy: Policy, tools: Tools) -> ConsentRecord:
    """Record a statement about a case whose chain is locked, with `head` at its end.

    Raises:
        ConsentRefusedError: it cannot stand.
    """
    case, digest = key.locked.case, _digest(order, key)
    known, history = await tools.consents.told(case, digest)
    if known:
        return ConsentRecord(case, known)
    made = _decide(order, history, policy, tools)
    if isinstance(made, list):
        raise ConsentRefusedError(*made)
    versions = tuple(replace(each, agency=order.agency) for each in made)
    await tools.consents.add(case, versions, entries=head.number, digest=digest)
    told = await told_of(key, versions, history, policy, tools)
    _tell(case, versions, told, tools)
    return ConsentRecord(case, tuple(each.consent for each in versions))


async def _also(order: ConsentOrder, head: Head | None, policy: Policy, tools: Tools) -> tuple[str, ...]:
    """Withdraw in another case of the same person; nothing if it was erased, or nothing stands there."""
    held = await tools.store.load(order.case, None, order.agency, "")
    if head is None or held.key is None or held.key.zone(GDPR) is None:
        return ()
    key = tools.keys.open_case(held.key)
    return (await state(order, key, head, policy, tools)).consents


async def run_out(case: str, tools: Tools) -> int:
    """Record what has expired in a case; return how many bases."""
    head = await tools.store.lock(case)
    if head is None:
        return 0
    ended = expire(await tools.consents.history(case), tools.clock.now())
    await tools.consents.add(case, ended, entries=head.number)
    for each in ended:
        tools.outbox.emit(ConsentExpired, ConsentData.model_validate(_common(case, each)))
    return len(ended)


async def _case(order: ConsentOrder, tools: Tools) -> str:
    if order.case is not None:
        return order.case
    if order.reference is None:
        raise ConsentRefusedError(("case", "missing"))
    fingerprint = tools.keys.fingerprint(order.agency, order.reference)
    known = await tools.store.find(order.agency, "", fingerprint)
    if known.key is None:
        raise ConsentRefusedError(("reference", "unknown"))
    return known.key.case


def _decide(
    said: ConsentOrder, history: Sequence[Version], policy: Policy, tools: Tools
) -> tuple[Version, ...] | list[Problem]:
    wrong, now = check_words(said), tools.clock.now()
    if wrong:
        return wrong
    if said.statement == GIVEN:
        begun = begin(said, history, now, policy)
        if isinstance(begun, list):
            return begun
        return () if begun is None else (replace(begun, consent=tools.ids.new()),)
    if said.statement == NARROWED:
        narrowed = narrow(said, history, now, policy)
        return narrowed if isinstance(narrowed, list) else (narrowed,)
    return withdraw(said, history, now)


def _tell(case: str, versions: Sequence[Version], told: Mapping[str, tuple[str, ...]], tools: Tools) -> None:
    for each in versions:
        common = _common(case, each)
        if each.statement == GIVEN:
            more = {"language": each.language, "interpreter": each.interpreter, "how": each.how}
            tools.outbox.emit(ConsentGiven, ConsentGivenData.model_validate(common | more))
            continue
        data = ConsentCutData.model_validate(common | {"recipients": told[each.consent]})
        tools.outbox.emit(ConsentNarrowed if each.statement == NARROWED else ConsentWithdrawn, data)


def _common(case: str, version: Version) -> dict[str, object]:
    scope = version.scope
    return {
        "case": case,
        "consent": version.consent,
        "version": version.number,
        "basis": version.basis,
        "named": tuple(sorted(scope.recipients)),
        "purposes": tuple(sorted(scope.purposes)),
        "groups": tuple(sorted(scope.groups)),
        "until": scope.until,
    }


def _digest(order: ConsentOrder, key: CaseKey) -> str:
    """Know the message again as long as the case has a key, and no longer."""
    parts = ("consent", order.agency, order.message, order.basis, order.statement)
    return key.digest("\n".join(parts).encode())
