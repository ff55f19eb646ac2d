"""What may go wrong at Red Cross: scripts that spoil the first attempt of a delivery."""

from typing import Final

from starlette.responses import JSONResponse, Response

_PERCENT: Final = {"flaky": 5, "html": 100, "redirect": 100, "slow": 100, "gone": 100}


def read_faults(names: tuple[str, ...]) -> dict[str, int]:
    """Read fault scripts `name` or `name:percent` (of first attempts).

    Raises:
        ValueError: a script this simulator does not know.
    """
    found: dict[str, int] = {}
    for each in names:
        name, _, percent = each.partition(":")
        if name not in _PERCENT:
            raise ValueError(f"unknown fault script {name}: choose of {', '.join(_PERCENT)}")
        found[name] = int(percent) if percent else _PERCENT[name]
    return found


def faulty(script: str, *, first: bool) -> Response:
    """Answer as a script has it; `first` chooses one of two answers of a flaky one."""
    if script == "html":
        return Response("<html><body>Velkommen</body></html>", media_type="text/html")
    if script == "redirect":
        return Response(status_code=302, headers={"location": "/login"})
    if script == "gone":
        return JSONResponse({"code": "gone"}, 410)
    if first:
        return JSONResponse({"code": "error"}, 500)
    return JSONResponse({"code": "busy"}, 429, {"retry-after": "1"})
