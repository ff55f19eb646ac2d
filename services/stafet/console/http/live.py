"""Server-sent events (WHATWG HTML, 9.2): a word that something changed; the page then fetches itself anew."""

from collections.abc import AsyncIterator
from typing import Final

from stafet.console.ports import Feed

MEDIA_TYPE: Final = "text/event-stream"
HEADERS: Final = {"X-Accel-Buffering": "no"}
GREETING: Final = "retry: 2000\n: connected\n\n"
CHANGED: Final = "event: changed\ndata: fetch\n\n"
SILENCE: Final = ": nothing new\n\n"


async def stream(feed: Feed, case: str | None, heartbeat_s: float) -> AsyncIterator[str]:
    """Yield the text of one live stream; a comment after a silence keeps proxies from closing it."""
    yield GREETING
    async for changed in feed.changes(case, heartbeat_s):
        yield CHANGED if changed else SILENCE
