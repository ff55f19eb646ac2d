"""A vault in memory: opens what is sealed to its own key, registers, and releases without a policy."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from stafet_runtime.sealing import HEADER_BYTES, SUITE
from stafet_runtime.vaultport import (
    DisclosureBlockedError,
    Registration,
    ReleaseRequest,
    StoredRecord,
    VaultUnavailableError,
)
from stafet_schemas.groups import Group
from stafet_sdk.draft import Fields, Release


@dataclass
class FakeVault:
    """`stafet_runtime.vaultport.Vault` with state; `registered` and `requests` in the order they came.

    While `closed` is set everything is out of reach; while `block` is set every release is refused with it.
    A notice gets the routing group, a content all groups, a status none.
    """

    closed: bool = False
    block: str | None = None
    registered: dict[tuple[str, str], Registration] = field(
        default_factory=dict[tuple[str, str], Registration]
    )
    records: dict[tuple[str, str], StoredRecord] = field(default_factory=dict[tuple[str, str], StoredRecord])
    requests: list[ReleaseRequest] = field(default_factory=list[ReleaseRequest])
    _cases: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    _key: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate, repr=False)

    @property
    def seal_key(self) -> X25519PublicKey:
        """Give the key to seal messages to."""
        return self._key.public_key()

    async def open_message(self, sealed: bytes, context: bytes) -> bytes:
        """Open what was sealed to this vault; see the port."""
        self._refuse_closed()
        header = sealed[:HEADER_BYTES]
        try:
            return SUITE.decrypt(sealed[HEADER_BYTES:], self._key, info=header + context)
        except InvalidTag:
            raise ValueError("does not open") from None

    async def register(self, registration: Registration) -> StoredRecord:
        """Keep a registration once per (agency, message); a case per (agency, reference)."""
        self._refuse_closed()
        message = registration.agency, registration.message
        if message not in self.records:
            case = self._cases.setdefault(
                (registration.agency, registration.reference), f"case-{len(self._cases) + 1}"
            )
            self.registered[message] = registration
            record = f"record-{len(self.records) + 1}"
            self.records[message] = StoredRecord(
                case, record, 1, tuple(sorted(registration.values)), _digest(registration.values)
            )
        return self.records[message]

    async def release(self, request: ReleaseRequest) -> Release:
        """Release what is registered under the request's record; see the port."""
        self._refuse_closed()
        self.requests.append(request)
        if self.block is not None:
            raise DisclosureBlockedError(self.block)
        about_person = request.part != "status" and request.case is not None
        return Release(
            disclosure=f"disclosure-{len(self.requests)}",
            delivery=request.delivery,
            recipient=request.recipient,
            sender=request.sender,
            part=request.part,
            purpose=request.purpose,
            referral=request.referral,
            placer=request.placer,
            policy="fake-1",
            person=f"{request.recipient}-{request.case}" if about_person else None,
            rung=request.rung,
            reason=request.reason,
            problems=request.problems,
            values=self._visible(request),
        )

    def _visible(self, request: ReleaseRequest) -> Mapping[Group, Fields]:
        if request.part == "status":
            return {}
        message = next(key for key, stored in self.records.items() if stored.record == request.record)
        values = self.registered[message].values
        wanted = (Group.ROUTING,) if request.part == "notice" else tuple(values)
        return {group: values[group] for group in wanted if group in values}

    def _refuse_closed(self) -> None:
        if self.closed:
            raise VaultUnavailableError("closed: open it and try again")


def _digest(values: Mapping[Group, Fields]) -> str:
    plain = json.dumps({str(group): dict(fields) for group, fields in values.items()}, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()
