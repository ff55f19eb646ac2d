"""The hub's answers over HTTP as JSON: a receipt, or a problem by RFC 9457 that says what to do."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from stafet_sdk.contract import Accepted, Outcome, Reply, Unavailable
from stafet_sdk.jsonobject import write_object

# RFC 9457 types that are ours and need no web address (RFC 4151).
PROBLEM: Final = "tag:stafet.cmm.dk,2026:problem/"


def worded(outcome: Outcome, challenge: str, allow: str = "POST") -> Reply:
    """Answer 202 with the receipt (the same for a repetition), 503, or a problem.

    A 401 has `challenge`, a 405 `allow`.
    """
    if isinstance(outcome, Accepted):
        said = {"message": outcome.message_id, "receipt": outcome.receipt}
        return _json(202, said, "application/json")
    if isinstance(outcome, Unavailable):
        detail = "nothing was accepted; send the same message again later"
        return problem(503, "unavailable", detail, more={"retry-after": str(outcome.retry_after)})
    more = {"www-authenticate": challenge} if outcome.status == HTTPStatus.UNAUTHORIZED else {}
    more |= {"allow": allow} if outcome.status == HTTPStatus.METHOD_NOT_ALLOWED else {}
    return problem(outcome.status, outcome.code, outcome.detail, outcome.fields, more)


def problem(
    status: int, code: str, detail: str, fields: tuple[str, ...] = (), more: Mapping[str, str] | None = None
) -> Reply:
    """Word a problem document; `fields` are named, `more` are headers."""
    said: dict[str, object] = {
        "type": PROBLEM + code,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if fields:
        said["errors"] = [{"pointer": "#/" + name.replace(".", "/"), "code": code} for name in fields]
    return _json(status, said, "application/problem+json", more)


def _json(status: int, said: Mapping[str, object], kind: str, more: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, {"content-type": kind, **(more or {})}, write_object(said))
