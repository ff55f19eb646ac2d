"""The connector of an agency with plain JSON over HTTPS: all but its words, which are tables."""

import re
from datetime import datetime
from typing import Final

from stafet_sdk.contract import Envelope, Outbound, Outcome, Partner, Reply, Request
from stafet_sdk.doors import AT_HUB, Door
from stafet_sdk.draft import Draft, Release
from stafet_sdk.errors import ContractBroken, InboundRefused, MappingError
from stafet_sdk.jsonobject import NotJsonObjectError, read_object, write_object
from stafet_sdk.jsonwords import Words
from stafet_sdk.manifest import load_manifest
from stafet_sdk.problems import worded
from stafet_sdk.replies import judge_status

JSON: Final = "application/json"

# An id travels in events and tables, so it has a shape that a name or a sentence does not fit.
_MESSAGE_ID: Final = re.compile(r"[A-Za-z0-9:_-]{8,128}")
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})


class JsonConnector:
    """One agency's side of the hub; `package` is the folder with its manifest, given as `__name__`."""

    def __init__(self, package: str, words: Words, door: Door) -> None:
        self.manifest = load_manifest(package)
        self.words = words
        self.door = door

    def accept(self, request: Request, partner: Partner, now: datetime, /) -> Envelope:
        """Check the proof first, then that it is a message of a known type with an id.

        Raises:
            InboundRefused: by code and status; fields are named, nothing of their values.
        """
        if request.method != "POST":
            raise InboundRefused("method_not_allowed", "send messages by POST", status=405)
        proven = self.door.check(request, partner.keys[AT_HUB + self.door.known], now)
        if _media_type(request.headers.get("content-type", "")) != JSON:
            raise InboundRefused("unsupported_media_type", f"send {JSON} in UTF-8", status=415)
        return self.envelope(request.body, proven)

    def reply(self, outcome: Outcome, request: Request, partner: Partner, now: datetime, /) -> Reply:
        """Answer 202 with the receipt (the same for a repetition), 503, or an RFC 9457 problem."""
        del request, partner, now
        return worded(outcome, self.door.challenge)

    def to_hub(self, body: bytes, partner: Partner, /) -> Draft:
        """Translate an accepted message.

        Raises:
            MappingError: every missing and malformed field, by name.
        """
        del partner
        try:
            return self.words.read(read_object(body))
        except NotJsonObjectError:
            raise MappingError(("body", "malformed")) from None

    def from_hub(self, release: Release, partner: Partner, now: datetime, /) -> Outbound:
        """Compose the message of any part, proven. Every attempt has the same body and id.

        Raises:
            NoWord: a part or a status that the agency has no word for.
            ValueError: no part of the hub's (a bug of ours).
        """
        body = write_object(self.words.word(release))
        proof = self.door.show(release.delivery, body, partner.keys[self.door.own], now)
        return Outbound({"content-type": JSON, **proof}, body)

    def read_reply(self, reply: Reply, partner: Partner, /) -> None:
        """Take any 2xx that is not a web page.

        Raises:
            DeliveryError: by status; a page in place of an answer is `html_answer`.
        """
        del partner
        judge_status(reply)
        if _media_type(reply.headers.get("content-type", "")) in _HTML:
            raise ContractBroken("html_answer")

    def envelope(self, body: bytes, proven: str | None) -> Envelope:
        """Check that an authentic message is whole; `proven` is the id that was proven with it, if one was.

        Raises:
            InboundRefused: no JSON object, of no known type, or without an id.
        """
        try:
            said = read_object(body)
        except NotJsonObjectError as error:
            raise InboundRefused("malformed", str(error)) from None
        kind, name = said.get(self.words.name("type")), self.words.name("id")
        if not isinstance(kind, str) or kind not in self.words.kinds:
            known = ", ".join(sorted(self.words.kinds))
            field = self.words.name("type")
            raise InboundRefused("unknown_action", f"send one of {known}", status=422, fields=(field,))
        message = said.get(name)
        sound = isinstance(message, str) and _MESSAGE_ID.fullmatch(message)
        if not isinstance(message, str) or not sound or proven not in {None, message}:
            detail = f"{name} is 8 to 128 of A-Z a-z 0-9 : _ - and the one that is signed"
            raise InboundRefused("invalid", detail, status=422, fields=(name,))
        return Envelope(message, write_object(said), kind)


def _media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()
