"""The vault as other services see it: the one port besides events, in this process or over HTTPS."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from stafet_runtime.cause import Cause
from stafet_schemas.groups import Group
from stafet_sdk.draft import Fields, Release


class VaultUnavailableError(Exception):
    """The vault or its keys are out of reach: fail closed, wait, try again."""


class DisclosureBlockedError(Exception):
    """The policy says no; `reason` is a code of the list `block`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ConsentRefusedError(Exception):
    """A statement about consent cannot stand: `problems` are (field, what is wrong), never a value."""

    def __init__(self, *problems: tuple[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {problem}" for field, problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, repr=False)
class ConsentOrder:
    """What somebody said about consent, on its way into the vault. Idempotent by (agency, message).

    `statement` is given, narrowed or withdrawn; `basis` consent, duty or ground. Of `narrowed` the parts name
    what stays (an empty one stays as it is); `withdrawn` names none. `case` is the pseudonym, or `reference`
    the agency's own reference. `consent` is the id of the basis meant; without it the only one, or for a
    withdrawal all. `at` is when it was said, None for now; a withdrawal counts at once whatever it says.
    `law` and `by` are the legal reference and the human who answers for a duty or ground.
    """

    statement: str
    agency: str
    message: str
    case: str | None = None
    reference: str | None = None
    basis: str = "consent"
    consent: str | None = None
    recipients: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    at: datetime | None = None
    until: datetime | None = None
    language: str | None = None
    interpreter: bool = False
    how: str | None = None
    law: str | None = None
    by: str | None = None
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """What came of it: the case, and the ids of the bases that changed; none when all was so already."""

    case: str
    consents: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Registration:
    """Values of one translated message on their way into the vault. Idempotent by (agency, message).

    `message` is the hub's receipt for it, `placer` the id that its sender gave it: kept sealed, for statuses.
    `consents` are what the message says of consent: recorded together with its values, or nothing is.
    `cause` is the event that led here; what the vault tells of it names that as its cause.
    """

    agency: str
    message: str
    placer: str
    reference: str
    values: Mapping[Group, Fields]
    raw: bytes
    cause: Cause | None = None
    consents: tuple[ConsentOrder, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """Where the values are: case pseudonym, record id and version, groups present, keyed digest (hex)."""

    case: str
    record: str
    version: int
    groups: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """Who wants to see what part, for which referral and why.

    `case` is None for a status about a message that never got a case. `placer` is the hub's receipt for what
    this is about (the vault knows the sender's own id of a record), or of a rejected message the sender's id.
    `accepted` is true when the recipient has accepted the referral: without it content stays blocked.
    `due` is the end of the time limit that an alert is about.
    """

    delivery: str
    case: str | None
    record: str | None
    referral: str | None
    sender: str
    recipient: str
    part: str
    purpose: str
    placer: str
    accepted: bool = False
    rung: str | None = None
    reason: str | None = None
    problems: tuple[tuple[str, str], ...] = ()
    due: datetime | None = None
    cause: Cause | None = None


class Vault(Protocol):
    """Case register, values and releases."""

    async def open_message(self, sealed: bytes, context: bytes) -> bytes:
        """Open raw bytes sealed to the vault's public key; they open only with the `context` of the sealing.

        Raises:
            VaultUnavailableError: out of reach.
            ValueError: the bytes do not open.
        """
        ...

    async def renew_seal_key(self, in_use: Collection[bytes]) -> bytes:
        """Return the public key (X25519, raw) to seal to from now on; it is another one each day.

        `in_use` are the ids of all keys that something waits under, or may still be sealed to: of the others
        the private halves are destroyed when they have been out of use for a day.

        Raises:
            VaultUnavailableError: out of reach: go on with the key there is.
        """
        ...

    async def register(self, registration: Registration) -> StoredRecord:
        """Find or open the case of (agency, reference), store the values, return the reference to them.

        Raises:
            ConsentRefusedError: what it says of consent cannot stand; nothing was stored.
            VaultUnavailableError: out of reach.
        """
        ...

    async def record_consent(self, order: ConsentOrder) -> ConsentRecord:
        """Record what was said about consent; from its return on no release sees what was before.

        Raises:
            ConsentRefusedError: it cannot stand, by field; nothing was recorded.
            VaultUnavailableError: out of reach.
        """
        ...

    async def may_identify(self, agency: str, on: date) -> bool:
        """Say whether the policy in force lets an agency decide formally who is a victim, as of a day.

        Raises:
            VaultUnavailableError: out of reach.
        """
        ...

    async def release(self, request: ReleaseRequest) -> Release:
        """Project what this recipient may see now, and write the ledger in the same transaction.

        Raises:
            DisclosureBlockedError: nothing may be released; the refusal is in the ledger and an event.
            VaultUnavailableError: out of reach.
        """
        ...
