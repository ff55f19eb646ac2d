"""A hotline as an agency, small but whole: what certification's own tests certify, here and out of the tree.

JSON over HTTPS both ways, signed by HMAC-SHA256 over the id of the envelope and the body. `secret` holds one
key per line: while a key changes, both.
"""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any, Final

from stafet_sdk.contract import Accepted, Envelope, Outbound, Outcome, Partner, Reply, Request, Unavailable
from stafet_sdk.draft import Draft, Release
from stafet_sdk.errors import ContractBroken, InboundRefused
from stafet_sdk.manifest import Manifest, load_manifest
from stafet_sdk.replies import judge_status
from tests.sdk.hotline import mapping

JSON: Final = {"content-type": "application/json"}


class HotlineConnector:
    """The hotline's side of the hub."""

    manifest: Manifest = load_manifest(__name__)

    def accept(self, request: Request, partner: Partner, now: datetime, /) -> Envelope:
        """Check the signature, then that there is an id."""
        del now
        shown = request.headers.get("x-signature", "")
        keys = partner.keys["secret"].split()
        if not any(hmac.compare_digest(shown, sign(key, request)) for key in keys):
            raise InboundRefused("signature_invalid", "sign by the agreed key", status=401)
        said = mapping.read(request.body)
        if not isinstance(said.get("id"), str):
            raise InboundRefused("invalid", "a message has an id", status=422, fields=("id",))
        content = json.dumps(said, sort_keys=True).encode()
        return Envelope(said["id"], content, "answer", request.headers.get("x-envelope", ""))

    def reply(self, outcome: Outcome, request: Request, partner: Partner, now: datetime, /) -> Reply:
        """Answer 202 with the receipt, 503, or the code of the refusal."""
        del request, partner, now
        match outcome:
            case Accepted():
                return _reply(202, {"receipt": outcome.receipt})
            case Unavailable():
                return _reply(503, {"code": "unavailable"}, {"retry-after": str(outcome.retry_after)})
            case InboundRefused():
                return _reply(outcome.status, {"code": outcome.code, "fields": list(outcome.fields)})

    def to_hub(self, body: bytes, partner: Partner, /) -> Draft:
        """Translate an answer."""
        del partner
        return mapping.to_answer(mapping.read(body))

    def from_hub(self, release: Release, partner: Partner, now: datetime, /) -> Outbound:
        """Compose a signed message."""
        del now
        body = json.dumps(mapping.to_data(release), ensure_ascii=False, sort_keys=True).encode()
        request = Request("POST", "", {"x-envelope": release.delivery}, body)
        key = partner.keys["secret"].split()[0]
        return Outbound({**JSON, **request.headers, "x-signature": sign(key, request)}, body)

    def read_reply(self, reply: Reply, partner: Partner, /) -> None:
        """Take any 2xx in JSON."""
        del partner
        judge_status(reply)
        if not reply.headers.get("content-type", "").startswith("application/json"):
            raise ContractBroken("unexpected_answer")


def sign(key: bytes, request: Request) -> str:
    """Sign the envelope's id and the body."""
    signed = request.headers.get("x-envelope", "").encode() + b"\n" + request.body
    return hmac.new(key, signed, hashlib.sha256).hexdigest()


def _reply(status: int, said: dict[str, Any], more: dict[str, str] | None = None) -> Reply:
    return Reply(status, {**JSON, **(more or {})}, json.dumps(said).encode())


connector: Final = HotlineConnector()
