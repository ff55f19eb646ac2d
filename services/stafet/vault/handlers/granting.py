"""Granting: whatever a human at the hub is shown is decided, kept and a row of the ledger first."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from stafet.vault.domain.ledger import Entry
from stafet.vault.domain.places import reason_place, value_place
from stafet.vault.domain.release import Block, FieldNames, Permit, project
from stafet.vault.domain.reveal import BULK_WITHIN, REVEAL, Ask, Facts, decide
from stafet.vault.domain.zones import GDPR
from stafet.vault.handlers.appending import append, lock
from stafet.vault.handlers.tools import Tools
from stafet.vault.policy import Policy
from stafet.vault.ports.keys import CaseKey, LockedKey
from stafet.vault.ports.reveals import Grant, Reveals, Sealed
from stafet.vault.ports.store import Head
from stafet_schemas.groups import Group
from stafet_schemas.reveal import (
    RevealBlocked,
    RevealBlockedData,
    RevealFlagged,
    RevealFlaggedData,
    RevealMade,
    RevealMadeData,
)
from stafet_sdk.draft import Fields

OPERATOR: Final = "operator"
"""Who asks the vault when no agency does; in the ledger with the role behind it, as recipient."""


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """One record as it is shown: who sent it when, values by group."""

    agency: str
    at: datetime
    values: Mapping[Group, Fields]


@dataclass(frozen=True, slots=True, repr=False)
class Granted:
    """What was granted, by which ledger row, with the case's key and the records asked for."""

    grant: Grant
    disclosure: str
    key: LockedKey
    records: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """A locked chain, and what is known of its case."""

    lane: str
    head: Head
    key: LockedKey | None
    erased: bool
    attempt: int

    @property
    def case(self) -> str | None:
        """The case, if there is one: what somebody typed instead is kept nowhere."""
        return self.lane if self.key or self.erased else None


async def grant(
    case: str | None, ask: Ask, policy: Policy, tools: Tools, *, reveals: Reveals
) -> Granted | Block:
    """Decide, decrypt what is permitted, and write the ledger: a refusal is written and returned.

    A broken glass is flagged for review in the same transaction.

    Raises:
        VaultUnavailableError: values do not open under the case's key.
    """
    reveal, now = tools.ids.new(), tools.clock.now()
    chain = await take(case, reveal, tools)
    await reveals.alone(ask.by)
    others = await reveals.others(ask.by, now - BULK_WITHIN, chain.case)
    verdict = decide(ask, Facts(chain.key is not None, chain.erased, others), policy, now.date())
    kept = _grant(reveal, chain, ask, verdict, tools)
    granted = await show(kept, verdict, chain, policy, tools, reveals=reveals)
    await reveals.keep(kept)
    if isinstance(granted, Granted) and kept.break_glass:
        flagged = RevealFlaggedData(
            case=granted.key.case, reveal=reveal, role=kept.role, purpose=kept.purpose
        )
        tools.outbox.emit(RevealFlagged, flagged)
    return granted


async def take(case: str | None, reveal: str, tools: Tools) -> Chain:
    """Lock the chain of a case, or that of none, and say what is known of it."""
    lane, head = await lock(case, tools)
    known = case if lane == case else None
    held = await tools.store.load(known, None, OPERATOR, reveal)
    key = held.key if held.key and held.key.zone(GDPR) and not held.erased else None
    return Chain(lane, head, key, held.erased, held.released + 1)


async def show(
    kept: Grant, verdict: Permit | Block, chain: Chain, policy: Policy, tools: Tools, *, reveals: Reveals
) -> Granted | Block:
    """Decrypt what the verdict permits, once it is a row of the ledger and an event."""
    records = tuple[Shown, ...]()
    if isinstance(verdict, Permit) and chain.key is not None:
        key = tools.keys.open_case(chain.key)
        sealed = await reveals.records(chain.key.case, sorted(verdict.fields))
        records = tuple(_open(each, key, verdict.fields) for each in sealed)
    entry = _entry(kept, verdict, records, chain, policy=policy, tools=tools)
    await append(entry, chain.head.hash, chain.key, tools)
    _tell(kept, entry, tools)
    if isinstance(verdict, Block):
        return verdict
    if chain.key is None:
        raise LookupError("a permit without a case")
    return Granted(kept, entry.disclosure, chain.key, records)


def _grant(reveal: str, chain: Chain, ask: Ask, verdict: Permit | Block, tools: Tools) -> Grant:
    now, case = tools.clock.now(), chain.case
    why = None
    if ask.why and chain.key is not None:
        key = tools.keys.open_case(chain.key)
        why = key.encrypt(ask.why.encode(), reason_place(reveal, chain.key.case))
    return Grant(
        reveal=reveal,
        case=case,
        part=ask.part,
        role=ask.role,
        purpose=ask.purpose,
        groups=tuple(sorted(ask.groups)),
        why=why,
        by=ask.by,
        second=ask.second,
        break_glass=ask.break_glass,
        at=now,
        until=now + timedelta(minutes=ask.minutes) if ask.part == REVEAL else None,
        blocked=verdict.reason if isinstance(verdict, Block) else None,
    )


def _open(sealed: Sealed, key: CaseKey, fields: FieldNames) -> Shown:
    """Open the fields of a record that are on the allow-list."""
    values: dict[Group, Fields] = {}
    for group, ciphertext in sealed.values.items():
        place = value_place(sealed.record, sealed.version, key.locked.case, group)
        values[group] = project(json.loads(key.decrypt(ciphertext, place)), fields[group])
    return Shown(sealed.agency, sealed.at, values)


def _entry(
    kept: Grant,
    verdict: Permit | Block,
    records: tuple[Shown, ...],
    chain: Chain,
    *,
    policy: Policy,
    tools: Tools,
) -> Entry:
    shown = {(group, name) for each in records for group, fields in each.values.items() for name in fields}
    return Entry(
        disclosure=tools.ids.new(),
        lane=chain.lane,
        number=chain.head.number + 1,
        case=chain.case,
        referral=None,
        record=None,
        version=None,
        sender=OPERATOR,
        recipient=f"{OPERATOR}:{kept.role}",
        purpose=kept.purpose,
        part=kept.part,
        policy=policy.version,
        outcome="blocked" if isinstance(verdict, Block) else "made",
        reason=verdict.reason if isinstance(verdict, Block) else None,
        groups=tuple(sorted({group for group, _ in shown})),
        fields=tuple(sorted(f"{group}.{name}" for group, name in shown)),
        bases=(),
        delivery=kept.reveal,
        attempt=chain.attempt,
        at=tools.clock.now(),
    )


def _tell(kept: Grant, entry: Entry, tools: Tools) -> None:
    """Emit what was shown or refused; what is about no case is in the ledger only."""
    if entry.case is None:
        return
    common = {
        "case": entry.case, "role": kept.role, "purpose": kept.purpose, "part": kept.part,
        "policy": entry.policy,
    }  # fmt: skip
    if entry.reason is not None:
        tools.outbox.emit(RevealBlocked, RevealBlockedData(**common, reason=entry.reason))
        return
    made = RevealMadeData(
        **common, disclosure=entry.disclosure, groups=entry.groups, break_glass=kept.break_glass
    )
    tools.outbox.emit(RevealMade, made)
