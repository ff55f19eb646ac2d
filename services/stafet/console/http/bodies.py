"""JSON in, and problem documents that name fields (RFC 9457), never values.

A form of another site cannot send JSON, so nobody can be led to record something by a link.
"""

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError

from stafet_schemas.said import named

MAX_BODY_BYTES: Final = 16_000
AGAIN: Final = "idempotency-key"
"""The header that makes a repeated request the same statement."""

Body = TypeVar("Body", bound=BaseModel)


class RefusedError(Exception):
    """It was not recorded; `response` says why."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"status {response.status_code}")
        self.response = response


async def read_body(model: type[Body], request: Request) -> Body:
    """Read a request's JSON.

    Raises:
        RefusedError: it is no JSON (415), too long (413), or not of this shape (422).
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusedError(problem(415, "Send JSON", "Set the content type application/json."))
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            detail = f"A statement has at most {MAX_BODY_BYTES} bytes."
            raise RefusedError(problem(413, "That is too long", detail))
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        raise RefusedError(refused(named(error, model))) from None


def refused(problems: Sequence[tuple[str, str]]) -> Response:
    """Answer 422 with the fields that cannot stand."""
    errors = [{"pointer": f"#/{field}", "detail": detail} for field, detail in problems]
    return problem(422, "It cannot be recorded so", "See errors; nothing was recorded.", errors=errors)


def problem(
    status: int,
    title: str,
    detail: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with a problem document."""
    body: dict[str, object] = {"title": title, "status": status, "detail": detail}
    if errors:
        body["errors"] = list(errors)
    return JSONResponse(body, status, dict(headers or {}), media_type="application/problem+json")
