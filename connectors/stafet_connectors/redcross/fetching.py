"""What Red Cross fetches: the content of a referral, by a GET that it signs by RFC 9421. Pure.

`GET /agencies/redcross/deliveries/<delivery>`: the signature covers `@method` and `@target-uri` at least, and
its parameters are created, expires, keyid, nonce and tag. The answer is signed by the hub over its status,
its type, its digest and the request's method and address, with the request's nonce.
"""

import re
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from stafet_sdk.cloudevents_http import CONTENT_TYPE
from stafet_sdk.contract import Fetch, Partner, Reply, Request
from stafet_sdk.errors import InboundRefused
from stafet_sdk.httpsignatures import DIGEST, Message, SignatureRefusedError, digest, sign, verify

TAG: Final = "stafet"
ASKED: Final = ('"@method"', '"@target-uri"')
ANSWERED: Final = ('"@status"', '"content-type"', '"content-digest"', '"@method";req', '"@target-uri";req')

_PATH: Final = re.compile(r"/agencies/redcross/deliveries/([A-Za-z0-9-]{1,64})")
# It is kept until it expires, so it must not be long.
_NONCE: Final = re.compile(r"[A-Za-z0-9+/=_-]{16,64}")


def read_fetch(request: Request, partner: Partner, now: datetime) -> Fetch:
    """Check a request; which delivery it wants stands in what was signed.

    Raises:
        InboundRefused: by code and status.
    """
    if request.method != "GET":
        raise InboundRefused("method_not_allowed", "fetch by GET", status=405)
    path = _PATH.fullmatch(urlsplit(request.path).path)
    if path is None or urlsplit(request.path).query:
        raise InboundRefused("unknown_delivery", "nothing of this id waits here", status=404)
    try:
        proof = verify(
            partner.keys["partner_fetch_public"], message_of(request), request.body, ASKED, now, tag=TAG
        )
    except SignatureRefusedError as error:
        raise InboundRefused(error.code, error.detail, status=401) from None
    if not _NONCE.fullmatch(proof.nonce):
        detail = "the nonce is 16 to 64 of A-Z a-z 0-9 + / = _ -"
        raise InboundRefused("signature_invalid", detail, status=401)
    return Fetch(path[1], proof.nonce, proof.expires)


def answer(body: bytes, fetch: Fetch, request: Request, partner: Partner, now: datetime) -> Reply:
    """Sign the event that is handed over."""
    headers = {"content-type": CONTENT_TYPE, DIGEST: digest(body), "cache-control": "no-store"}
    message = Message(headers, status=200, request=message_of(request))
    signed = sign(partner.keys["fetch_private"], message, ANSWERED, now, nonce=fetch.nonce, tag=TAG)
    return Reply(200, {**headers, **signed}, body)


def message_of(request: Request) -> Message:
    """See a request as what is signed."""
    return Message(request.headers, request.method, request.path)
