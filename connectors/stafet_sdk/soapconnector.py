"""Connectors of agencies with plain words in SOAP 1.1: envelopes signed by WS-Security, all but the words.

The Body has one element `Message` whose children are the fields of `jsonwords`; a list repeats its field.
"""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Final, cast

from stafet_sdk.contract import Accepted, Envelope, Outbound, Outcome, Partner, Reply, Request, Unavailable
from stafet_sdk.draft import Draft, Release
from stafet_sdk.errors import ContractBroken, InboundRefused, MappingError, Refused, Retriable
from stafet_sdk.jsonconnector import JsonConnector
from stafet_sdk.jsonobject import write_object
from stafet_sdk.replies import judge_status, retry_after
from stafet_sdk.soap import (
    CONTENT_TYPE,
    Credentials,
    body_child,
    fault,
    read_fault,
    signed_envelope,
    unsigned_envelope,
)
from stafet_sdk.soapcheck import open_signed
from stafet_sdk.xml import Content, Element, grow, local_name, parse

HEADERS: Final = {"content-type": CONTENT_TYPE, "soapaction": '""'}
MESSAGE: Final = "Message"
TAKEN: Final = "Taken"
_BOOLEANS: Final = {"true": True, "false": False}


class SoapConnector(JsonConnector):
    """One agency's side of the hub; its namespace is `urn:stafet:<agency>`."""

    @property
    def namespace(self) -> str:
        """The namespace of all elements in a Body."""
        return f"urn:stafet:{self.manifest.agency}"

    def accept(self, request: Request, partner: Partner, now: datetime, /) -> Envelope:
        """Check the signature first, then that it is a message of a known type with an id.

        Raises:
            InboundRefused: by code and status; fields are named, nothing of their values.
        """
        if request.method != "POST":
            raise InboundRefused("method_not_allowed", "send messages by POST", status=405)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/xml":
            raise InboundRefused("unsupported_media_type", "SOAP 1.1 is text/xml", status=415)
        child = open_signed(parse(request.body), partner.keys["partner_certificate"], now)
        return self.envelope(write_object(self.read(child)), None)

    def reply(self, outcome: Outcome, request: Request, partner: Partner, now: datetime, /) -> Reply:
        """Answer 200 with the receipt (the same for a repetition), or a fault; 503 says when to come back."""
        del request, partner, now
        if isinstance(outcome, Accepted):
            taken: Content = {"message": outcome.message_id, "receipt": outcome.receipt}
            return Reply(200, HEADERS, unsigned_envelope(grow(self.namespace, TAKEN, taken)))
        if isinstance(outcome, Unavailable):
            later = {**HEADERS, "retry-after": str(outcome.retry_after)}
            return Reply(503, later, unsigned_envelope(fault("Server", "unavailable")))
        more = {"allow": "POST"} if outcome.status == HTTPStatus.METHOD_NOT_ALLOWED else {}
        problem = grow(self.namespace, "Problem", {"code": outcome.code, "field": outcome.fields})
        said = fault("Client", outcome.detail, problem)
        return Reply(outcome.status, {**HEADERS, **more}, unsigned_envelope(said))

    def to_hub(self, body: bytes, partner: Partner, /) -> Draft:
        """Translate an accepted message.

        Raises:
            MappingError: every missing and malformed field, by name.
        """
        del partner
        try:
            said = self.read(body_child(parse(body)))
        except InboundRefused as refused:
            raise MappingError(("body", refused.code)) from None
        return self.words.read(said)

    def from_hub(self, release: Release, partner: Partner, now: datetime, /) -> Outbound:
        """Compose the signed message of any part. Every attempt has the same Body.

        Raises:
            NoWord: a part or a status that the agency has no word for.
            ValueError: no part of the hub's (a bug of ours).
        """
        credentials = Credentials(partner.keys["hub_key"], partner.keys["hub_certificate"])
        return Outbound(HEADERS, signed_envelope(self.write(self.words.word(release)), credentials, now))

    def read_reply(self, reply: Reply, partner: Partner, /) -> None:
        """Take the answer `Taken`.

        Raises:
            DeliveryError: `soap_fault`, `soap_server_fault`, by status, or `unexpected_answer`.
        """
        del partner
        answer = _body_of(reply)
        found = None if answer is None else read_fault(answer)
        if found is not None and (reply.status == HTTPStatus.INTERNAL_SERVER_ERROR or reply.status < 300):
            if found.code == "Server":
                raise Retriable("soap_server_fault", retry_after=retry_after(reply.headers))
            raise Refused("soap_fault")
        judge_status(reply)
        if answer is None or answer.tag != f"{{{self.namespace}}}{TAKEN}":
            raise ContractBroken("unexpected_answer")

    def write(self, said: Mapping[str, object]) -> Element:
        """Write a message as an element."""
        return grow(self.namespace, MESSAGE, _content(said))

    def read(self, element: Element) -> dict[str, object]:
        """Read a message.

        Raises:
            InboundRefused: another element.
        """
        if element.tag != f"{{{self.namespace}}}{MESSAGE}":
            raise InboundRefused("malformed", f"the Body holds {MESSAGE} of {self.namespace}")
        return _fields(element)


def _content(value: object) -> Content:
    if isinstance(value, Mapping):
        return {name: _content(each) for name, each in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list):
        return tuple(_content(each) for each in cast("list[object]", value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fields(element: Element) -> dict[str, object]:
    found: dict[str, list[object]] = {}
    for child in element:
        text = child.text or ""
        value = _fields(child) if len(child) else _BOOLEANS.get(text, text)
        found.setdefault(local_name(child), []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _body_of(reply: Reply) -> Element | None:
    if reply.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/xml":
        return None
    try:
        return body_child(parse(reply.body))
    except InboundRefused:
        return None
