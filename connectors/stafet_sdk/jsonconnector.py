"""Connectors of agencies with plain JSON over HTTPS: all but their words, which are tables (`jsonwords`).

`JsonConnector` sends and takes by POST; `JsonPolled` sends by POST and asks for what the agency has to say.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final, cast
from urllib.parse import quote

from stafet_sdk.contract import Envelope, Outbound, Outcome, Page, Partner, Reply, Request
from stafet_sdk.doors import AT_HUB, Door
from stafet_sdk.draft import Draft, Release
from stafet_sdk.errors import ContractBroken, InboundRefused, MappingError
from stafet_sdk.jsonobject import NotJsonObjectError, read_object, write_object
from stafet_sdk.jsonwords import Words
from stafet_sdk.manifest import load_manifest
from stafet_sdk.problems import worded
from stafet_sdk.replies import judge_status

JSON: Final = "application/json"
MESSAGES: Final = "/messages"
"""Where below its endpoint a polled agency has what it says: `?after=CURSOR`, empty at first."""
MARK: Final = "fetched-by-us"
MOST_ITEMS: Final = 500

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
        return self._envelope(request.body, proven)

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

    def _envelope(self, body: bytes, proven: str | None) -> Envelope:
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


class JsonFetched(JsonConnector):
    """An agency whose messages the hub fetches; each is marked: the inbox for HTTP is open to strangers."""

    def keys_of_marks(self, partner: Partner) -> list[bytes]:
        """Give the secrets that a mark may be made by, the one for new marks first."""
        return partner.keys[self.door.own].split()

    def item(self, said: Mapping[str, object], partner: Partner) -> Request:
        """Make the message of an item."""
        body = write_object(said)
        return Request("ITEM", MESSAGES, {MARK: _mark(self.keys_of_marks(partner)[0], body)}, body)

    def accept(self, request: Request, partner: Partner, now: datetime, /) -> Envelope:
        """Check that we fetched it ourselves.

        Raises:
            InboundRefused: by code and status; fields are named, nothing of their values.
        """
        del now
        shown = request.headers.get(MARK, "").encode()
        known = [_mark(key, request.body).encode() for key in self.keys_of_marks(partner)]
        if not any(hmac.compare_digest(shown, each) for each in known):
            raise InboundRefused("not_fetched", "this agency's messages are fetched by the hub", status=401)
        return self._envelope(request.body, None)


class JsonPolled(JsonFetched):
    """An agency that is asked: `GET <endpoint>/messages?after=CURSOR`, answered by items, next and more.

    `items` are its messages, oldest first; `next` is the cursor after them; `more` says that more are ready.
    """

    def ask(self, cursor: str, partner: Partner, now: datetime, /) -> Outbound:
        """Ask for what comes after `cursor`."""
        proof = self.door.show("", b"", partner.keys[self.door.own], now)
        path = f"{MESSAGES}?after={quote(cursor, safe='')}"
        return Outbound({"accept": JSON, **proof}, b"", path, "GET")

    def page(self, reply: Reply, cursor: str, partner: Partner, now: datetime, /) -> Page:
        """Read the answer; every item is marked as fetched by us.

        Raises:
            DeliveryError: it is none, by the subclass that says what happens next.
        """
        del now
        self.read_reply(reply, partner)
        try:
            said = read_object(reply.body)
        except NotJsonObjectError:
            raise ContractBroken("unexpected_answer") from None
        items, following = said.get("items"), said.get("next", cursor)
        if not isinstance(items, list) or not isinstance(following, str):
            raise ContractBroken("unexpected_answer")
        found = cast("list[object]", items)
        if len(found) > MOST_ITEMS or not all(isinstance(each, dict) for each in found):
            raise ContractBroken("unexpected_answer")
        requests = tuple(self.item(cast("dict[str, object]", each), partner) for each in found)
        return Page(requests, following, said.get("more") is True)


def _mark(key: bytes, body: bytes) -> str:
    """Return what says that we fetched an item ourselves: nobody else can say it."""
    return hmac.new(key, b"fetched\0" + body, hashlib.sha256).hexdigest()


def _media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()
