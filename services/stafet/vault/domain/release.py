"""What may leave: may this recipient see this now, and which fields of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from stafet.vault.policy import ALWAYS, Policy
from stafet_runtime.vaultport import ReleaseRequest
from stafet_schemas.groups import Group
from stafet_sdk.draft import Fields

PURPOSES: Final = {"notice": "referral_notice", "content": "support", "status": "referral_status"}
"""Each part of a referral leaves for one purpose only (GDPR art. 5(1)(b))."""

FieldNames = Mapping[Group, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Permit:
    """What may leave now: field names by group. Empty for a status."""

    fields: FieldNames = field(default_factory=dict[Group, frozenset[str]])


@dataclass(frozen=True, slots=True)
class Block:
    """Nothing may leave; `reason` is a code of the list `block`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the vault knows about a request: is there its case, its record in that case, is it the sender's.

    `groups` are the field groups the record has.
    """

    case_known: bool
    record_known: bool
    sender_known: bool
    groups: frozenset[Group]


def decide(policy: Policy, request: ReleaseRequest, facts: Facts, on: date) -> Permit | Block:
    """Decide what a recipient may see of a referral on a day; whatever no rule allows is blocked."""
    reason = _refusal(policy, request, facts)
    if reason is not None:
        return Block(reason)
    if request.part == "status":
        return Permit() if policy.status.mark == ALWAYS and policy.status.holds(on) else Block("no_policy")
    visible = policy.released(request.recipient, on)
    if request.part == "notice":
        visible = {group: names for group, names in visible.items() if group is Group.ROUTING}
    if not visible:
        return Block("no_policy")
    return Permit({group: names for group, names in visible.items() if group in facts.groups})


def project(values: Fields, names: frozenset[str]) -> Fields:
    """Keep the fields that are on the allow-list; a field nobody listed does not leave."""
    return {name: value for name, value in values.items() if name in names}


def _refusal(policy: Policy, request: ReleaseRequest, facts: Facts) -> str | None:
    status, no_case = request.part == "status", request.case is None
    rules = (
        ("unknown_recipient", request.recipient not in policy.receivers),
        ("no_policy", request.part not in PURPOSES),
        ("no_mandate", request.purpose != PURPOSES.get(request.part)),
        # Only a status may be about a message that never got a case, and only a status needs no record.
        ("unknown_case", not facts.case_known and not (status and no_case)),
        ("unknown_case", not facts.record_known and not status),
        ("no_mandate", not facts.sender_known and not no_case),
        ("no_mandate", request.referral is None and not no_case),
        ("no_mandate", status and request.recipient != request.sender),
        ("not_accepted", request.part == "content" and not request.accepted),
    )
    return next((reason for reason, applies in rules if applies), None)
