"""The vault as other services see it: the one port besides events, in this process or over HTTPS."""

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, repr=False)
class Registration:
    """Values of one translated message on their way into the vault. Idempotent by (agency, message).

    `cause` is the event that led here; what the vault tells of it names that as its cause.
    """

    agency: str
    message: str
    reference: str
    values: Mapping[Group, Fields]
    raw: bytes
    cause: Cause | None = None


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

    `case` is None for a status about a message that never got a case.
    `accepted` is true when the recipient has accepted the referral: without it content stays blocked.
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

    async def register(self, registration: Registration) -> StoredRecord:
        """Find or open the case of (agency, reference), store the values, return the reference to them.

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
