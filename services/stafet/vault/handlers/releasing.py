"""Release: decide, decrypt what is permitted, write the ledger."""

import json
from collections.abc import Mapping
from dataclasses import replace

from stafet.vault.domain.consent import in_force
from stafet.vault.domain.ledger import Entry
from stafet.vault.domain.places import placer_place, value_place
from stafet.vault.domain.release import (
    ALERT,
    CARRYING,
    NOTICES,
    RECALLS,
    REVOCATION,
    Block,
    Facts,
    Permit,
    decide,
    project,
)
from stafet.vault.handlers.appending import append, lock
from stafet.vault.handlers.holding import asked_for, excess, is_child
from stafet.vault.handlers.naming import name_person
from stafet.vault.handlers.tools import Tools
from stafet.vault.policy import Policy
from stafet.vault.ports.keys import Keys
from stafet.vault.ports.store import Held
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
    lane, head = await lock(request.case, tools)
    held = await tools.store.load(
        request.case, request.record, request.sender, request.delivery, request.recipient
    )
    routing = _routing(request, held, tools.keys)
    verdict = decide(policy, request, await _facts(request, held, routing, tools), tools.clock.now().date())
    values = _decrypt(request, held, verdict, routing, tools.keys) if isinstance(verdict, Permit) else {}
    entry = _entry(
        request, held, verdict, values, lane=lane, number=head.number + 1, policy=policy, tools=tools
    )
    await append(entry, head.hash, held.key, tools)
    _tell(entry, tools.outbox)
    if isinstance(verdict, Block):
        return verdict
    person, placer = await _person(request, held, tools), _placer(request, held, tools.keys)
    released = _compose(request, entry, values, person=person, placer=placer)
    return await _specified(released, request, held, policy, tools)


def _routing(request: ReleaseRequest, held: Held, keys: Keys) -> Fields:
    """Decrypt once what both the decision and the recipient need."""
    known = request.part in CARRYING and Group.ROUTING in held.values
    return _values(request, held, Group.ROUTING, keys) if known else {}


async def _facts(request: ReleaseRequest, held: Held, routing: Fields, tools: Tools) -> Facts:
    facts = Facts(
        held.key is not None, held.version is not None, held.sender_known, frozenset(held.values), held.erased
    )
    if request.case is None:
        return facts
    if request.part not in CARRYING:
        return replace(facts, served=await _served(request, request.case, tools))
    facts = replace(facts, service=asked_for(routing), child=is_child(routing))
    if request.part in NOTICES:
        return facts
    # After the lock: what was withdrawn by a commit before is not in force here.
    return replace(facts, standing=in_force(await tools.consents.history(request.case), tools.clock.now()))


async def _served(request: ReleaseRequest, case: str, tools: Tools) -> bool:
    """Say by the ledger whether the recipient has to do with what it is to be told of."""
    if request.part in RECALLS:
        return any(each.recipient == request.recipient for each in await tools.consents.holdings(case))
    if request.part == REVOCATION:
        return request.referral in await tools.consents.referrals(case, request.recipient)
    return request.part == ALERT and bool(await _concerned(request, case, tools))


async def _concerned(request: ReleaseRequest, case: str, tools: Tools) -> tuple[str, ...]:
    """Name the recipient's referrals that an alert is about: the one that it names, else all of the case."""
    own = await tools.consents.concerned(case, request.recipient)
    return tuple(each for each in own if request.referral in {None, each})


async def _specified(
    released: Release, request: ReleaseRequest, held: Held, policy: Policy, tools: Tools
) -> Release:
    """Say what a recall or an alert is about, as far as the hub can still tell.

    To who holds values, what of them it may not use; of an alert, the recipient's own referrals.
    """
    if request.case is not None and request.part == ALERT:
        return replace(released, referrals=await _concerned(request, request.case, tools))
    if request.case is None or request.part not in RECALLS:
        return released
    referrals = await tools.consents.referrals(request.case, request.recipient)
    if held.key is None or request.part == "erasure":
        return replace(released, referrals=referrals)
    groups = await excess(tools.keys.open_case(held.key), request.recipient, policy, tools)
    return replace(released, referrals=referrals, groups=groups)


def _decrypt(
    request: ReleaseRequest, held: Held, permit: Permit, routing: Fields, keys: Keys
) -> dict[Group, Fields]:
    return {
        group: project(routing if group is Group.ROUTING else _values(request, held, group, keys), names)
        for group, names in permit.fields.items()
    }


def _values(request: ReleaseRequest, held: Held, group: Group, keys: Keys) -> Fields:
    """Decrypt a group of the record asked for.

    Raises:
        LookupError: nobody decided that there is such a record.
    """
    if held.key is None or request.record is None or held.version is None:
        raise LookupError("values of no record")
    place = value_place(request.record, held.version, held.key.case, group)
    values: Fields = json.loads(keys.open_case(held.key).decrypt(held.values[group], place))
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
        bases=verdict.bases if isinstance(verdict, Permit) else (),
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
        made = DisclosureMadeData(
            **common, disclosure=entry.disclosure, groups=entry.groups, bases=entry.bases
        )
        outbox.emit(DisclosureMade, made)
    else:
        outbox.emit(DisclosureBlocked, DisclosureBlockedData(**common, reason=entry.reason))


async def _person(request: ReleaseRequest, held: Held, tools: Tools) -> str | None:
    """Name the person to the recipient; not in a status or an alert, and an erased person has no name."""
    if request.part in {"status", "erasure", ALERT} or held.key is None:
        return None
    return await name_person(request.recipient, held.key, tools, known=held.named)


def _placer(request: ReleaseRequest, held: Held, keys: Keys) -> str:
    """Name the request to its sender by the sender's own id; nobody else learns that."""
    if request.part != "status" or held.key is None or request.record is None or held.placer is None:
        return request.placer
    place = placer_place(request.record, held.key.case, request.sender)
    return keys.open_case(held.key).decrypt(held.placer, place).decode()


def _compose(
    request: ReleaseRequest, entry: Entry, values: dict[Group, Fields], *, person: str | None, placer: str
) -> Release:
    return Release(
        disclosure=entry.disclosure,
        delivery=request.delivery,
        recipient=request.recipient,
        sender=request.sender,
        part=request.part,
        purpose=request.purpose,
        referral=request.referral,
        placer=placer,
        policy=entry.policy,
        person=person,
        rung=request.rung,
        reason=request.reason,
        problems=request.problems,
        due=request.due,
        values=values,
    )
