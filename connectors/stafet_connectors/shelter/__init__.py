"""Shelters: tables over SFTP, with trigger files, technical and business receipts.

Out: a request (notice with routing facts, content after accepting, withdrawal, erasure, alert) as CSV of one
row; what became of a row that was of no use.
In: how many places each unit has, every night; what became of placements.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from stafet_connectors.shelter import mapping, receipts
from stafet_connectors.shelter.tables import read_table, write_table
from stafet_sdk.contract import (
    Accepted,
    Drop,
    Envelope,
    Outbound,
    Outcome,
    Partner,
    Reply,
    Request,
    Unavailable,
)
from stafet_sdk.draft import AnswerDraft, CapacityDraft, Release
from stafet_sdk.errors import ContractBroken, InboundRefused, MappingError
from stafet_sdk.manifest import Manifest, load_manifest
from stafet_sdk.replies import judge_status
from stafet_sdk.trigger import Routing, Trigger, build_trigger, read_trigger

ROW: Final = "ROW"
"""The method of a row. No HTTP request has it."""
SIGNATURE: Final = "row-signature"
AHEAD: Final = timedelta(hours=1)
"""So far may a shelter's clock be ahead; a time beyond it would stay the newest for ever."""


class ShelterConnector:
    """The shelters' side of the hub.

    Needs of `partner.identifiers`: `sender` (who sends files, as their trigger files say) and `hub_cvr`.
    """

    manifest: Manifest = load_manifest(__name__)

    def unpack(self, drop: Drop, partner: Partner, now: datetime, /) -> tuple[Request, ...]:  # noqa: ARG002 - the protocol's shape
        """Make a message of each row, named by the file's own id and the row's number.

        Raises:
            InboundRefused: sender, id, name, form or columns of the file are not as agreed.
        """
        trigger = read_trigger(drop.trigger)
        if trigger.sender != partner.identifiers["sender"]:
            raise InboundRefused(
                "unknown_sender", "not the registered sender", status=403, fields=("Sender",)
            )
        sent, feed = mapping.file_id(trigger.file_id), mapping.feed_of(drop.name)
        table = read_table(drop.name, drop.body)
        mapping.check_columns(feed, table)
        return tuple(row_request(mapping.row_body(feed, sent, row), partner) for row in table.rows)

    def receipts(
        self,
        drop: Drop,
        outcomes: Sequence[Outcome] | InboundRefused,
        partner: Partner,
        now: datetime,
        /,
    ) -> tuple[Outbound, ...]:
        """Word the technical receipt, and if the file could be read, the business receipt and all rows.

        None as long as rows could not be taken: the file comes again. What they say is the same for a file
        that was sent twice.
        """
        if isinstance(outcomes, InboundRefused):
            return receipts.refused(drop, outcomes)
        if any(isinstance(each, Unavailable) for each in outcomes):
            return ()
        return receipts.taken(drop, self.unpack(drop, partner, now), outcomes, partner)

    def accept(self, request: Request, partner: Partner, now: datetime, /) -> Envelope:
        """Check that a row came out of a file, and that all of it can be read.

        Raises:
            InboundRefused: by code; columns are named, nothing of their cells.
        """
        if request.method != ROW:
            raise InboundRefused("method_not_allowed", "shelters send files, by SFTP", status=405)
        signature = request.headers.get(SIGNATURE, "")
        if not any(hmac.compare_digest(signature, each) for each in _signatures(request.body, partner)):
            raise InboundRefused("signature_invalid", "this is no row of a file", status=401)
        try:
            feed, name, _ = mapping.read_row(request.body)
            draft = mapping.to_draft(request.body)
        except MappingError as error:
            fields = tuple(dict.fromkeys(field for field, _ in error.problems))
            detail = "; ".join(f"{field}: {problem}" for field, problem in error.problems)
            raise InboundRefused(receipts.INVALID, detail, status=422, fields=fields) from None
        if isinstance(draft, CapacityDraft) and draft.at > now + AHEAD:
            raise InboundRefused("in_the_future", "check the clock", status=422, fields=("reported_at",))
        return Envelope(name, request.body, feed)

    def reply(self, outcome: Outcome, request: Request, partner: Partner, now: datetime, /) -> Reply:  # noqa: ARG002 - the protocol's shape
        """Word an outcome for whoever asked by HTTP; a shelter reads `receipts` instead."""
        if isinstance(outcome, Accepted):
            return _json(202, {"message": outcome.message_id, "receipt": outcome.receipt})
        if isinstance(outcome, Unavailable):
            later = {"retry-after": str(outcome.retry_after)}
            return _json(503, {"code": "unavailable", "detail": "nothing was accepted"}, later)
        said = {"code": outcome.code, "detail": outcome.detail, "fields": list(outcome.fields)}
        return _json(outcome.status, said)

    def to_hub(self, body: bytes, partner: Partner, /) -> CapacityDraft | AnswerDraft:  # noqa: ARG002 - the protocol's shape
        """Translate an accepted row.

        Raises:
            MappingError: every missing and malformed cell, by column.
        """
        return mapping.to_draft(body)

    def from_hub(self, release: Release, partner: Partner, now: datetime, /) -> Outbound:  # noqa: ARG002 - the protocol's shape
        """Compose a request as CSV with its trigger file, or a receipt; the same bytes on every attempt.

        Raises:
            NoWord: a status that is not about a row of no use.
            ValueError: no part of the hub's (a bug of ours).
        """
        if release.part == "status":
            return receipts.status(release, partner)
        cells = mapping.to_cells(release)
        body = write_table(list(cells), [list(cells.values())])
        name = f"request_{release.delivery}.csv"
        trigger = Trigger(
            file_name=name,
            size=len(body),
            sender=partner.identifiers["hub_cvr"],
            file_id=release.delivery,
            recipients=(partner.identifiers["sender"],),
            routing=Routing(transaction=release.delivery),
        )
        return Outbound(
            {"content-type": self.manifest.content_type}, body, name, "PUT", build_trigger(trigger)
        )

    def read_reply(self, reply: Reply, partner: Partner, /) -> None:  # noqa: ARG002 - the protocol's shape
        """Take that the file lies at the shelter; a server of files says nothing more.

        Raises:
            DeliveryError: by status; words where none belong are `unexpected_answer`.
        """
        judge_status(reply)
        if reply.body:
            raise ContractBroken("unexpected_answer")


connector: Final = ShelterConnector()


def row_request(body: bytes, partner: Partner) -> Request:
    """Make the message of a row; the signature says that it came out of a file that was fetched.

    The inbox for HTTP is open to strangers: what they post must not pass for a row.
    """
    return Request(ROW, "", {SIGNATURE: _signatures(body, partner)[-1]}, body)


def _signatures(body: bytes, partner: Partner) -> list[str]:
    """Sign by our own key and each host key that is pinned: what came from a server ends with its key."""
    pinned = partner.keys["known_hosts"].splitlines() or [b""]
    keys = [hashlib.sha256(b"\0".join((b"row", partner.keys["ssh_key"], line))).digest() for line in pinned]
    return [hmac.new(key, body, "sha256").hexdigest() for key in keys]


def _json(status: int, content: Mapping[str, object], more: dict[str, str] | None = None) -> Reply:
    body = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    return Reply(status, {"content-type": "application/json", **(more or {})}, body)
