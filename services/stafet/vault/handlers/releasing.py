"""Release: decide, decrypt what is permitted, write the ledger."""

import json
from collections.abc import Mapping

from stafet.vault.domain.ledger import NO_CASE, Entry, link
from stafet.vault.domain.places import value_place
from stafet.vault.domain.release import Block, Facts, Permit, decide, project
from stafet.vault.handlers.tools import Tools
from stafet.vault.policy import Policy
from stafet.vault.ports.keys import Keys
from stafet.vault.ports.store import Head, Held, Store
from stafet_runtime.outbox import Outbox
from stafet_runtime.vaultport import ReleaseRequest
from stafet_schemas.case import DisclosureBlocked, DisclosureBlockedData, DisclosureMade, DisclosureMadeData
from stafet_schemas.groups import Group
from stafet_sdk.draft import Fields, Release


async def release(request: ReleaseRequest, policy: Policy, tools: Tools) -> Release | Block:
    """Decide, decrypt what is permitted, and write the ledger: a refusal is written and returned, not raised.

    Raises:
        VaultUnavailableError: values do not open under the case's key.
    """
    lane, head = await _lock(request.case, tools.store)
    held = await tools.store.load(request.case, request.record, request.sender, request.delivery)
    facts = Facts(held.key is not None, held.version is not None, held.sender_known, frozenset(held.values))
    verdict = decide(policy, request, facts, tools.clock.now().date())
    values = _decrypt(request, held, verdict, tools.keys) if isinstance(verdict, Permit) else {}
    entry = _entry(
        request, held, verdict, values, lane=lane, number=head.number + 1, policy=policy, tools=tools
    )
    await tools.store.append(entry, head.hash, link(head.hash, entry))
    _tell(entry, tools.outbox)
    return verdict if isinstance(verdict, Block) else _compose(request, entry, values, tools.keys)


async def _lock(case: str | None, store: Store) -> tuple[str, Head]:
    lanes = (NO_CASE,) if case is None else (case, NO_CASE)
    for lane in lanes:
        head = await store.lock(lane)
        if head is not None:
            return lane, head
    raise LookupError(f"the ledger's lane {NO_CASE!r} is missing: run the migrations of the vault")


def _decrypt(request: ReleaseRequest, held: Held, permit: Permit, keys: Keys) -> dict[Group, Fields]:
    if held.key is None or request.record is None or held.version is None:
        return {}
    key = keys.open_case(held.key)
    values: dict[Group, Fields] = {}
    for group, names in permit.fields.items():
        place = value_place(request.record, held.version, held.key.case, group)
        values[group] = project(json.loads(key.decrypt(held.values[group], place)), names)
    return values


def _entry(
    request: ReleaseRequest,
    held: Held,
    verdict: Permit | Block,
    values: Mapping[Group, Fields],
    *,
    lane: str,
    number: int,
    policy: Policy,
    tools: Tools,
) -> Entry:
    return Entry(
        disclosure=tools.ids.new(),
        lane=lane,
        number=number,
        case=request.case,
        referral=request.referral,
        record=request.record,
        version=held.version,
        sender=request.sender,
        recipient=request.recipient,
        purpose=request.purpose,
        part=request.part,
        policy=policy.version,
        outcome="blocked" if isinstance(verdict, Block) else "made",
        reason=verdict.reason if isinstance(verdict, Block) else None,
        groups=tuple(sorted(values)),
        fields=tuple(sorted(f"{group}.{name}" for group in values for name in values[group])),
        delivery=request.delivery,
        attempt=held.released + 1,
        at=tools.clock.now(),
    )


def _tell(entry: Entry, outbox: Outbox) -> None:
    """Emit the disclosure; one that names no case or no referral has no event and is in the ledger only."""
    if entry.case is None or entry.referral is None:
        return
    common = {
        name: getattr(entry, name) for name in ("case", "referral", "recipient", "part", "purpose", "policy")
    }
    if entry.reason is None:
        made = DisclosureMadeData(**common, disclosure=entry.disclosure, groups=entry.groups)
        outbox.emit(DisclosureMade, made)
    else:
        outbox.emit(DisclosureBlocked, DisclosureBlockedData(**common, reason=entry.reason))


def _compose(request: ReleaseRequest, entry: Entry, values: dict[Group, Fields], keys: Keys) -> Release:
    about_person = request.part != "status" and request.case is not None
    return Release(
        disclosure=entry.disclosure,
        delivery=request.delivery,
        recipient=request.recipient,
        sender=request.sender,
        part=request.part,
        purpose=request.purpose,
        referral=request.referral,
        placer=request.placer,
        policy=entry.policy,
        person=keys.person(request.recipient, request.case) if about_person and request.case else None,
        rung=request.rung,
        reason=request.reason,
        problems=request.problems,
        values=values,
    )
