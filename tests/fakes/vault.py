"""A vault in memory: opens what is sealed to its own keys, registers, and releases without a policy."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from stafet_runtime.sealing import HEADER_BYTES, SUITE, key_id
from stafet_runtime.vaultport import (
    ConsentOrder,
    ConsentRecord,
    ConsentRefusedError,
    DisclosureBlockedError,
    Registration,
    ReleaseRequest,
    StoredRecord,
    VaultUnavailableError,
)
from stafet_schemas.groups import Group
from stafet_sdk.draft import Fields, Release
from tests.fakes.seal_key import FakeSealKey

VALUELESS = frozenset({"status", "revocation", "withdrawal", "erasure", "alert"})


@dataclass
class FakeVault:
    """`stafet_runtime.vaultport.Vault` with state; `registered` and `requests` in the order they came.

    `in_use` are the ids it was told at each renewal of the seal key. While `closed` is set everything is out
    of reach; while `block` is set every release (of `block_part`) is refused with it, and while `refuse` is
    set every word of consent; `orders` are those words that came by themselves.
    `identifying` are the agencies that may decide who is a victim, each from a day on.
    A notice gets the routing group, a content all groups, the others none.
    """

    closed: bool = False
    block: str | None = None
    block_part: str | None = None
    refuse: tuple[str, str] | None = None
    orders: list[ConsentOrder] = field(default_factory=list[ConsentOrder])
    registered: dict[tuple[str, str], Registration] = field(
        default_factory=dict[tuple[str, str], Registration]
    )
    records: dict[tuple[str, str], StoredRecord] = field(default_factory=dict[tuple[str, str], StoredRecord])
    requests: list[ReleaseRequest] = field(default_factory=list[ReleaseRequest])
    identifying: dict[str, date] = field(default_factory=dict[str, date])
    _cases: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    in_use: list[set[bytes]] = field(default_factory=list[set[bytes]])
    _pairs: list[X25519PrivateKey] = field(default_factory=lambda: [X25519PrivateKey.generate()], repr=False)

    @property
    def seal_key(self) -> FakeSealKey:
        """Give the key to seal messages to."""
        return FakeSealKey(self._pairs[-1].public_key())

    def next_day(self) -> None:
        """Make a new key to seal to; the old ones stay."""
        self._pairs.append(X25519PrivateKey.generate())

    async def renew_seal_key(self, in_use: Collection[bytes]) -> bytes:
        """Return the newest key; see the port."""
        self._refuse_closed()
        self.in_use.append(set(in_use))
        return self._pairs[-1].public_key().public_bytes_raw()

    async def open_message(self, sealed: bytes, context: bytes) -> bytes:
        """Open what was sealed to this vault; see the port."""
        self._refuse_closed()
        header = sealed[:HEADER_BYTES]
        pairs = (each for each in self._pairs if key_id(each.public_key()) == header[1:])
        try:
            return SUITE.decrypt(sealed[HEADER_BYTES:], next(pairs), info=header + context)
        except (InvalidTag, StopIteration):
            raise ValueError("does not open") from None

    async def register(self, registration: Registration) -> StoredRecord:
        """Keep a registration once per (agency, message); a case per (agency, reference)."""
        self._refuse_closed()
        if registration.consents and self.refuse is not None:
            raise ConsentRefusedError(self.refuse)
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

    async def record_consent(self, order: ConsentOrder) -> ConsentRecord:
        """Keep what was said; see the port."""
        self._refuse_closed()
        if self.refuse is not None:
            raise ConsentRefusedError(self.refuse)
        said_before = (order.case, order.statement) in {(each.case, each.statement) for each in self.orders}
        self.orders.append(order)
        case = order.case or self._cases.get((order.agency, order.reference or ""), "")
        return ConsentRecord(case, () if said_before else (f"consent-{len(self.orders)}",))

    async def may_identify(self, agency: str, on: date) -> bool:
        """Say what `identifying` says; see the port."""
        self._refuse_closed()
        return agency in self.identifying and self.identifying[agency] <= on

    async def release(self, request: ReleaseRequest) -> Release:
        """Release what is registered under the request's record; see the port."""
        self._refuse_closed()
        self.requests.append(request)
        if self.block is not None and self.block_part in {None, request.part}:
            raise DisclosureBlockedError(self.block)
        about_person = request.part not in {"status", "erasure", "alert"} and request.case is not None
        return Release(
            disclosure=f"disclosure-{len(self.requests)}",
            delivery=request.delivery,
            recipient=request.recipient,
            sender=request.sender,
            part=request.part,
            purpose=request.purpose,
            referral=request.referral,
            placer=self._placer(request),
            policy="fake-1",
            person=f"{request.recipient}-{request.case}" if about_person else None,
            rung=request.rung,
            reason=request.reason,
            problems=request.problems,
            values=self._visible(request),
            groups=("health",) if request.part == "withdrawal" else (),
            referrals=("referral-1",) if request.part in {"withdrawal", "erasure", "alert"} else (),
            due=request.due,
        )

    def _visible(self, request: ReleaseRequest) -> Mapping[Group, Fields]:
        if request.part in VALUELESS:
            return {}
        message = next(key for key, stored in self.records.items() if stored.record == request.record)
        values = self.registered[message].values
        wanted = (Group.ROUTING,) if request.part in {"notice", "reminder"} else tuple(values)
        return {group: values[group] for group in wanted if group in values}

    def _placer(self, request: ReleaseRequest) -> str:
        if request.part != "status" or request.case is None:
            return request.placer
        of_record = (key for key, stored in self.records.items() if stored.record == request.record)
        return next((self.registered[key].placer for key in of_record), request.placer)

    def _refuse_closed(self) -> None:
        if self.closed:
            raise VaultUnavailableError("closed: open it and try again")


def _digest(values: Mapping[Group, Fields]) -> str:
    plain = json.dumps({str(group): dict(fields) for group, fields in values.items()}, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()
