"""Connectors of agencies with plain JSON whose messages the hub fetches: marked as such, or asked for."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Final, cast
from urllib.parse import quote

from stafet_sdk.contract import Envelope, Outbound, Page, Partner, Reply, Request
from stafet_sdk.errors import ContractBroken, InboundRefused
from stafet_sdk.jsonconnector import JSON, JsonConnector
from stafet_sdk.jsonobject import NotJsonObjectError, read_object, write_object

MESSAGES: Final = "/messages"
"""Where below its endpoint a polled agency has what it says: `?after=CURSOR`, empty at first."""
MARK: Final = "fetched-by-us"
MOST_ITEMS: Final = 500


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
        return self.envelope(request.body, None)


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
