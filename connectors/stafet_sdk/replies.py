"""How a partner's HTTP status reads: which of the delivery errors it is. Shared by all connectors over HTTP.

Source: RFC 9110 sections 10.2.3 (Retry-After) and 15 (status codes).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from stafet_sdk.contract import Reply
from stafet_sdk.errors import ContractBroken, NeedsAction, Refused, Retriable, Throttled

_AGAIN: Final = frozenset({408, 425})
_ACT: Final = frozenset({401, 403, 404, 410})
_LONGEST_NUMBER: Final = 9


def judge_status(reply: Reply) -> None:
    """Return for a 2xx status; the caller still has to read the body.

    Raises:
        Throttled: 429, with the partner's Retry-After in seconds where it gave one that can be read.
        Retriable: 408, 425 and 5xx, as `http_<status>`.
        NeedsAction: 401, 403, 404 and 410: certificate, key or address.
        ContractBroken: 3xx (`redirect`, never followed) and a status outside 200-599.
        Refused: any other 4xx.
    """
    status = reply.status
    cause = f"http_{status}"
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise ContractBroken("redirect")
    if status == 429:
        raise Throttled(cause, retry_after=retry_after(reply.headers))
    if status in _AGAIN or 500 <= status < 600:
        raise Retriable(cause, retry_after=retry_after(reply.headers))
    if status in _ACT:
        raise NeedsAction(cause)
    if 400 <= status < 500:
        raise Refused(cause)
    raise ContractBroken(cause)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Read Retry-After as seconds from `now`, never negative; None when it is absent or cannot be read.

    An HTTP date counts from `now` or, without a clock, from the answer's own `date` header. Header names are
    lower case.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text) if len(text) <= _LONGEST_NUMBER else None
    until = _http_date(text)
    start = now or _http_date(headers.get("date", ""))
    if until is None or start is None:
        return None
    return max(0.0, (until - start).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
