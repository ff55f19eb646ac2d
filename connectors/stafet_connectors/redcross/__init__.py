"""Red Cross: CloudEvents over HTTPS webhooks, signed with Ed25519 (Standard Webhooks), HTCDS 2.0 names.

Out: a notice with routing facts; after accepting that the content waits, which Red Cross then fetches; the
status of an answer or step that is of no use, or of a referral of its own; what may not be used (consent
withdrawn) or kept (case erased) any more; of which case time runs out, or what is proposed.
In: a referral; accepted, rejected, started, completed; consent withdrawn; a step of a case.
"""

import re
from datetime import datetime
from typing import Final

from stafet_connectors.redcross import fetching, mapping, referring, stepping
from stafet_sdk import webhooks
from stafet_sdk.cloudevents_http import CONTENT_TYPE, NotCloudEventError, PartnerEvent, build, parse
from stafet_sdk.contract import (
    Envelope,
    Fetch,
    Outbound,
    Outcome,
    Partner,
    Reply,
    Request,
    Waiting,
)
from stafet_sdk.draft import Draft, Release
from stafet_sdk.errors import ENDPOINT_CLOSED, ContractBroken, InboundRefused, MappingError, NeedsAction
from stafet_sdk.manifest import Manifest, load_manifest
from stafet_sdk.problems import worded
from stafet_sdk.replies import judge_status

_STATUS: Final = {"unsupported_media_type": 415, "malformed": 400, "invalid": 422}
# An id travels in events and tables, so it has a shape that a name or a sentence does not fit.
_MESSAGE_ID: Final = re.compile(r"[A-Za-z0-9:_-]{8,128}")
GONE: Final = 410
MOST_BYTES: Final = 20_000
"""Standard Webhooks: a payload is smaller than 20 kB."""
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})


class RedcrossConnector:
    """Red Cross's side of the hub.

    Needs of `partner.identifiers`: `source` (the CloudEvents source of its answers) and `hub_uuid`.
    """

    manifest: Manifest = load_manifest(__name__)

    def accept(self, request: Request, partner: Partner, now: datetime, /) -> Envelope:
        """Check signature first, then that it is an answer event from Red Cross's own source.

        Raises:
            InboundRefused: by code and status; fields are named, nothing of their values.
        """
        if request.method != "POST":
            raise InboundRefused("method_not_allowed", "send events by POST", status=405)
        signed_id = _verified(request, partner, now)
        try:
            event = parse(request.headers.get("content-type", ""), request.body)
        except NotCloudEventError as error:
            raise InboundRefused(
                error.code, error.detail, status=_STATUS[error.code], fields=error.fields
            ) from None
        if event.source != partner.identifiers["source"]:
            raise InboundRefused(
                "unknown_sender", "not the registered source", status=403, fields=("source",)
            )
        if event.type not in _TAKEN:
            known = ", ".join(_TAKEN)
            raise InboundRefused("unknown_action", f"send one of {known}", status=422, fields=("type",))
        if event.id != signed_id or not _MESSAGE_ID.fullmatch(event.id):
            detail = f"id is 8 to 128 of A-Z a-z 0-9 : _ - and the same as {webhooks.ID}"
            raise InboundRefused("invalid", detail, status=422, fields=("id",))
        return Envelope(event.id, build(event), event.type)

    def reply(self, outcome: Outcome, request: Request, partner: Partner, now: datetime, /) -> Reply:  # noqa: ARG002 - the protocol's shape
        """Answer 202 with the receipt (the same for a repetition), 503, or an RFC 9457 problem."""
        fetched = request.path.partition("?")[0].rpartition("/")[0].endswith("/deliveries")
        challenge = f'Signature tag="{fetching.TAG}"' if fetched else 'StandardWebhooks version="v1a"'
        return worded(outcome, challenge, "GET" if fetched else "POST")

    def to_hub(self, body: bytes, partner: Partner, /) -> Draft:  # noqa: ARG002 - the protocol's shape
        """Translate an accepted referral, answer or step, or word that consent was withdrawn.

        Raises:
            MappingError: every missing and malformed field, by name.
        """
        try:
            event = parse(CONTENT_TYPE, body)
        except NotCloudEventError as error:
            raise MappingError(*((name, error.code) for name in error.fields or ("body",))) from None
        if event.type == referring.SUBMITTED:
            return referring.to_referral(event.data)
        if event.type == stepping.STEP:
            return stepping.to_step(event.data)
        if event.type in mapping.CONSENTS:
            return mapping.to_consent(event.type, event.data)
        if event.type not in mapping.ANSWERS:
            raise MappingError(("type", "unknown"))
        return mapping.to_answer(event.type, event.data)

    def from_hub(self, release: Release, partner: Partner, now: datetime, /) -> Outbound:
        """Compose the signed event of any part. Every attempt has the same body and id.

        Raises:
            NoWord: a status that Red Cross's protocol cannot say.
            NeedsAction: `payload_too_large`.
            ValueError: no part of the hub's (a bug of ours).
        """
        return _signed(_event(release, partner), partner, now)

    def thin(self, part: str, /) -> bool:
        """Say that values of a person are fetched, never sent."""
        return part == "content"

    def notify(self, waiting: Waiting, partner: Partner, now: datetime, /) -> Outbound:
        """Compose the signed event that something waits, under the id of its delivery."""
        event = PartnerEvent(
            id=waiting.delivery,
            source=_source(partner),
            type=mapping.WAITING,
            data=mapping.to_waiting(waiting),
            subject=waiting.referral,
        )
        return _signed(event, partner, now)

    def read_fetch(self, request: Request, partner: Partner, now: datetime, /) -> Fetch:
        """Check the signature of a GET.

        Raises:
            InboundRefused: by code and status.
        """
        return fetching.read_fetch(request, partner, now)

    def hand_over(
        self, release: Release, fetch: Fetch, request: Request, partner: Partner, now: datetime, /
    ) -> Reply:
        """Answer with the event of the release, with its digest and the hub's signature."""
        return fetching.answer(build(_event(release, partner)), fetch, request, partner, now)

    def read_reply(self, reply: Reply, partner: Partner, /) -> None:  # noqa: ARG002 - the protocol's shape
        """Take any 2xx that is not a web page.

        Raises:
            NeedsAction: ENDPOINT_CLOSED for 410 (Standard Webhooks): Red Cross wants no more.
            DeliveryError: by status; a page in place of an answer is `html_answer`.
        """
        if reply.status == GONE:
            raise NeedsAction(ENDPOINT_CLOSED)
        judge_status(reply)
        if reply.headers.get("content-type", "").partition(";")[0].strip().lower() in _HTML:
            raise ContractBroken("html_answer")


connector: Final = RedcrossConnector()

_TAKEN: Final = (referring.SUBMITTED, *mapping.ANSWERS, *mapping.CONSENTS, stepping.STEP)


def _source(partner: Partner) -> str:
    return f"urn:uuid:{partner.identifiers['hub_uuid']}"


def _event(release: Release, partner: Partner) -> PartnerEvent:
    return PartnerEvent(
        id=release.delivery,
        source=_source(partner),
        type=mapping.TYPES.get(release.part, ""),
        data=mapping.to_data(release),
        subject=release.referral,
    )


def _signed(event: PartnerEvent, partner: Partner, now: datetime) -> Outbound:
    body = build(event)
    if len(body) >= MOST_BYTES:
        raise NeedsAction("payload_too_large")
    signature = webhooks.sign(partner.keys["webhook_private"], event.id, now, body)
    return Outbound({"content-type": CONTENT_TYPE, **signature}, body)


def _verified(request: Request, partner: Partner, now: datetime) -> str:
    try:
        return webhooks.verify(partner.keys["partner_webhook_public"], request.headers, request.body, now)
    except webhooks.WebhookRefusedError as error:
        raise InboundRefused(error.code, error.detail, status=401) from None
