"""Where agencies fetch what they were told of: no body to speak of, answered in each one's own protocol."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Depends, Response
from fastapi import Request as HttpRequest
from starlette.requests import ClientDisconnect

from stafet_runtime.failures import place_of
from stafet_sdk.contract import Reply, Request
from stafet_sdk.problems import problem

HandOver = Callable[[Request, str], Awaitable[Reply | None]]

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""All but what the agency's protocol has are refused by its connector, in the partner's own words."""
MOST_BYTES: Final = 4096
BODY_S: Final = 5.0

_log = structlog.get_logger()


def router(hand_over: HandOver) -> APIRouter:
    """Serve `/agencies/{agency}/deliveries/{delivery}`; who really asks, the connector finds out."""

    async def asked(request: HttpRequest) -> Request | None:
        body = await _body(request)
        return (
            None if body is None else Request(request.method, str(request.url), dict(request.headers), body)
        )

    async def delivery(agency: str, request: Annotated[Request | None, Depends(asked)]) -> Response:
        if request is None:
            return _problem(413, "too_large", "a request for a delivery has no body to speak of")
        try:
            reply = await hand_over(request, agency)
        except Exception as error:  # noqa: BLE001 - the agency gets an answer, the log the place
            kind = type(error).__name__
            _log.error("fetch_failed", service="dispatch", exception_type=kind, where=place_of(error))
            return _problem(500, "internal", "the hub failed: ask again later")
        if reply is None:
            return _problem(404, "unknown_agency", "no agency of this name fetches here")
        if reply.status >= 400:
            _log.warning("fetch_refused", service="dispatch", agency=agency, status=reply.status)
        return Response(reply.body, reply.status, dict(reply.headers))

    routes = APIRouter(dependencies=[Depends(asked)])
    path = "/agencies/{agency}/deliveries/{delivery}"
    routes.add_api_route(path, delivery, methods=[*METHODS], response_model=None)
    return routes


async def _body(request: HttpRequest) -> bytes | None:
    """Read the body; None if it is too large, too slow or cut off."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    return None
    except (TimeoutError, ClientDisconnect):
        return None
    return bytes(body)


def _problem(status: int, code: str, detail: str) -> Response:
    said = problem(status, code, detail, more={"connection": "close"})
    return Response(said.body, said.status, dict(said.headers))
