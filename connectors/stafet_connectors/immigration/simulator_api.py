"""The immigration service's HTTP API, as `openapi.yaml` has it: tokens, what the hub sends, what changed."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import parse_qsl

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stafet_connectors.immigration.mapping import PATHS
from stafet_connectors.immigration.simulator_book import TAKEN, Kept
from stafet_connectors.immigration.simulator_desk import Desk
from stafet_connectors.immigration.simulator_models import BODIES
from stafet_connectors.immigration.simulator_tokens import Issuer, TokenRefusedError
from stafet_connectors.immigration.wire import read_object, write

BASE: Final = "/v1"
MAX_BODY_BYTES: Final = 256 * 1024
MOST_ROWS: Final = 100
ID_LENGTHS: Final = range(8, 47)
WRITE, READ = "immigration.referral.write", "immigration.change.read"
STATUS_OF: Final = {
    **dict.fromkeys((40000, 60001), 400),
    **dict.fromkeys((40100, 40101), 401),
    40300: 403,
    **dict.fromkeys((60006, 60007, 60010, 60011), 404),
    40900: 409,
    41200: 412,
    50300: 503,
}
RETRY_AFTER_S: Final = 1

Handler = Callable[[Request], Awaitable[Response]]


class _Refused(Exception):  # noqa: N818 - an answer, by the name of what happens
    """The request is refused; `code` is of `codes.py`."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Api:
    """Answers requests whose connection has proved a certificate; `desk` decides what becomes of them.

    `stored` says that a repeated request gets its first answer again, in place of 412.
    """

    def __init__(self, desk: Desk, issuer: Issuer, now: Callable[[], datetime], *, stored: bool) -> None:
        self._desk = desk
        self._issuer = issuer
        self._now = now
        self._stored = stored

    def app(self) -> Starlette:
        """Make the ASGI application that the hub talks to."""
        routes = [Route("/oauth/token", self._token, methods=["POST"])]
        for part, path in PATHS.items():
            routes.append(self._route(path, WRITE, partial(self._take, part), "POST"))
        routes.append(self._route("/requests", WRITE, self._tell, "GET"))
        routes.append(self._route("/changes", READ, self._changes, "GET"))
        return Starlette(routes=routes)

    def _route(self, path: str, scope: str, handler: Handler, method: str) -> Route:
        async def guarded(request: Request) -> Response:
            try:
                self._check_token(request, scope)
                return await handler(request)
            except (_Refused, TokenRefusedError) as refused:
                self._desk.refused(refused.code)
                return _error(refused.code)

        return Route(BASE + path, guarded, methods=[method])

    async def _token(self, request: Request) -> Response:
        body = await _body(request)
        form = dict(parse_qsl(body.decode("latin-1")))
        status, answer = self._issuer.issue(form, request.state.client_certificate)
        self._desk.issued(status, self._issuer.issued)
        return Response(
            write(dict(answer)), status, {"content-type": "application/json", "cache-control": "no-store"}
        )

    def _check_token(self, request: Request, scope: str) -> None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer":
            raise TokenRefusedError(40100)
        self._issuer.check(token.strip(), request.state.client_certificate, scope)

    async def _take(self, part: str, request: Request) -> Response:
        request_id = _request_id(request)
        body = await _json(request, part)
        self._maybe_fail(request_id)
        digest = hashlib.sha256(write([part, body])).hexdigest()[:16]
        known = self._desk.book.requests.get(request_id)
        if known is not None:
            if known.digest != digest:
                raise _Refused(40900)
            self._desk.replayed(request_id)
            return self._again(request_id, known)
        kept = self._desk.take(request_id, part, digest, body)
        if self._desk.strikes("replay-412", request_id):
            # It was taken, and the answer is lost.
            request.state.hang_up()
        return _outcome(request_id, kept)

    def _again(self, request_id: str, known: Kept) -> Response:
        return _outcome(request_id, known) if self._stored else _error(41200)

    async def _tell(self, request: Request) -> Response:
        request_id = _request_id(request)
        kept = self._desk.book.requests.get(request_id)
        if kept is None:
            raise _Refused(60011)
        said = {"requestId": request_id, "originalStatus": kept.status, "errorCode": kept.code}
        return _reply(200, {name: value for name, value in said.items() if value is not None})

    async def _changes(self, request: Request) -> Response:
        since, skip, take = _asked(request)
        self._maybe_fail(str(request.query_params))
        rows = self._desk.page(since, skip, take)
        return _reply(200, {"items": rows, "asOf": self._now().isoformat()})

    def _maybe_fail(self, key: str) -> None:
        if self._desk.strikes("503-window", key):
            raise _Refused(50300)
        if self._desk.strikes("401-mid-batch", key):
            self._issuer.revoke_all()
            raise TokenRefusedError(40100)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise _Refused(40000)
    return bytes(body)


async def _json(request: Request, part: str) -> dict[str, object]:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        found = read_object(await _body(request))
        BODIES[part].model_validate(found)
    except (ValueError, ValidationError):
        raise _Refused(40000) from None
    if media_type != "application/json":
        raise _Refused(40000)
    return {name: value for name, value in found.items() if value is not None}


def _request_id(request: Request) -> str:
    found = request.headers.get("x-requestid", "")
    if len(found) not in ID_LENGTHS or not found.isascii() or not found.replace("-", "").isalnum():
        raise _Refused(60001)
    return found


def _asked(request: Request) -> tuple[datetime | None, int, int]:
    asked = request.query_params
    if set(asked) - {"since", "skip", "take"} or len(asked.multi_items()) != len(asked):
        raise _Refused(40000)
    since = asked.get("since")
    try:
        at = None if since is None else datetime.fromisoformat(since.upper())
        skip, take = (_number(asked.get(name, default)) for name, default in (("skip", "0"), ("take", "20")))
    except ValueError:
        raise _Refused(40000) from None
    if (at is not None and at.tzinfo is None) or not 0 < take <= MOST_ROWS:
        raise _Refused(40000)
    return at, skip, take


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError
    return int(text)


def _outcome(request_id: str, kept: Kept) -> Response:
    return _reply(TAKEN, {"requestId": request_id}) if kept.code is None else _error(kept.code)


def _error(code: int) -> Response:
    status = STATUS_OF[code]
    more: dict[str, str] = {}
    if status == 401:
        more["www-authenticate"] = 'Bearer error="invalid_token"'
    if status == 503:
        more["retry-after"] = str(RETRY_AFTER_S)
    return _reply(status, {"errorCode": code}, more)


def _reply(status: int, content: object, more: dict[str, str] | None = None) -> Response:
    return Response(write(content), status, {"content-type": "application/json", **(more or {})})
