"""Both partners' receiving sides as one process: they take what they get, and answer nothing further.

`python -m bench.partners HOME REDCROSS_PORT POLICE_PORT`; ends at SIGTERM.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from stafet_connectors.police.simulator_receipts import Receipts
from stafet_sdk.server import serve
from stafet_sdk.simulator import Record
from stafet_sdk.soap import Credentials


async def main(home: Path, redcross_port: int, police_port: int) -> None:
    """Serve both until cancelled."""
    own = home / "simulators"
    police = own / "police"
    receipts = Receipts(
        Record(home / "police" / "record.jsonl"),
        Credentials((police / "key.pem").read_bytes(), (police / "certificate.pem").read_bytes()),
        (police / "hub_certificate.pem").read_bytes(),
        (),
        lambda: datetime.now(UTC),
    )
    redcross = Starlette(routes=[Route("/webhook", take, methods=["POST"])])

    def keys(agency: str) -> tuple[Path, Path]:
        return own / agency / "tls_certificate.pem", own / agency / "tls_key.pem"

    async with (
        serve(redcross, "127.0.0.1", redcross_port, *keys("redcross")),
        serve(receipts.app(), "127.0.0.1", police_port, *keys("police")),
    ):
        await asyncio.Event().wait()


async def take(request: Request) -> JSONResponse:
    """Take one webhook."""
    await request.body()
    return JSONResponse({"message": "received"})


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
