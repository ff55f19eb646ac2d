"""How Red Cross sends an event: signed anew at each attempt, until the hub takes or refuses it."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx

from stafet_connectors.redcross.simulator_faults import SKEW_S
from stafet_sdk import webhooks
from stafet_sdk.cloudevents_http import CONTENT_TYPE
from stafet_sdk.contract import Reply
from stafet_sdk.errors import DeliveryError, NeedsAction, Retriable
from stafet_sdk.faults import Faults
from stafet_sdk.replies import judge_status
from stafet_sdk.simulator import Record, SimulatorOptions, pauses, post

STAGE: Final = 5
"""So many events are signed with the old key, then with both, then with the new one (script rotation)."""


class Mail:
    """Sends events to the hub's inbox."""

    def __init__(
        self, options: SimulatorOptions, client: httpx.AsyncClient, record: Record, faults: Faults
    ) -> None:
        self._options = options
        self._client = client
        self._record = record
        self._faults = faults
        self._old = _read(options.own / "webhook_private")
        self._new = _read(options.own / "webhook_private_next") if "rotation" in faults else ""
        self._sent = sum(1 for _ in record.of("answered"))

    async def send(self, event_id: str, body: bytes) -> Reply:
        """Send until the hub takes it or refuses this very event."""
        self._sent += 1
        if self._faults.strikes("clock-skew", event_id, self._options.seed):
            wrong = await self._attempt(event_id, body, timedelta(seconds=SKEW_S))
            self._record.add("skewed", event=event_id, status=None if wrong is None else wrong.status)
        return await self.until_heard(event_id, body)

    async def until_heard(self, event_id: str, body: bytes) -> Reply:
        """Try again with pauses; a refusal of our credentials is waited out, too."""
        refused: set[int] = set()
        for pause in pauses():
            reply = await self._attempt(event_id, body)
            wait = pause
            if reply is not None:
                try:
                    judge_status(reply)
                except (Retriable, NeedsAction) as error:
                    wait = pause if error.retry_after is None else error.retry_after
                    if isinstance(error, NeedsAction) and reply.status not in refused:
                        refused.add(reply.status)
                        self._record.add("answer_held", event=event_id, status=reply.status)
                except DeliveryError:
                    return reply
                else:
                    return reply
            await asyncio.sleep(wait)
        raise AssertionError("pauses never end")

    async def _attempt(self, event_id: str, body: bytes, skew: timedelta = timedelta()) -> Reply | None:
        signature = webhooks.sign(self._keys(), event_id, datetime.now(UTC) + skew, body)
        try:
            answer = await post(
                self._client, self._options.inbox, body, {"content-type": CONTENT_TYPE, **signature}
            )
        except httpx.TransportError:
            return None
        return Reply(answer.status_code, dict(answer.headers), answer.content)

    def _keys(self) -> str:
        if not self._new or self._sent <= STAGE:
            return self._old
        return f"{self._old}\n{self._new}" if self._sent <= 2 * STAGE else self._new


def receipt_of(reply: Reply) -> str | None:
    """Read the hub's receipt; None if there is none."""
    try:
        return str(json.loads(reply.body)["receipt"])
    except (ValueError, KeyError, TypeError):
        return None


def _read(path: Path) -> str:
    return path.read_text(encoding="ascii").strip()
