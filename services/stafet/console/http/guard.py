"""Before and around every page: the operator's name and password, strict headers, pages for trouble."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import structlog
from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from stafet.console.http.bodies import RefusedError
from stafet.console.http.pages import Pages
from stafet.console.ports import StoreUnavailableError
from stafet.console.settings import ConsoleSettings
from stafet_runtime.failures import place_of

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}
FIND: Final = "/find"
"""The one form that a browser posts by itself, and whose trouble it shows."""
CHALLENGE: Final = {"WWW-Authenticate": 'Basic realm="Stafet console", charset="UTF-8"'}

_log = structlog.get_logger()


def operator_only(settings: ConsoleSettings) -> Callable[[Request], Awaitable[None]]:
    """Return the dependency that lets only the operator in (HTTP Basic, RFC 7617), in constant time."""
    expected = _digest(settings.operator), _digest(settings.password.get_secret_value())

    async def check(request: Request) -> None:
        operator, password = _credentials(request.headers.get("authorization", ""))
        named = hmac.compare_digest(_digest(operator), expected[0])
        proven = hmac.compare_digest(_digest(password), expected[1])
        if not (named and proven):
            raise HTTPException(401, headers=CHALLENGE)

    return check


def guarded_route(pages: Pages) -> type[APIRoute]:
    """Return the class of all routes: strict headers on every answer, a page with advice for trouble."""

    class GuardedRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            answer = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                response = await _answer(answer, request, pages)
                response.headers.update(SECURITY_HEADERS)
                return response

            return guarded

    return GuardedRoute


async def _answer(
    answer: Callable[[Request], Coroutine[Any, Any, Response]], request: Request, pages: Pages
) -> Response:
    path = request.url.path
    page = not path.endswith(".json") and (request.method != "POST" or path == FIND)
    try:
        return await answer(request)
    except HTTPException as error:
        return pages.problem(error.status_code, error.headers, page=page)
    except RequestValidationError:
        return pages.problem(400, page=page)
    except RefusedError as error:
        return error.response
    except StoreUnavailableError:
        _log.warning("console_without_database", service="console")
        return pages.problem(503, {"Retry-After": "5"}, page=page)
    except Exception as error:  # noqa: BLE001 - the operator gets a page, the log the place
        kind = type(error).__name__
        _log.error("console_page_failed", service="console", exception_type=kind, where=place_of(error))
        return pages.problem(500, page=page)


def _digest(text: str) -> bytes:
    """Hash, so that a comparison takes the same time for texts of any length."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()


def _credentials(header: str) -> tuple[str, str]:
    """Return name and password of a Basic header; empty ones, which never match, when there are none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "", ""
    operator, _, password = decoded.partition(":")
    return operator, password
