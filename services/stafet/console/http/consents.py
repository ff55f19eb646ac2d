"""What an operator records of consent: JSON in, JSON out, and problem documents that name fields (RFC 9457).

A form of another site cannot send JSON, so nobody can be led to record something by a link.
"""

from collections.abc import Sequence
from typing import Final

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from stafet.console.ports import ConsentDesk
from stafet_runtime.clock import Ids
from stafet_runtime.vaultport import ConsentOrder, ConsentRefusedError, VaultUnavailableError

MAX_BODY_BYTES: Final = 16_000
OPERATOR: Final = "operator"
AGAIN: Final = "idempotency-key"
"""The header that makes a repeated request the same statement."""
RETRY: Final = {"Retry-After": "5"}

Texts = tuple[str, ...]


class Statement(BaseModel):
    """The body: see `stafet_runtime.vaultport.ConsentOrder` for what the fields mean."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    statement: str
    basis: str = "consent"
    consent: str | None = None
    recipients: Texts = ()
    purposes: Texts = ()
    groups: Texts = ()
    at: AwareDatetime | None = None
    until: AwareDatetime | None = None
    language: str | None = None
    interpreter: bool = False
    how: str | None = None
    law: str | None = Field(default=None, max_length=300)
    by: str | None = Field(default=None, max_length=300)


class ConsentViews:
    """The one route; `desk` is None where this console was given no way to the vault."""

    def __init__(self, desk: ConsentDesk | None, ids: Ids) -> None:
        self._desk = desk
        self._ids = ids

    async def record(self, case: str, request: Request) -> Response:
        """Record a statement about a case; 200 with what changed, nothing if it stands so already."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return _problem(415, "Send JSON", "Set the content type application/json.")
        body = await _read(request)
        if body is None:
            return _problem(413, "That is too long", f"A statement has at most {MAX_BODY_BYTES} bytes.")
        try:
            said = Statement.model_validate_json(body)
        except ValidationError as error:
            return _refused(
                [(_name(each["loc"]), "missing, unknown or malformed") for each in error.errors()]
            )
        message = request.headers.get(AGAIN) or self._ids.new()
        return await self._tell(ConsentOrder(agency=OPERATOR, message=message, case=case, **dict(said)))

    async def _tell(self, order: ConsentOrder) -> Response:
        if self._desk is None:
            advice = "Give this console STAFET_VAULT_URL and the vault's token, or use `stafet consent`."
            return _problem(503, "This console has no way to the vault", advice)
        try:
            record = await self._desk.record_consent(order)
        except ConsentRefusedError as refused:
            return _refused(refused.problems)
        except VaultUnavailableError:
            advice = "Nothing was recorded. Try again in a few seconds; if it stays, run `stafet doctor`."
            return _problem(503, "The vault does not answer", advice, headers=RETRY)
        return JSONResponse({"case": record.case, "consents": list(record.consents)})


async def _read(request: Request) -> bytes | None:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return body


def _refused(problems: Sequence[tuple[str, str]]) -> Response:
    errors = [{"pointer": f"#/{field}", "detail": problem} for field, problem in problems]
    return _problem(422, "It cannot be recorded so", "See errors; nothing was recorded.", errors=errors)


def _name(path: tuple[int | str, ...]) -> str:
    """Name a field of ours; what else was sent may be named after anybody."""
    return str(path[0]) if path and path[0] in Statement.model_fields else ""


def _problem(
    status: int,
    title: str,
    detail: str,
    *,
    errors: Sequence[dict[str, str]] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    body: dict[str, object] = {"title": title, "status": status, "detail": detail}
    if errors:
        body["errors"] = list(errors)
    return JSONResponse(body, status, headers, media_type="application/problem+json")
