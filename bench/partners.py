"""Both partners' receiving sides as one process: they take what they get, and answer nothing further.

They check nothing and the police's signed answer is made once, so that what is measured is the hub.
`python -m bench.partners HOME REDCROSS_PORT POLICE_PORT`; ends at SIGTERM.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stafet_connectors.police.messages import receipt_response
from stafet_sdk.server import serve
from stafet_sdk.soap import CONTENT_TYPE, Credentials, signed_envelope


async def main(home: Path, redcross_port: int, police_port: int) -> None:
    """Serve both until cancelled."""
    own = home / "simulators"
    police = own / "police"
    credentials = Credentials((police / "key.pem").read_bytes(), (police / "certificate.pem").read_bytes())
    taken = signed_envelope(receipt_response(), credentials, datetime.now(UTC))

    def keys(agency: str) -> tuple[Path, Path]:
        return own / agency / "tls_certificate.pem", own / agency / "tls_key.pem"

    redcross = _sink(lambda: JSONResponse({"message": "received"}))
    receipts = _sink(lambda: Response(taken, headers={"content-type": CONTENT_TYPE}))
    async with (
        serve(redcross, "127.0.0.1", redcross_port, *keys("redcross")),
        serve(receipts, "127.0.0.1", police_port, *keys("police")),
    ):
        await asyncio.Event().wait()


def _sink(answer: Callable[[], Response]) -> Starlette:
    return Starlette(routes=[Route("/{path:path}", _taking(answer), methods=["POST"])])


def _taking(answer: Callable[[], Response]) -> Callable[[Request], Awaitable[Response]]:
    async def take(request: Request) -> Response:
        await request.body()
        return answer()

    return take


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
