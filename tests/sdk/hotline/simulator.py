"""The hotline as a process: takes what is pushed, and answers every notice that it was sent."""

import asyncio
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Final

import httpx
from starlette.applications import Starlette
from starlette.requests import Request as Incoming
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stafet_sdk.contract import Request
from stafet_sdk.faults import read_faults
from stafet_sdk.server import serve
from stafet_sdk.simulator import Record, SimulatorOptions, pauses, post, trusting_client
from tests.sdk.hotline import JSON, sign

SCRIPTS: Final[Mapping[str, int]] = dict.fromkeys(("busy", "html", "silent", "twice", "forged"), 100)
ANSWERS: Final[Mapping[str, Callable[[], Response]]] = {
    "busy": lambda: JSONResponse({}, 429, {"retry-after": "0"}),
    "html": lambda: Response("<html>", media_type="text/html"),
}


class Hotline:
    """Its state is its record."""

    def __init__(self, options: SimulatorOptions, client: httpx.AsyncClient, record: Record) -> None:
        self.options, self.client, self.record = options, client, record
        self.key = (options.own / "secret").read_bytes()
        self.faults = read_faults(options.faults, SCRIPTS)
        self.struck: set[str] = set()
        self.due: asyncio.Queue[str] = asyncio.Queue()
        answered = {str(entry["about"]) for entry in record.of("answered")}
        for entry in record.of("received"):
            if str(entry["about"]) not in answered:
                self.due.put_nowait(str(entry["about"]))

    async def take(self, incoming: Incoming) -> Response:
        """Take a message, unless a script strikes its first attempt."""
        body = await incoming.body()
        request = Request("POST", "", dict(incoming.headers), body)
        if not hmac.compare_digest(sign(self.key, request), request.headers.get("x-signature", "")):
            return JSONResponse({}, 401)
        said = json.loads(body)
        script = self.faults.striking(said["delivery"], self.options.seed)
        if script is not None and said["delivery"] not in self.struck:
            self.struck.add(said["delivery"])
            self.record.add("fault", script=script, delivery=said["delivery"])
            if script in ANSWERS:
                return ANSWERS[script]()
            if script == "silent":
                await asyncio.sleep(10)
        self.record.add("received", delivery=said["delivery"], about=said["about"])
        if said["part"] == "notice":
            self.due.put_nowait(said["about"])
        return JSONResponse({"taken": True})

    async def work(self) -> None:
        """Answer what is due, for ever."""
        while True:
            about = await self.due.get()
            body = json.dumps({"id": f"answer-{about}", "referral": about, "word": "taken"}).encode()
            if "forged" in self.faults:
                await self.send(body, b"a stranger's secret", about)
            for _ in range(2 if "twice" in self.faults else 1):
                await self.send(body, self.key, about)
            self.record.add("answered", about=about)

    async def send(self, body: bytes, key: bytes, envelope: str) -> None:
        """Post until the hub answers."""
        request = Request("POST", "", {**JSON, "x-envelope": envelope}, body)
        headers = {**request.headers, "x-signature": sign(key, request)}
        for pause in pauses():
            try:
                await post(self.client, self.options.inbox, body, headers)
            except httpx.TransportError:
                await asyncio.sleep(pause)
            else:
                return


async def run(options: SimulatorOptions) -> None:
    """Run until cancelled."""
    record = Record(options.record)
    async with trusting_client(options.home) as client:
        hotline = Hotline(options, client, record)
        app = Starlette(routes=[Route("/hook", hotline.take, methods=["POST"])])
        files = options.own / "tls_certificate.pem", options.own / "tls_key.pem"
        async with serve(app, options.host, options.port, *files) as port:
            record.add("listening", port=port)
            await hotline.work()
