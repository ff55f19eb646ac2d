"""Connector to the Danish police: SF2900-style SOAP 1.1 both ways, with a UMF-inspired form inside.

The canonical connector: others resemble it. The hub is the distribution component: the police send referrals
to it (FordelingsobjektAfsend), ask it who receives (FordelingsmodtagerList, FordelingsmodtagerValider) and
offer it an endpoint for receipts (FordelingskvitteringModtag) and for referrals to them
(FordelingsobjektModtag), which they answer by receipts of their own (FordelingskvitteringModtag at the hub).
A document that they announce comes as a file by SFTP, where a file drop was agreed.
"""

from collections.abc import Sequence
from datetime import datetime

from stafet_connectors.police import files, inbound, mapping, outbound
from stafet_sdk.contract import Answered, Drop, Envelope, Outbound, Outcome, Partner, Reply, Request
from stafet_sdk.draft import Release
from stafet_sdk.errors import InboundRefused
from stafet_sdk.manifest import Manifest, load_manifest


class PoliceConnector:
    """`stafet_sdk.contract.Dropped` of the police: messages by SOAP, and the files that they announce."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest

    @property
    def manifest(self) -> Manifest:
        """What this connector is."""
        return self._manifest

    def accept(self, request: Request, partner: Partner, now: datetime, /) -> Envelope | Answered:
        """Check one of the operations the hub offers: see `inbound.accept`."""
        return inbound.accept(request, partner, now)

    def reply(self, outcome: Outcome, request: Request, partner: Partner, now: datetime, /) -> Reply:
        """Word the hub's answer as a response or a fault: see `inbound.reply`."""
        return inbound.reply(outcome, request, partner, now)

    def to_hub(self, body: bytes, partner: Partner, /) -> mapping.Meaning:
        """Translate an accepted message: see `mapping.to_hub`."""
        return mapping.to_hub(body, partner.identifiers)

    def from_hub(self, release: Release, partner: Partner, now: datetime, /) -> Outbound:
        """Compose the message of a release: see `outbound.compose`."""
        return outbound.compose(release, partner, now)

    def read_reply(self, reply: Reply, partner: Partner, /) -> str | None:  # noqa: ARG002 - the contract passes it
        """Judge the answer to a message: see `outbound.judge`."""
        return outbound.judge(reply)

    def unpack(self, drop: Drop, partner: Partner, now: datetime, /) -> tuple[Request, ...]:  # noqa: ARG002 - as above
        """Make the message of a file: see `files.unpack`."""
        return files.unpack(drop, partner)

    def receipts(
        self,
        drop: Drop,
        outcomes: Sequence[Outcome] | InboundRefused,
        partner: Partner,  # noqa: ARG002 - as above
        now: datetime,  # noqa: ARG002 - as above
        /,
    ) -> tuple[Outbound, ...]:
        """Word the technical receipt of a file: see `files.receipts`."""
        return files.receipts(drop, outcomes)


connector = PoliceConnector(load_manifest(__name__))
