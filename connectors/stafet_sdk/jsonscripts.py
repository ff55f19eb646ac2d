"""Fault scripts of simulated agencies with plain JSON over HTTPS."""

from collections.abc import Callable, Mapping
from typing import Final

from starlette.responses import JSONResponse, Response

SCRIPTS: Final = {"busy": 100, "down": 100, "html": 100, "redirect": 100, "gone": 100, "silent": 100}
"""Strikes of the receiving side: the first attempt of a delivery, in percent."""
SENDING: Final = {"twice": 100, "forged": 100}
"""Strikes of the side that posts to the inbox; a polled agency has none."""
SPOILT: Final[Mapping[str, Callable[[], Response]]] = {
    "busy": lambda: JSONResponse({"code": "busy"}, 429, {"retry-after": "1"}),
    "down": lambda: JSONResponse({"code": "down"}, 503),
    "html": lambda: Response("<html><body>Velkommen</body></html>", media_type="text/html"),
    "redirect": lambda: Response(status_code=302, headers={"location": "/login"}),
    "gone": lambda: JSONResponse({"code": "gone"}, 410),
}
