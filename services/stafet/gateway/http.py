"""Where partners post their messages: bounded in size and time, answered in each partner's own protocol."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Depends, Response
from fastapi import Request as HttpRequest
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from stafet.gateway.ports import Sender
from stafet.gateway.settings import GatewaySettings
from stafet_runtime.clock import Clock
from stafet_runtime.failures import place_of
from stafet_sdk.contract import Accepted, Answered, Outcome, Request
from stafet_sdk.errors import InboundRefused
from stafet_sdk.problems import problem
from stafet_sdk.server import client_certificate

Accept = Callable[[Request, Sender], Awaitable[Outcome | Answered]]

METHODS: Final = ("POST", "GET", "PUT", "PATCH", "DELETE")
"""All but POST are refused, but by the connector: in the partner's own words."""
UNREAD: Final = {"connection": "close"}
"""Goes with an answer given before the body was read: the rest is not wanted, so the connection ends."""

LINGER_S: Final = 1.0

_log = structlog.get_logger()


class LastWord(Response):
    """An answer given before the body was read; it ends the connection.

    What is still coming is dropped for a moment, at most `linger_bytes` of it: a connection that is closed
    over unread bytes is reset, and the answer is lost with it (RFC 9112 section 9.6).
    """

    linger_bytes: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say it, listen a moment longer, hang up."""
        del scope
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        await send(start)
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                await self._drop(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _drop(self, receive: Receive) -> None:
        dropped = 0
        while dropped <= self.linger_bytes:
            message = await receive()
            dropped += len(message.get("body", b""))
            if not message.get("more_body", False):
                return


def router(
    senders: Mapping[str, Sender], accept: Accept, clock: Clock, settings: GatewaySettings
) -> APIRouter:
    """Serve `/agencies/{agency}/inbox` for the configured agencies."""

    async def sender_of(agency: str) -> Sender | None:
        # Who it really is, the connector finds out from the signature.
        return senders.get(agency)

    async def inbox(request: HttpRequest, sender: Annotated[Sender | None, Depends(sender_of)]) -> Response:
        if sender is None:
            return _problem(404, "unknown_agency", "no agency of this name may send here", settings)
        try:
            return await receive(request, sender, accept=accept, clock=clock, settings=settings)
        except Exception as error:  # noqa: BLE001 - the sender gets an answer, the log the place
            kind, agency = type(error).__name__, sender.partner.agency
            _log.error(
                "receive_failed", service="gateway", agency=agency, exception_type=kind, where=place_of(error)
            )
            return _problem(500, "internal", "the hub failed: send the same message again later", settings)

    routes = APIRouter(dependencies=[Depends(sender_of)])
    routes.add_api_route("/agencies/{agency}/inbox", inbox, methods=[*METHODS], response_model=None)
    return routes


async def receive(
    request: HttpRequest, sender: Sender, *, accept: Accept, clock: Clock, settings: GatewaySettings
) -> Response:
    """Read a message within its bounds, have it accepted or refused, and answer in the sender's protocol."""
    shown = client_certificate(request.scope)
    given = Request(request.method, request.url.path, dict(request.headers), b"", shown)
    unread = False
    try:
        body = await _body(request, settings)
    except InboundRefused as refused:
        outcome: Outcome | Answered = refused
        unread = True
    else:
        given = replace(given, body=body)
        outcome = await accept(given, sender)
    if isinstance(outcome, Answered):
        return Response(outcome.reply.body, outcome.reply.status, dict(outcome.reply.headers))
    reply = sender.connector.reply(outcome, given, sender.partner, clock.now())
    if not isinstance(outcome, Accepted):
        _log_refusal(outcome, sender.partner.agency, reply.status)
    if unread:
        return _last_word(reply.body, reply.status, reply.headers, settings)
    return Response(reply.body, reply.status, dict(reply.headers))


async def _body(request: HttpRequest, settings: GatewaySettings) -> bytes:
    """Read the body, no further than to its bounds.

    Raises:
        InboundRefused: `too_large`, `timeout`, or `incomplete` when the sender hung up.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > settings.max_body_bytes:
        raise _too_large(settings)
    body = bytearray()
    try:
        async with asyncio.timeout(settings.body_seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > settings.max_body_bytes:
                    raise _too_large(settings)
    except TimeoutError:
        detail = f"not whole within {settings.body_seconds:g} seconds"
        raise InboundRefused("timeout", detail, status=408) from None
    except ClientDisconnect:
        raise InboundRefused("incomplete", "the connection ended within the body") from None
    return bytes(body)


def _too_large(settings: GatewaySettings) -> InboundRefused:
    return InboundRefused("too_large", f"more than {settings.max_body_bytes} bytes", status=413)


def _log_refusal(outcome: Outcome, agency: str, status: int) -> None:
    code = outcome.code if isinstance(outcome, InboundRefused) else "unavailable"
    _log.warning("refused", service="gateway", agency=agency, code=code, status=status)


def _last_word(body: bytes, status: int, headers: Mapping[str, str], settings: GatewaySettings) -> Response:
    word = LastWord(body, status, {**headers, **UNREAD})
    word.linger_bytes = 2 * settings.max_body_bytes
    return word


def _problem(status: int, code: str, detail: str, settings: GatewaySettings) -> Response:
    said = problem(status, code, detail)
    return _last_word(said.body, said.status, said.headers, settings)
