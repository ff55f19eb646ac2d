"""What may leave: may this recipient see this now, and which fields of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from stafet.vault.domain import consent
from stafet.vault.domain.consent import Version, counted, opened
from stafet.vault.policy import ALWAYS, CONSENT, GROUND, Policy
from stafet_runtime.vaultport import ReleaseRequest
from stafet_schemas.groups import Group
from stafet_sdk.draft import Fields

REVOCATION: Final = "revocation"
"""Tells whoever was shown a referral that there is nothing to answer any more: without a value."""
ALERT: Final = "alert"
"""Tells who takes part in a case of a time limit or of what is proposed: without a value, and no name."""
NOTICES: Final = frozenset({"notice", "reminder"})
"""The parts that go before the receiver has accepted: routing facts only."""
PURPOSES: Final = {
    "notice": "referral_notice",
    "reminder": "referral_notice",
    "content": "support",
    "status": "referral_status",
    REVOCATION: "referral_status",
    "withdrawal": "consent_withdrawn",
    "erasure": "erasure",
    ALERT: ALERT,
}
"""Each part leaves for one purpose only (GDPR art. 5(1)(b)), the content by the rule that routed it."""
CONTENT_PURPOSES: Final = frozenset(
    {PURPOSES["content"], "formal_assessment", "investigation", "prepared_return"}
)
"""What a content may leave for, as far as its receiver's row of the policy has it."""
CARRYING: Final = frozenset({*NOTICES, "content"})
"""The parts that carry values, and so need a mandate in force; the others tell what has to be known."""
RECALLS: Final = frozenset({"withdrawal", "erasure"})
"""Parts that tell that what a recipient holds may not be used, or kept (GDPR art. 19): without a value."""
OPENS: Final = {
    consent.CONSENT: frozenset({CONSENT}),
    consent.DUTY: frozenset({CONSENT, GROUND}),
    consent.GROUND: frozenset({GROUND}),
}
"""Which marks of the matrix each basis opens."""

FieldNames = Mapping[Group, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Permit:
    """What may leave now: field names by group (none for a status), and the names of what opened them."""

    fields: FieldNames = field(default_factory=dict[Group, frozenset[str]])
    bases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Nothing may leave; `reason` is a code of the list `block`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the vault knows about a request: is there its case, its record in that case, is it the sender's.

    `groups` are the field groups the record has, `service` is what its referral asks for, `child` whether it
    is about one; `standing` are the bases in force. `erased`: the case was forgotten; `served`: the recipient
    was given something of it, of the referral that is revoked, or takes part in what an alert is about.
    """

    case_known: bool
    record_known: bool
    sender_known: bool
    groups: frozenset[Group]
    erased: bool = False
    served: bool = False
    service: str | None = None
    child: bool = False
    standing: tuple[Version, ...] = ()


def decide(policy: Policy, request: ReleaseRequest, facts: Facts, on: date) -> Permit | Block:
    """Decide what a recipient may see of a referral on a day; whatever no rule allows is blocked."""
    reason = _refusal(policy, request, facts, on)
    if reason is not None:
        return Block(reason)
    if request.part == "status":
        return Permit() if policy.status.mark == ALWAYS and policy.status.holds(on) else Block("no_policy")
    if request.part in {*RECALLS, REVOCATION}:
        return Permit()
    if request.part == ALERT:
        about = request.reason or request.rung or ""
        return Permit() if policy.alerted(request.recipient, about, on) else Block("not_concerned")
    consented, grounded = opened(facts.standing, request.recipient, request.purpose, child=facts.child)
    visible = policy.visible(request.recipient, on, consented=consented, grounded=grounded)
    if request.part in NOTICES:
        visible = {group: names for group, names in visible.items() if group is Group.ROUTING}
    if not visible:
        return Block("no_consent" if _shut(policy, request.recipient, on) else "no_policy")
    fields = {group: names for group, names in visible.items() if group in facts.groups}
    return Permit(fields, _bases(fields, policy, request, facts, on))


def project(values: Fields, names: frozenset[str]) -> Fields:
    """Keep the fields that are on the allow-list; a field nobody listed does not leave."""
    return {name: value for name, value in values.items() if name in names}


def _bases(
    fields: FieldNames, policy: Policy, request: ReleaseRequest, facts: Facts, on: date
) -> tuple[str, ...]:
    """Name the bases that opened something of what leaves; what leaves anyway needs none."""
    cells = policy.cells(request.recipient, on)
    marks = {group: {cell.mark for cell in cells[group]} for group in fields}
    counting = counted(facts.standing, request.recipient, request.purpose, child=facts.child)
    return tuple(
        sorted(
            each.name
            for each in counting
            if any(group in each.scope.groups and OPENS[each.basis] & marks[group] for group in fields)
        )
    )


def _shut(policy: Policy, recipient: str, on: date) -> bool:
    """Say whether a consent or a ground would open anything."""
    return any(
        cell.mark in {CONSENT, GROUND} for cells in policy.cells(recipient, on).values() for cell in cells
    )


def _refusal(policy: Policy, request: ReleaseRequest, facts: Facts, on: date) -> str | None:
    status, no_case = request.part == "status", request.case is None
    carries, recalls = request.part in CARRYING, request.part in RECALLS
    alert = request.part == ALERT
    rules = (
        ("unknown_recipient", request.recipient not in policy.organisations),
        ("no_policy", request.part not in PURPOSES),
        ("no_mandate", request.purpose not in _purposes(request.part)),
        ("no_mandate", carries and request.purpose not in policy.purposes_of(request.recipient, on)),
        # What is to be erased is told of a case that was; nothing else leaves of it.
        ("erased", facts.erased and request.part != "erasure"),
        ("unknown_case", not facts.erased and request.part == "erasure"),
        # Only a status may be about a message that never got a case, and only what carries needs a record.
        ("unknown_case", not facts.case_known and not facts.erased and not (status and no_case)),
        ("unknown_case", not facts.record_known and carries),
        ("no_mandate", recalls and not facts.served),
        ("never_sent", (alert or request.part == REVOCATION) and not facts.served),
        # Some parts are the hub's own word.
        ("no_mandate", not facts.sender_known and not no_case and not recalls and not alert),
        ("no_mandate", request.referral is None and not no_case and not recalls and not alert),
        ("no_mandate", status and request.recipient != request.sender),
        ("no_mandate", carries and not policy.gives(request.recipient, facts.service, on)),
        ("not_accepted", request.part == "content" and not request.accepted),
        ("no_consent", carries and request.purpose in policy.consented and not _consented(request, facts)),
    )
    return next((reason for reason, applies in rules if applies), None)


def _consented(request: ReleaseRequest, facts: Facts) -> bool:
    """Say whether the person consented to this purpose; a duty or a ground is no consent."""
    counting = counted(facts.standing, request.recipient, request.purpose, child=facts.child)
    return any(each.basis == consent.CONSENT for each in counting)


def _purposes(part: str) -> frozenset[str]:
    return CONTENT_PURPOSES if part == "content" else frozenset({PURPOSES.get(part, "")})
