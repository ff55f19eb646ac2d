"""How the simulated police post a message: again and again until there is an answer."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

import httpx

from stafet_connectors.police.simulator_messages import Office, headers_of, read_answer
from stafet_sdk.errors import InboundRefused
from stafet_sdk.simulator import pauses, post

_AGAIN: Final = frozenset({408, 425, 429, 502, 503, 504})


async def until_answered(
    client: httpx.AsyncClient, office: Office, action: str, compose: Callable[[], bytes]
) -> httpx.Response:
    """Post until it is answered for good; `compose` writes the envelope anew for each attempt."""
    for pause in pauses():
        try:
            answer = await post(client, office.inbox, compose(), headers_of(action))
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code not in _AGAIN:
            return answer
        await asyncio.sleep(pause)
    raise AssertionError("the pauses never end")


def read_whole(body: bytes, office: Office, now: datetime) -> tuple[str, str]:
    """Read code and receipt of an answer; one that cannot be read has a code that says so."""
    try:
        return read_answer(body, office, now)
    except InboundRefused as refused:
        return f"answer_{refused.code}", ""
