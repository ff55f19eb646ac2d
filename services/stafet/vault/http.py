"""The vault for services in other processes: its operations behind a token, and no value in any error."""

import hmac
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Final, TypeVar

from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from pydantic import BaseModel, ValidationError

from stafet_runtime.vaultport import ConsentRefusedError, DisclosureBlockedError, Vault, VaultUnavailableError
from stafet_runtime.vaultwire import (
    MAX_BODY_BYTES,
    PREFIX,
    ConsentOrderWire,
    ConsentRecordWire,
    MandateQueryWire,
    MandateWire,
    OpenedWire,
    Problem,
    RegistrationWire,
    ReleaseRequestWire,
    ReleaseWire,
    SealedWire,
    SealKeyQueryWire,
    SealKeyWire,
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

    routes, calls = APIRouter(prefix=PREFIX, dependencies=[Depends(authorised)]), _Calls(vault)
    routes.add_api_route("/open", _endpoint(SealedWire, calls.open_message), methods=["POST"])
    routes.add_api_route("/seal-key", _endpoint(SealKeyQueryWire, calls.renew_seal_key), methods=["POST"])
    routes.add_api_route("/register", _endpoint(RegistrationWire, calls.register), methods=["POST"])
    routes.add_api_route("/consent", _endpoint(ConsentOrderWire, calls.record_consent), methods=["POST"])
    routes.add_api_route("/mandate", _endpoint(MandateQueryWire, calls.may_identify), methods=["POST"])
    routes.add_api_route("/release", _endpoint(ReleaseRequestWire, calls.release), methods=["POST"])
    return routes


class _Calls:
    """The vault's operations, from wire to wire."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def open_message(self, body: SealedWire) -> OpenedWire:
        try:
            return OpenedWire(raw=await self._vault.open_message(body.sealed, body.context))
        except ValueError:
            raise _DoesNotOpenError from None

    async def renew_seal_key(self, body: SealKeyQueryWire) -> SealKeyWire:
        return SealKeyWire(public=await self._vault.renew_seal_key(body.in_use))

    async def register(self, body: RegistrationWire) -> StoredRecordWire:
        return StoredRecordWire(stored=await self._vault.register(body.registration))

    async def record_consent(self, body: ConsentOrderWire) -> ConsentRecordWire:
        return ConsentRecordWire(record=await self._vault.record_consent(body.order))

    async def may_identify(self, body: MandateQueryWire) -> MandateWire:
        return MandateWire(identifies=await self._vault.may_identify(body.agency, body.on))

    async def release(self, body: ReleaseRequestWire) -> ReleaseWire:
        return ReleaseWire(release=await self._vault.release(body.request))


def _endpoint(
    kind: type[Wire], call: Callable[[Wire], Awaitable[BaseModel]]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await _answer(request, kind, call)

    return endpoint


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
    except (DisclosureBlockedError, ConsentRefusedError, VaultUnavailableError, _DoesNotOpenError) as error:
        return _refuse(*_problem(error))
    return Response(answer.model_dump_json(), media_type=JSON)


def _problem(error: Exception) -> tuple[int, Problem]:
    match error:
        case DisclosureBlockedError():
            return 409, Problem(code="blocked", detail="the policy says no", reason=error.reason)
        case ConsentRefusedError():
            return 409, Problem(code="consent_refused", detail="see problems", problems=error.problems)
        case VaultUnavailableError():
            return 503, Problem(code="unavailable", detail=str(error))
        case _:
            detail = "changed, or sealed for another vault or context"
            return 400, Problem(code="does_not_open", detail=detail)


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
