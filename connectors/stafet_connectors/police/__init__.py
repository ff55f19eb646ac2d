"""Connector to the Danish police: SF2900-style SOAP 1.1 both ways, with a UMF-inspired form inside.

The canonical connector: others resemble it. The hub is the distribution component: the police send referrals
to it (FordelingsobjektAfsend), ask it who receives (FordelingsmodtagerList, FordelingsmodtagerValider) and
offer it an endpoint for receipts (FordelingskvitteringModtag) and for referrals to them
(FordelingsobjektModtag), which they answer by receipts of their own (FordelingskvitteringModtag at the hub).
"""

from datetime import datetime

from stafet_connectors.police import inbound, mapping, outbound
from stafet_sdk.contract import Answered, Envelope, Outbound, Outcome, Partner, Reply, Request
from stafet_sdk.draft import AnswerDraft, ReferralDraft, Release
from stafet_sdk.manifest import Manifest, load_manifest


class PoliceConnector:
    """`stafet_sdk.contract.Connector` of the police."""

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

    def to_hub(self, body: bytes, partner: Partner, /) -> ReferralDraft | AnswerDraft:
        """Translate an accepted message: see `mapping.to_hub`."""
        return mapping.to_hub(body, partner.identifiers)

    def from_hub(self, release: Release, partner: Partner, now: datetime, /) -> Outbound:
        """Compose the message of a release: see `outbound.compose`."""
        return outbound.compose(release, partner, now)

    def read_reply(self, reply: Reply, partner: Partner, /) -> str | None:  # noqa: ARG002 - the contract passes it
        """Judge the answer to a message: see `outbound.judge`."""
        return outbound.judge(reply)


connector = PoliceConnector(load_manifest(__name__))
