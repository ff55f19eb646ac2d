"""What may go wrong at Red Cross: scripts that spoil the first attempt of a delivery, or what it sends.

Receiving: flaky, html, redirect, slow-29s, throttled, gone. Sending: clock-skew (six minutes off, then
right), duplicate-id (other content under an id that was taken), out-of-order (an answer before its turn),
rotation (the old key, then both, then the new one).
"""

from collections.abc import Mapping
from typing import Final

from starlette.responses import JSONResponse, Response

KNOWN: Final[Mapping[str, int]] = {
    "flaky": 5,
    "html": 100,
    "redirect": 100,
    "slow-29s": 100,
    "throttled": 100,
    "gone": 100,
    "clock-skew": 100,
    "duplicate-id": 100,
    "out-of-order": 100,
    "rotation": 100,
}
SENDING: Final = frozenset({"clock-skew", "duplicate-id", "out-of-order", "rotation"})
SLOW: Final = "slow-29s"
SLOW_S: Final = 29.0
SKEW_S: Final = 360
RETRY_AFTER_S: Final = 2


def faulty(script: str, *, first: bool) -> Response:
    """Answer as a script has it; `first` chooses one of two answers of a flaky one."""
    if script == "html":
        return Response("<html><body>Velkommen</body></html>", media_type="text/html")
    if script == "redirect":
        return Response(status_code=302, headers={"location": "/login"})
    if script == "gone":
        return JSONResponse({"code": "gone"}, 410)
    if script == "throttled":
        return JSONResponse({"code": "busy"}, 429, {"retry-after": str(RETRY_AFTER_S)})
    if first:
        return JSONResponse({"code": "error"}, 500)
    return JSONResponse({"code": "busy"}, 429, {"retry-after": "1"})
