"""What a subject report says (GDPR art. 15), what it keeps back, and how it is signed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from stafet.vault.domain.consent import DUTY, Version
from stafet.vault.domain.ledger import canonical
from stafet.vault.domain.release import OPENS, RECALLS
from stafet.vault.domain.wording import OPERATOR
from stafet.vault.policy import ALWAYS, Cell, Policy
from stafet_schemas.groups import Group
from stafet_sdk.draft import Fields

PURPOSE: Final = b"stafet subject report 1\n"
"""In front of what is signed: a signature of the same key for another purpose is none of a report."""
RECALL_LAW: Final = "GDPR art. 7(3), 19"
DANGER_LAW: Final = "GDPR art. 6(1)(d), 9(2)(c)"
"""For what was shown beyond a role, in danger to somebody's life."""


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One row of the ledger by which something was disclosed; `bases` name the versions that opened it."""

    disclosure: str
    at: datetime
    sender: str
    recipient: str
    purpose: str
    part: str
    policy: str
    fields: tuple[str, ...]
    bases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """What an agency sent at a time: values by group."""

    agency: str
    at: datetime
    values: Mapping[Group, Fields]


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """All that a report says. `withheld` are groups that are held and not shown.

    Of `bases` the humans who answer for them are left out, as are those who were shown values.
    """

    number: str
    at: datetime
    policy: str
    records: tuple[Record, ...]
    withheld: tuple[str, ...]
    disclosed: tuple[tuple[Disclosed, tuple[str, ...]], ...]
    bases: tuple[Version, ...]


def laws(row: Disclosed, policy: Policy, history: Sequence[Version]) -> tuple[str, ...]:
    """Cite what allowed a disclosure on its day, by the bases that its row names; none if nothing tells."""
    on = row.at.date()
    groups = sorted({Group(each.partition(".")[0]) for each in row.fields})
    if row.recipient.startswith(OPERATOR):
        role = policy.role(row.recipient.removeprefix(OPERATOR), on)
        return (role.citation if role and role.groups.issuperset(groups) else DANGER_LAW,)
    if row.part in RECALLS:
        return (RECALL_LAW,)
    if row.part == "status":
        return (policy.status.citation,)
    named, cells = [each for each in history if each.name in row.bases], policy.cells(row.recipient, on)
    found = [
        law
        for group in groups
        for cell in cells.get(group, ())
        for law in _laws_of(cell, [each for each in named if group in each.scope.groups])
    ]
    return tuple(dict.fromkeys(found))


def _laws_of(cell: Cell, named: Sequence[Version]) -> list[str]:
    """Cite the policy, and what a duty or ground cites; a duty stands where the policy says consent."""
    if cell.mark == ALWAYS:
        return [cell.citation]
    opening = [each for each in named if cell.mark in OPENS[each.basis]]
    cited = [cell.citation] if any(each.basis != DUTY for each in opening) else []
    return [*cited, *(each.law for each in opening if each.law)]


def content_of(report: Report) -> dict[str, Any]:
    """Write a report as data: codes, and values as they are."""
    return {
        "report": report.number,
        "at": report.at.isoformat(),
        "policy": report.policy,
        "data": [
            {
                "agency": each.agency,
                "at": each.at.isoformat(),
                "groups": {str(group): dict(fields) for group, fields in each.values.items()},
            }
            for each in report.records
        ],
        "withheld": list(report.withheld),
        "disclosures": [
            {
                "disclosure": row.disclosure,
                "at": row.at.isoformat(),
                "recipient": row.recipient,
                "purpose": row.purpose,
                "part": row.part,
                "policy": row.policy,
                "fields": list(row.fields),
                "legal_basis": list(cited),
            }
            for row, cited in report.disclosed
        ],
        "bases": [_basis(each) for each in report.bases],
    }


def signed_bytes(content: Mapping[str, Any], page: str) -> bytes:
    """Write what is signed, in one way only: the content, and the digest of the page for people."""
    return PURPOSE + canonical({"content": content, "page": page_digest(page)})


def page_digest(page: str) -> str:
    """SHA-256 of a page, hex."""
    return hashlib.sha256(page.encode()).hexdigest()


def report_text(content: Mapping[str, Any], page: str, key: bytes, signature: bytes) -> str:
    """Write the file for machines: content, digest of the page, public key (Ed25519) and signature in hex."""
    signed = {
        "content": content, "page": page_digest(page), "key": key.hex(), "signature": signature.hex(),
    }  # fmt: skip
    return json.dumps(signed, indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True, repr=False)
class Signed:
    """A report's file taken apart: the bytes that are signed, the page's digest, public key and signature."""

    content: bytes
    page: str
    key: bytes
    signature: bytes


def read_report(text: str) -> Signed:
    """Take a report's file apart; its signature is not checked.

    Raises:
        ValueError: it is no report.
    """
    try:
        said = json.loads(text)
        content = PURPOSE + canonical({"content": said["content"], "page": said["page"]})
        return Signed(
            content, str(said["page"]), bytes.fromhex(said["key"]), bytes.fromhex(said["signature"])
        )
    except (ValueError, TypeError, KeyError):
        raise ValueError("not a subject report") from None


def _basis(version: Version) -> dict[str, Any]:
    scope = version.scope
    return {
        "basis": version.basis,
        "statement": version.statement,
        "from": version.valid_from.isoformat(),
        "recorded_at": version.recorded_at.isoformat(),
        "until": scope.until.isoformat() if scope.until else None,
        "recipients": sorted(scope.recipients),
        "purposes": sorted(scope.purposes),
        "groups": sorted(scope.groups),
        "language": version.language,
        "interpreter": version.interpreter,
        "how": version.how,
        "law": version.law,
    }
