"""The Red Cross coming for what it was told of: signed requests to dispatch's own routes."""

import itertools
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from stafet_connectors.redcross.fetching import ASKED, TAG
from stafet_connectors.redcross.samples import RK_FETCH_PRIVATE
from stafet_sdk.httpsignatures import DIGEST, Message, digest, sign
from tests.fakes.vault import FakeVault
from tests.services.dispatch.hub import Hub, Partners
from tests.services.dispatch.samples import Case, cases

BASE = "https://hub.example:8443"
_nonces = itertools.count(1)


class Fetcher:
    """Asks by HTTP; each request has a fresh nonce unless one is given."""

    def __init__(self, hub: Hub, client: httpx.AsyncClient) -> None:
        self._hub = hub
        self._client = client

    async def get(self, delivery: str, agency: str = "redcross", **signing: Any) -> httpx.Response:  # noqa: ANN401 - see `headers`
        """Fetch a delivery."""
        url = f"{BASE}/agencies/{agency}/deliveries/{delivery}"
        return await self._client.get(url, headers=self.headers(url, **signing))

    async def send(self, url: str, method: str, headers: dict[str, str], body: bytes = b"") -> httpx.Response:
        """Ask in any way."""
        return await self._client.request(method, url, headers=headers, content=body)

    def headers(
        self,
        url: str,
        *,
        private: str = RK_FETCH_PRIVATE,
        nonce: str = "",
        late_s: float = 0,
        lifetime_s: int = 300,
        tag: str = TAG,
        method: str = "GET",
        body: bytes = b"",
    ) -> dict[str, str]:
        """Sign a request."""
        carried = {DIGEST: digest(body)} if body else {}
        covered = (*ASKED, *(f'"{each}"' for each in carried))
        at: datetime = self._hub.clock.now() + timedelta(seconds=late_s)
        nonce = nonce or f"nonce-of-the-test-{next(_nonces)}"
        message = Message(carried, method, url)
        return carried | sign(private, message, covered, at, nonce=nonce, tag=tag, lifetime_s=lifetime_s)


@asynccontextmanager
async def coming(hub: Hub) -> AsyncGenerator[Fetcher]:
    """Open the way to dispatch's routes."""
    assert hub.service.router is not None
    app = FastAPI(openapi_url=None)
    app.include_router(hub.service.router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        yield Fetcher(hub, client)


async def told_of(hub: Hub, vault: FakeVault) -> tuple[Case, str]:
    """Have the content of an accepted referral wait for the Red Cross; return the case and its delivery."""
    (case,) = await cases(vault, 1)
    routed = case.routed("content")
    await hub.take([case.submitted(), case.accepted(), routed])
    await hub.until_tried(1)
    return case, routed.id


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Name a refusal: its status and code."""
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, json.loads(answer.content)["code"]


def bodies(partners: Partners) -> list[dict[str, Any]]:
    """Read the events that were sent to the Red Cross."""
    return [json.loads(request.partition(b"\r\n\r\n")[2]) for request in partners.redcross.requests]
