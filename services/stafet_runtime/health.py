"""Health for whoever supervises a process: `/health/live` says it runs, `/health/ready` that it can work.

Answers anybody, on a port of its own, and says up or down, ages and counts: nothing of any message.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from stafet_runtime.database import DATABASE_DOWN, Database
from stafet_runtime.relay import Relay
from stafet_runtime.subscriber import Runner

OLDEST_POLL_S: Final = 30.0
"""A consumer asks the broker many times a second; this long without means that it hangs or is cut off."""
DATABASE_ANSWER_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Watched:
    """One service of this process, with what keeps it going; `runner` is None if it consumes nothing."""

    name: str
    database: Database
    relay: Relay
    runner: Runner | None

    async def report(self) -> dict[str, object]:
        """Say whether it is `ready`, and why not: database, assignment, age of last poll, outbox."""
        depth = await self._outbox_depth()
        age = self.runner.last_poll_age_s(time.time() * 1000) if self.runner else None
        consuming = self.runner is None or (age is not None and age < OLDEST_POLL_S)
        return {
            "ready": depth is not None and consuming and self.relay.healthy,
            "database": depth is not None,
            "publishing": self.relay.healthy,
            "outbox": depth,
            "consuming": consuming,
            "assigned": self.runner.assigned if self.runner else None,
            "last_poll_age_s": None if age is None else round(age, 3),
        }

    async def _outbox_depth(self) -> int | None:
        try:
            async with asyncio.timeout(DATABASE_ANSWER_S):
                return await self.relay.depth()
        except DATABASE_DOWN:
            return None


def health_router(watched: Sequence[Watched]) -> APIRouter:
    """Serve the two addresses for the services of this process."""

    async def live() -> JSONResponse:
        return JSONResponse({"live": True})

    async def ready() -> JSONResponse:
        reports = await asyncio.gather(*(each.report() for each in watched))
        fine = all(each["ready"] for each in reports)
        services = {each.name: report for each, report in zip(watched, reports, strict=True)}
        return JSONResponse({"ready": fine, "services": services}, 200 if fine else 503)

    router = APIRouter(prefix="/health")
    router.add_api_route("/live", live, methods=["GET"], response_model=None)
    router.add_api_route("/ready", ready, methods=["GET"], response_model=None)
    return router
