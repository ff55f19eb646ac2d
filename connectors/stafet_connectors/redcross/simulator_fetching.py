"""How Red Cross fetches what the hub has told it of: a GET of its own signature, until there is an answer."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import httpx

from stafet_connectors.redcross.fetching import ANSWERED, ASKED, TAG
from stafet_sdk.cloudevents_http import NotCloudEventError, PartnerEvent, parse
from stafet_sdk.contract import Reply
from stafet_sdk.errors import DeliveryError, NeedsAction, Retriable
from stafet_sdk.httpsignatures import Message, SignatureRefusedError, sign, verify
from stafet_sdk.replies import judge_status
from stafet_sdk.simulator import Record, SimulatorOptions, get, pauses

AT_ONCE: Final = 8
GONE: Final = 410

Came = Callable[[str, PartnerEvent], None]


class Fetcher:
    """Fetches deliveries; `came` is called with each that came and its event."""

    def __init__(
        self, options: SimulatorOptions, client: httpx.AsyncClient, record: Record, came: Came
    ) -> None:
        self._options = options
        self._client = client
        self._record = record
        self._came = came
        self._private = (options.own / "fetch_private").read_text(encoding="ascii")
        self._hub_public = (options.own / "hub_fetch_public").read_text(encoding="ascii")
        self._due: asyncio.Queue[str] = asyncio.Queue()
        self._busy: set[str] = set()

    def wake(self, delivery: str) -> None:
        """Fetch a delivery, unless that is under way."""
        if delivery not in self._busy:
            self._busy.add(delivery)
            self._due.put_nowait(delivery)

    async def work(self) -> None:
        """Fetch what is due, for ever."""
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._worker())

    async def _worker(self) -> None:
        while True:
            delivery = await self._due.get()
            await self._fetch(delivery)
            self._busy.discard(delivery)

    async def _fetch(self, delivery: str) -> None:
        """Ask until the hub hands it over, or says for good that it will not."""
        held = False
        for pause in pauses():
            request = self._request(delivery)
            reply = await self._attempt(request)
            wait = pause
            if reply is not None:
                try:
                    self._take(delivery, request, reply)
                except (Retriable, NeedsAction) as error:
                    if reply.status in {404, GONE}:
                        return self._record.add("gone", delivery=delivery, status=reply.status)
                    wait = pause if error.retry_after is None else error.retry_after
                    if isinstance(error, NeedsAction) and not held:
                        held = True
                        self._record.add("fetch_held", delivery=delivery, status=reply.status)
                except (DeliveryError, SignatureRefusedError, NotCloudEventError) as error:
                    code = error.cause if isinstance(error, DeliveryError) else error.code
                    return self._record.add("refused", code=code)
                else:
                    return None
            await asyncio.sleep(wait)
        return None

    def _request(self, delivery: str) -> Message:
        bare = Message({}, "GET", self._options.delivery(delivery))
        nonce = secrets.token_urlsafe(18)
        headers = sign(self._private, bare, ASKED, datetime.now(UTC), nonce=nonce, tag=TAG)
        return Message(headers, bare.method, bare.url)

    async def _attempt(self, request: Message) -> Reply | None:
        try:
            answer = await get(self._client, request.url, request.headers)
        except httpx.TransportError:
            return None
        return Reply(answer.status_code, dict(answer.headers), answer.content)

    def _take(self, delivery: str, request: Message, reply: Reply) -> None:
        """Take an answer that the hub has signed for this very request."""
        judge_status(reply)
        message = Message(reply.headers, status=reply.status, request=request)
        verify(self._hub_public, message, reply.body, ANSWERED, datetime.now(UTC), tag=TAG)
        event = parse(reply.headers.get("content-type", ""), reply.body)
        if event.id != delivery:
            raise NotCloudEventError("invalid", "another delivery than asked for", ("id",))
        self._came(delivery, event)
