"""Immigration service: REST with JSON, OAuth 2.0 tokens bound to the TLS client certificate, polled changes.

Out: a notice, the content after accepting (for a formal assessment), how far its own referrals came, and what
may not be used or kept any more; each under a request id that stays the same on every attempt.
In, by asking what changed: answers, decisions and their reversal, persons whom it suspects to be victims.
"""

from datetime import datetime
from typing import Final

from stafet_connectors.immigration import items, mapping
from stafet_connectors.immigration.codes import ERRORS
from stafet_connectors.immigration.polling import CHANGES, Cursor, read_page
from stafet_connectors.immigration.wire import message_id, read_object, write
from stafet_sdk.contract import (
    Accepted,
    Envelope,
    Outbound,
    Outcome,
    Page,
    Partner,
    Reply,
    Request,
    Unavailable,
)
from stafet_sdk.draft import Draft, Release
from stafet_sdk.errors import ContractBroken, InboundRefused
from stafet_sdk.manifest import Manifest, load_manifest
from stafet_sdk.replies import judge_status, retry_after

JSON: Final = "application/json"
REQUEST_ID: Final = "x-requestId"
LONGEST_ID: Final = 46
REQUESTS: Final = "/requests"
"""Where is told what became of a request, by its id in the header."""

REPLAY: Final = "replay"
STORED: Final = "stored"
"""Of the identifier REPLAY: a repeated request gets its first answer again. Without it, HTTP 412."""

_REPLAYED: Final = 412
_ORIGINAL: Final = "originalStatus"


class ImmigrationConnector:
    """The immigration service's side of the hub.

    May have of `partner.identifiers`: `replay`, and what the transport needs for tokens.
    """

    manifest: Manifest = load_manifest(__name__)

    def ask(self, cursor: str, partner: Partner, now: datetime, /) -> Outbound:  # noqa: ARG002 - the protocol's shape
        """Ask for what changed."""
        return Outbound({"accept": JSON}, b"", Cursor.read(cursor).path(), "GET")

    def page(self, reply: Reply, cursor: str, partner: Partner, now: datetime, /) -> Page:  # noqa: ARG002 - the protocol's shape
        """Read what changed.

        Raises:
            DeliveryError: by status and error code; `malformed_page` and `unsorted_page`.
        """
        _judge(reply)
        return read_page(reply.body, cursor)

    def accept(self, request: Request, partner: Partner, now: datetime, /) -> Envelope:  # noqa: ARG002 - the protocol's shape
        """Name an item by its id and version. Who it is from, the connection it was fetched over has proved.

        Raises:
            InboundRefused: it was not fetched, or is no item; nothing of its values is told.
        """
        if request.path != CHANGES:
            raise InboundRefused("not_here", "changes are fetched from you, nothing is sent here", status=405)
        try:
            item = read_object(request.body)
        except ValueError as error:
            raise InboundRefused("malformed", str(error)) from None
        name = message_id(item)
        if name is None:
            raise InboundRefused("invalid", "no id and version", status=422, fields=("itemId", "version"))
        kind = str(item.get("type"))
        content = {key: item.get(key) for key in ("itemId", "version", "type", items.DATA)}
        return Envelope(name, write(content), kind if kind in items.READERS else "")

    def reply(self, outcome: Outcome, request: Request, partner: Partner, now: datetime, /) -> Reply:  # noqa: ARG002 - the protocol's shape
        """Word what became of an item, for whoever posts one by mistake and for the record."""
        if isinstance(outcome, Accepted):
            return _json(200, {"itemId": outcome.message_id, "receipt": outcome.receipt})
        if isinstance(outcome, Unavailable):
            return _json(503, {"error": "unavailable"}, {"retry-after": str(outcome.retry_after)})
        more = {"allow": ""} if outcome.status == 405 else {}
        said = {"error": outcome.code, "detail": outcome.detail, "fields": list(outcome.fields)}
        return _json(outcome.status, said, more)

    def to_hub(self, body: bytes, partner: Partner, /) -> Draft:  # noqa: ARG002 - the protocol's shape
        """Translate an item.

        Raises:
            MappingError: every missing and malformed field, by name.
        """
        return items.to_draft(body)

    def from_hub(self, release: Release, partner: Partner, now: datetime, /) -> Outbound:  # noqa: ARG002 - the protocol's shape
        """Compose the request of any part. Every attempt has the same body and request id.

        Raises:
            NoWord: a status that the service's protocol cannot say.
            ValueError: a bug of ours: no part of the hub's, or an id that is too long for the header.
        """
        body = write(mapping.to_data(release))
        if len(release.delivery) > LONGEST_ID:
            raise ValueError(f"a request id of more than {LONGEST_ID} characters")
        headers = {"content-type": JSON, "accept": JSON, REQUEST_ID: release.delivery}
        return Outbound(headers, body, mapping.PATHS[release.part])

    def look_up(self, reply: Reply, outbound: Outbound, partner: Partner, /) -> Outbound | None:
        """Ask what became of a request that is answered by no more than that it came before."""
        if reply.status != _REPLAYED or partner.identifiers.get(REPLAY) == STORED:
            return None
        headers = {"accept": JSON, REQUEST_ID: outbound.headers[REQUEST_ID]}
        return Outbound(headers, b"", REQUESTS, "GET")

    def read_reply(self, reply: Reply, partner: Partner, /) -> None:  # noqa: ARG002 - the protocol's shape
        """Take any 2xx in JSON; of a request that was looked up, what it was answered with at first.

        Raises:
            DeliveryError: by status and error code (`codes.py`); any other answer is `no_json`.
        """
        _judge(reply)
        said = _read(reply)
        first = said.get(_ORIGINAL)
        if first is not None:
            if not isinstance(first, int):
                raise ContractBroken("malformed_answer")
            _judge(Reply(first, {"content-type": JSON}, reply.body))


connector: Final = ImmigrationConnector()


def _judge(reply: Reply) -> None:
    """Judge by the error code, where there is one that is known; else by the status."""
    if reply.status >= 400:
        code = _error_code(reply)
        if code is not None and code in ERRORS:
            kind, cause = ERRORS[code]
            raise kind(cause, retry_after=retry_after(reply.headers))
    judge_status(reply)
    if reply.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise ContractBroken("no_json")


def _error_code(reply: Reply) -> int | None:
    try:
        code = read_object(reply.body).get("errorCode")
    except ValueError:
        return None
    return code if isinstance(code, int) else None


def _read(reply: Reply) -> dict[str, object]:
    try:
        return read_object(reply.body)
    except ValueError:
        raise ContractBroken("malformed_answer") from None


def _json(status: int, content: object, more: dict[str, str] | None = None) -> Reply:
    return Reply(status, {"content-type": JSON, **(more or {})}, write(content))
