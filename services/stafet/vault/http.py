"""The vault for services in other processes: three operations behind a token, and no value in any error."""

import hmac
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Final, TypeVar

from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from pydantic import BaseModel, ValidationError

from stafet_runtime.vaultport import DisclosureBlockedError, Vault, VaultUnavailableError
from stafet_runtime.vaultwire import (
    MAX_BODY_BYTES,
    PREFIX,
    OpenedWire,
    Problem,
    RegistrationWire,
    ReleaseRequestWire,
    ReleaseWire,
    SealedWire,
    StoredRecordWire,
    fields_of,
)

RETRY_AFTER_S: Final = 5
JSON: Final = "application/json"
Wire = TypeVar("Wire", bound=BaseModel)


class _DoesNotOpenError(Exception):
    """A sealed message that this vault cannot open; any other `ValueError` is a bug and answers 500."""


def router(vault: Vault, token: str) -> APIRouter:
    """Serve a vault below `/vault/v1`; each route wants `Authorization: Bearer <token>` before any body."""
    expected = f"Bearer {token}".encode()

    async def authorised(authorization: Annotated[str, Header()] = "") -> None:
        if not hmac.compare_digest(authorization.encode(), expected):
            raise HTTPException(401, "wrong or missing service token", {"WWW-Authenticate": "Bearer"})

    async def open_message(request: Request) -> Response:
        async def call(body: SealedWire) -> OpenedWire:
            try:
                return OpenedWire(raw=await vault.open_message(body.sealed, body.context))
            except ValueError:
                raise _DoesNotOpenError from None

        return await _answer(request, SealedWire, call)

    async def register(request: Request) -> Response:
        async def call(body: RegistrationWire) -> StoredRecordWire:
            return StoredRecordWire(stored=await vault.register(body.registration))

        return await _answer(request, RegistrationWire, call)

    async def release(request: Request) -> Response:
        async def call(body: ReleaseRequestWire) -> ReleaseWire:
            return ReleaseWire(release=await vault.release(body.request))

        return await _answer(request, ReleaseRequestWire, call)

    routes = APIRouter(prefix=PREFIX, dependencies=[Depends(authorised)])
    routes.add_api_route("/open", open_message, methods=["POST"])
    routes.add_api_route("/register", register, methods=["POST"])
    routes.add_api_route("/release", release, methods=["POST"])
    return routes


async def _answer(
    request: Request, kind: type[Wire], call: Callable[[Wire], Awaitable[BaseModel]]
) -> Response:
    body = await _read(request)
    if body is None:
        return _refuse(413, Problem(code="too_large", detail=f"the body is above {MAX_BODY_BYTES} bytes"))
    try:
        wanted = kind.model_validate_json(body)
    except ValidationError as error:
        # pydantic's own words repeat the input: only names of our own fields go back.
        return _refuse(422, Problem(code="malformed", detail="see fields", fields=fields_of(error, kind)))
    try:
        answer = await call(wanted)
    except DisclosureBlockedError as error:
        return _refuse(409, Problem(code="blocked", detail="the policy says no", reason=error.reason))
    except VaultUnavailableError as error:
        return _refuse(503, Problem(code="unavailable", detail=str(error)))
    except _DoesNotOpenError:
        return _refuse(
            400, Problem(code="does_not_open", detail="changed, or sealed for another vault or context")
        )
    return Response(answer.model_dump_json(), media_type=JSON)


async def _read(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


def _refuse(status: int, problem: Problem) -> Response:
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return Response(problem.model_dump_json(), status, headers, media_type=JSON)
