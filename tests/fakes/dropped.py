"""A connector of an agency that leaves files: a line of a file is a message, its first word the id."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from stafet_sdk.contract import Accepted, Drop, Envelope, Outbound, Outcome, Partner, Reply, Request
from stafet_sdk.draft import AnswerDraft, Draft, Release
from stafet_sdk.errors import InboundRefused
from stafet_sdk.filereceipts import (
    ACCEPTED,
    BUSINESS,
    PARTLY,
    REJECTED,
    TECHNICAL,
    BusinessReceipt,
    FileError,
    TechnicalReceipt,
    build_business,
    build_technical,
    ids_of,
)
from stafet_sdk.manifest import Manifest

MANIFEST: Final = Manifest(
    agency="shelter",
    name="Shelter",
    owner="tests",
    version="1",
    transport="sftp",
    authentication="SSH keys",
    consumes=("lines",),
    produces=("lines",),
    personal_data=(),
    legal_basis="none",
    data_retention=1,
    content_type="text/plain",
    keys=("ssh_key", "known_hosts"),
    docs="none",
)


@dataclass
class FakeDropped:
    """`Dropped`; a file with NUL in it is of no use, a line `bad` is refused, `bug` is a bug."""

    manifest: Manifest = MANIFEST
    drops: list[Drop] = field(default_factory=list[Drop])

    def accept(self, request: Request, partner: Partner, now: datetime, /) -> Envelope:
        """Take the first word as the id."""
        del partner, now
        if request.body.startswith(b"bad"):
            raise InboundRefused("invalid", "a bad line", status=422)
        return Envelope(request.body.split()[0].decode(), request.body)

    def reply(self, outcome: Outcome, request: Request, partner: Partner, now: datetime, /) -> Reply:
        """Say nothing: nobody listens."""
        del outcome, request, partner, now
        return Reply(204, {}, b"")

    def to_hub(self, body: bytes, partner: Partner, /) -> Draft:
        """Take the first word as a referral that was accepted."""
        del partner
        return AnswerDraft(body.split()[0].decode(), "accepted")

    def from_hub(self, release: Release, partner: Partner, now: datetime, /) -> Outbound:
        """Name a file after the delivery."""
        del partner, now
        return Outbound({}, release.part.encode(), path=f"{release.delivery}.txt")

    def read_reply(self, reply: Reply, partner: Partner, /) -> None:
        """Be content."""
        del reply, partner

    def unpack(self, drop: Drop, partner: Partner, now: datetime, /) -> tuple[Request, ...]:
        """Take lines."""
        del now
        self.drops.append(drop)
        if b"\0" in drop.body:
            raise InboundRefused("malformed", "no text")
        if drop.body.startswith(b"bug"):
            raise RuntimeError(f"cannot read {drop.body!r}")
        return tuple(Request("PUT", f"/{partner.agency}", {}, each) for each in drop.body.splitlines())

    def receipts(
        self, drop: Drop, outcomes: Sequence[Outcome] | InboundRefused, partner: Partner, now: datetime, /
    ) -> tuple[Outbound, ...]:
        """Word both receipts."""
        del now
        transfer, file_id = ids_of(drop.trigger)
        if isinstance(outcomes, InboundRefused):
            error = FileError(outcomes.status, outcomes.code, outcomes.detail)
            technical = build_technical(TechnicalReceipt(transfer, file_id, (error,)))
            return (Outbound({}, technical, path=drop.name + TECHNICAL),)
        good = sum(isinstance(each, Accepted) for each in outcomes)
        word = ACCEPTED if good == len(outcomes) else PARTLY if good else REJECTED
        business = BusinessReceipt(transfer, drop.name, partner.agency, word)
        return (
            Outbound({}, build_technical(TechnicalReceipt(transfer, file_id)), path=drop.name + TECHNICAL),
            Outbound({}, build_business(business), path=drop.name + BUSINESS),
        )
