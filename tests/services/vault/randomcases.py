"""Random cases by seed: who asks for what, under which consents, and what the design lets out, said again.

The judge knows nothing of the vault's code but the shape of a version: it reads the design's matrix as typed
in `matrix.py`, and the consents by hand.
"""

import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from stafet.vault.domain.consent import Version, in_force
from stafet.vault.domain.release import Facts, Permit, decide, project
from stafet.vault.domain.statement import begin, expire, narrow, withdraw
from stafet.vault.policy import Policy
from stafet_runtime.vaultport import ConsentOrder, ReleaseRequest, StoredRecord
from stafet_schemas.codes import SERVICES
from stafet_schemas.groups import Group
from stafet_sdk.draft import Fields, Release
from tests.services.vault.leaving import CONNECTORS, values, wrongs
from tests.services.vault.matrix import expected, staffed
from tests.services.vault.people import request

START: Final = datetime(2026, 3, 1, 9, tzinfo=UTC)
ROW_OF: Final = {"redcross": "childrens_centre", "immigration": "immigration_service"}
"""Rows in which an organisation stands that has a connector and a code of its own."""
FEW_SERVICES: Final = {"shelter": frozenset({"accommodation"})}
"""Organisations that have a mandate for some services only."""
PURPOSES: Final = ("support", "formal_assessment", "investigation", "treatment")
ASSESSING: Final = frozenset({"immigration_service", "siri"})
"""The rows that are sent content for a formal assessment."""


@dataclass(frozen=True)
class RandomCase:
    """One question at one time; `history` is all that was said before."""

    asked: ReleaseRequest
    facts: Facts
    history: tuple[Version, ...]
    at: datetime
    child: bool
    values: dict[Group, Fields]


def everybody(policy: Policy) -> Policy:
    """Put one organisation in each row, and let each row be sent notices and content."""
    wide = {
        code: each.model_copy(update={"purposes": each.purposes | {"support", "referral_notice"}})
        for code, each in policy.receivers.items()
    }
    full = staffed(policy.model_copy(update={"receivers": wide}))
    organisations = dict(full.organisations)
    for code, row in ROW_OF.items():
        organisations[code] = organisations.pop(row)
    for code, services in FEW_SERVICES.items():
        mandate = organisations[code].mandates[0].model_copy(update={"services": services})
        organisations[code] = organisations[code].model_copy(update={"mandates": (mandate,)})
    return full.model_copy(update={"organisations": organisations})


def draw(policy: Policy, chance: random.Random) -> RandomCase:
    """Draw a case: a few statements over some days, then a question."""
    history, now, recipients = list[Version](), START, sorted(policy.organisations)
    recipient = chance.choice(recipients)
    for _ in range(chance.randrange(7)):
        now += timedelta(minutes=chance.randrange(1, 3_000))
        near = [recipient, *chance.sample(recipients, 2)]
        history += _say(chance, near, history, now, policy)
    at = now + timedelta(minutes=chance.choice([0, 1, 5_000, -30]))
    child = chance.random() < 0.3
    service = chance.choice(["accommodation"] * 6 + ["health", "unknown", None])
    full = values(age_group="child" if child else "adult", service=service)
    held = {group: fields for group, fields in full.items() if chance.random() < 0.9}
    parts = [("content", "support")] * 6 + [("notice", "referral_notice"), ("content", "formal_assessment")]
    part, purpose = chance.choice(parts)
    asked = request(
        StoredRecord("c-1", "r-1", 1, (), ""),
        recipient=recipient,
        part=part,
        purpose=purpose,
        accepted=chance.random() < 0.9,
    )
    facts = Facts(
        case_known=True,
        record_known=True,
        sender_known=chance.random() < 0.95,
        groups=frozenset(held),
        service=service if Group.ROUTING in held else None,
        child=child,
    )
    return RandomCase(asked, facts, tuple(history), at, child, held)


def leaves(case: RandomCase, policy: Policy) -> dict[Group, Fields]:
    """Let the vault's own rules decide, and project the values."""
    standing = in_force(case.history, case.at)
    facts = replace(case.facts, standing=standing)
    verdict = decide(policy, case.asked, facts, case.at.date())
    if not isinstance(verdict, Permit):
        return {}
    return {group: project(case.values[group], names) for group, names in verdict.fields.items()}


def may_leave(case: RandomCase, policy: Policy) -> dict[Group, set[str]]:
    """Say by the design which fields may leave."""
    asked = case.asked
    if not case.facts.sender_known or (asked.part == "content" and not asked.accepted):
        return {}
    services = FEW_SERVICES.get(asked.recipient, SERVICES.codes)
    if case.facts.service is not None and case.facts.service not in services:
        return {}
    code = ROW_OF.get(asked.recipient, asked.recipient)
    if asked.purpose == "formal_assessment" and code not in ASSESSING:
        return {}
    row = policy.receivers[code].row
    found: dict[Group, set[str]] = {}
    for group in case.values if asked.part == "content" else case.values.keys() & {Group.ROUTING}:
        fields = expected(
            row,
            group,
            consented=_said(case, "duty" if case.child else "consent", group),
            grounded=_said(case, "ground", group) or (case.child and _said(case, "duty", group)),
            on=_day(case),
        )
        if fields is not None:
            found[group] = set(fields)
    return found


def message_wrongs(
    case: RandomCase, left: dict[Group, Fields], may: dict[Group, set[str]]
) -> list[str] | None:
    """Say what is wrong with the message that the recipient's connector makes of it; None without one."""
    asked = case.asked
    if not left or asked.recipient not in CONNECTORS:
        return None
    released = Release(
        disclosure="0192f3a0-0000-7000-8000-00000000d001",
        delivery=asked.delivery,
        recipient=asked.recipient,
        sender=asked.sender,
        part=asked.part,
        purpose=asked.purpose,
        referral=asked.referral,
        placer=asked.placer,
        policy="1",
        person="person-1",
        values=left,
    )
    return wrongs(released, {group: frozenset(names) for group, names in may.items()})


def _day(case: RandomCase) -> date:
    return case.at.date()


def _said(case: RandomCase, basis: str, group: Group) -> bool:
    """Go through the statements from the last to the first; the last one about each basis is what counts."""
    heard: set[str] = set()
    for each in sorted(case.history, key=lambda version: -version.number):
        if each.consent in heard:
            continue
        heard.add(each.consent)
        names = case.asked.recipient in each.scope.recipients and case.asked.purpose in each.scope.purposes
        alive = each.statement in ("given", "narrowed") and each.valid_from <= case.at
        over = each.scope.until is not None and case.at >= each.scope.until
        if each.basis == basis and names and alive and not over and group in each.scope.groups:
            return True
    return False


def _say(
    chance: random.Random, recipients: list[str], history: list[Version], now: datetime, policy: Policy
) -> list[Version]:
    basis = chance.choice(["consent", "consent", "duty", "ground"])
    until = now + timedelta(minutes=chance.randrange(1, 20_000)) if chance.random() < 0.4 else None
    said = ConsentOrder(
        "given",
        "operator",
        "said-1",
        basis=basis,
        recipients=tuple(chance.sample(recipients, chance.randrange(1, 3))),
        purposes=("support" if chance.random() < 0.8 else chance.choice(PURPOSES),),
        groups=tuple(chance.sample(sorted(map(str, Group)), chance.randrange(1, 8))),
        until=until,
        language="vie",
        how="oral",
        law="Lov § 1",
        by="K. Testgaard",
    )
    match chance.choice(["given", "given", "given", "narrowed", "withdrawn", "expired"]):
        case "given":
            begun = begin(said, history, now, policy)
            return [replace(begun, consent=f"b-{len(history)}")] if isinstance(begun, Version) else []
        case "narrowed":
            narrower = narrow(replace(said, statement="narrowed"), history, now, policy)
            return [narrower] if isinstance(narrower, Version) else []
        case "withdrawn":
            whole = replace(said, recipients=(), purposes=(), groups=(), until=None)
            ended = withdraw(whole, history, now)
            return list(ended) if isinstance(ended, tuple) else []
        case _:
            return list(expire(history, now))
