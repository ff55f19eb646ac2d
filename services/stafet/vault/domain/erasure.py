"""Erasure: may a case be forgotten now, what stays by law, and what the certificate says.

requested -> legal check -> held (until no hold is in the way) -> shredded, with a certificate.
"""

import base64
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from stafet.vault.domain.ledger import canonical
from stafet.vault.domain.zones import GDPR, LED, ZONES

GROUNDS: Final[Mapping[str, str]] = {
    "no_longer_needed": "GDPR art. 17(1)(a)",
    "consent_withdrawn": "GDPR art. 17(1)(b)",
    "objection": "GDPR art. 17(1)(c)",
    "unlawful": "GDPR art. 17(1)(d)",
    "legal_duty": "GDPR art. 17(1)(e)",
}
"""Reasons for which a case may be erased (code list `erasure`), each with its citation."""

REPLAYED: Final = "replayed"
"""Shredded again after a restore, by the journal alone, when the certificate with the reason is lost."""

HOLDS: Final[Mapping[str, str]] = {
    "archive": "GDPR art. 17(3)(d), arkivloven",
    "duty": "GDPR art. 17(3)(b)",
    "claim": "GDPR art. 17(3)(e)",
    "evidence": "LED art. 16(3)(b)",
}
"""What stands in the way of an erasure, each with its citation; `evidence` keeps the zone `led` only."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Somebody's recorded order to keep a case: until a day (that one included), or until it is lifted.

    `by` and `why` name the human and the document; they stay in the vault.
    """

    hold: str
    case: str
    kind: str
    by: str
    why: str
    until: date | None

    def stands(self, on: date) -> bool:
        """Say whether it is in force on a day."""
        return self.until is None or on <= self.until


@dataclass(frozen=True, slots=True)
class Clear:
    """Nothing is in the way of erasing these zones."""

    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """These holds are in the way of everything."""

    holds: tuple[Hold, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows were destroyed; `aliases` are blind-index entries with an agency's reference each."""

    keys: int
    values: int
    messages: int
    records: int
    aliases: int


@dataclass(frozen=True, slots=True)
class Statement:
    """What a certificate certifies. Names no person: `case` is the SHA-256 of the pseudonym.

    `kept` are zones that a hold keeps; `tree_head` refers to the ledger as it stood. `wrapped_under` are the
    versions of the key-encryption key that dumps from before may have the case's keys under: as long as one
    of them is not retired, such a dump opens with it.
    """

    erasure: str
    case: str
    reason: str
    ground: str
    requested_at: datetime
    shredded_at: datetime
    kept: tuple[str, ...]
    wrapped_under: tuple[str, ...]
    destroyed: Counts
    tree_head: str | None


def check(holds: Sequence[Hold], zones: Collection[str], on: date) -> Clear | Held:
    """Check the law on a day: is a hold in the way of all, or of the criminal matter only.

    `zones` are those that have a key. Without one of its own, evidence could only be kept with all the rest.
    """
    standing = tuple(each for each in holds if each.stands(on))
    blocking = tuple(each for each in standing if each.kind != "evidence")
    if blocking:
        return Held(blocking)
    if standing and LED not in zones:
        return Held(standing)
    return Clear((GDPR,) if standing else ZONES)


def case_digest(case: str) -> str:
    """Name a case to whoever knows its pseudonym, and to nobody else (160 random bits cannot be guessed)."""
    return hashlib.sha256(case.encode()).hexdigest()


def statement_bytes(statement: Statement) -> bytes:
    """Write what is signed, in one way only."""
    destroyed = statement.destroyed
    said = {name: getattr(statement, name) for name in Statement.__slots__}
    said |= {name: said[name].isoformat() for name in ("requested_at", "shredded_at")}
    return canonical(said | {"destroyed": {name: getattr(destroyed, name) for name in Counts.__slots__}})


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate taken apart: what it says, the bytes that are signed, public key and signature."""

    said: Mapping[str, Any]
    content: bytes
    key: bytes
    signature: bytes

    @property
    def erasure(self) -> str:
        """The id of the erasure."""
        return str(self.said["erasure"])

    @property
    def case(self) -> str:
        """The digest of the case's pseudonym."""
        return str(self.said["case"])

    @property
    def reason(self) -> str:
        """The reason, a code."""
        return str(self.said["reason"])


def certificate_text(statement: bytes, key: bytes, signature: bytes) -> str:
    """Write a certificate: the statement, the public key (Ed25519, raw) and the signature, in base64."""
    signed = {
        "statement": json.loads(statement),
        "key": base64.b64encode(key).decode(),
        "signature": base64.b64encode(signature).decode(),
    }
    return json.dumps(signed, indent=2, sort_keys=True) + "\n"


def read_certificate(text: str) -> Certificate:
    """Take a certificate apart; its signature is not checked.

    Raises:
        ValueError: it is no certificate.
    """
    try:
        signed = json.loads(text)
        said: dict[str, Any] = dict(signed["statement"])
        key, signature = (base64.b64decode(signed[name], validate=True) for name in ("key", "signature"))
    except (ValueError, TypeError, KeyError):
        raise ValueError("not a certificate of erasure") from None
    return Certificate(said, canonical(said), key, signature)
