"""The console's pages: a list of cases and one page per case, for operators only; and what they record.

Serve the router at the root of its listener: the pages' links are absolute paths.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse

from stafet.console.domain.tree import chains
from stafet.console.http.consents import ConsentViews
from stafet.console.http.guard import FIND, guarded_route, operator_only
from stafet.console.http.live import HEADERS, MEDIA_TYPE, stream
from stafet.console.http.pages import Pages, asset
from stafet.console.http.reports import ReportViews
from stafet.console.http.views import SEPARATOR, attention_json, capacities_json, case_json, list_json
from stafet.console.ports import CaseSummary, Feed, Page, Traces
from stafet.console.settings import ConsoleSettings
from stafet_runtime.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

MAX_FORM_BYTES: Final = 2_000
MAX_REFERENCE: Final = 200

Reference = Annotated[str, Path(max_length=MAX_REFERENCE)]
Before = Annotated[str, Query(max_length=MAX_REFERENCE + 40)]
Show = Annotated[str, Query(max_length=20)]


@dataclass(frozen=True, slots=True)
class Recording:
    """What an operator may record here."""

    consents: ConsentViews
    reports: ReportViews


def console_router(
    traces: Traces, feed: Feed, clock: Clock, settings: ConsoleSettings, recording: Recording
) -> APIRouter:
    """Return the console's routes, all behind the operator's name and password.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: no time zone data for `settings.timezone`.
    """
    pages = Pages(settings.timezone, clock)
    router = APIRouter(dependencies=[Depends(operator_only(settings))], route_class=guarded_route(pages))
    views = _Views(traces, feed, pages, settings)
    # `:path`: what somebody asks for may hold a slash.
    # Such a path also matches what comes after the slash: the case's own page stands last.
    routes: dict[str, Callable[..., Awaitable[Response]]] = {
        "/": views.newest,
        "/cases.json": views.newest_json,
        "/capacity": views.capacity,
        "/capacity.json": views.capacity_json,
        "/now": views.now,
        "/now.json": views.now_json,
        "/live": views.live,
        "/static/{name}": views.static,
        "/referrals/{referral:path}": views.referral,
        "/cases/{case:path}/events.json": views.events_json,
        "/cases/{case:path}/live": views.case_live,
        "/cases/{case:path}": views.case_page,
    }
    for path, view in routes.items():
        router.add_api_route(path, view, include_in_schema=False, response_model=None)
    reports = recording.reports
    posted: dict[str, Callable[..., Awaitable[Response]]] = {
        FIND: views.find,
        "/cases/{case:path}/consents.json": recording.consents.record,
        "/cases/{case:path}/steps": reports.step,
        "/contacts": reports.contact,
        "/contacts/{contact}/steps": reports.contact_step,
        "/operations": reports.operation,
        "/capacity-queries": reports.capacity_query,
    }
    for path, view in posted.items():
        router.add_api_route(path, view, methods=["POST"], include_in_schema=False, response_model=None)
    return router


class _Views:
    """One method per route."""

    def __init__(self, traces: Traces, feed: Feed, pages: Pages, settings: ConsoleSettings) -> None:
        self._traces = traces
        self._feed = feed
        self._pages = pages
        self._settings = settings

    async def newest(self, before: Before = "", show: Show = "all") -> Response:
        page = self._page(before, show)
        return self._pages.newest(await self._traces.newest(page), page)

    async def newest_json(self, before: Before = "", show: Show = "all") -> Response:
        return JSONResponse(list_json(await self._traces.newest(self._page(before, show))))

    async def capacity(self) -> Response:
        return self._pages.capacity(await self._traces.capacities())

    async def capacity_json(self) -> Response:
        return JSONResponse(capacities_json(await self._traces.capacities(), self._pages.now()))

    async def now(self) -> Response:
        return self._pages.attention(await self._traces.attention(self._settings.wanted))

    async def now_json(self) -> Response:
        return JSONResponse(attention_json(await self._traces.attention(self._settings.wanted)))

    async def case_page(self, case: Reference) -> Response:
        summary = await self._summary(case)
        if summary.case != case:
            return RedirectResponse(case_path(summary.case), 303)
        return self._pages.case(summary, await self._traces.steps(case, self._settings.steps))

    async def events_json(self, case: Reference) -> Response:
        summary = await self._summary(case)
        if summary.case != case:
            return RedirectResponse(case_path(summary.case) + "/events.json", 303)
        steps = await self._traces.steps(case, self._settings.trace_steps)
        return JSONResponse(case_json(summary, chains(steps)))

    async def referral(self, referral: Reference) -> Response:
        return RedirectResponse(case_path((await self._summary(referral)).case), 303)

    async def find(self, request: Request) -> Response:
        """Take what was typed from the body, so that nothing typed by mistake ends in a URL or a log."""
        return RedirectResponse(case_path((await self._summary(await _typed(request))).case), 303)

    async def live(self) -> Response:
        return self._stream(None)

    async def case_live(self, case: Reference) -> Response:
        return self._stream(case)

    async def static(self, name: str) -> Response:
        found = asset(name)
        if found is None:
            raise HTTPException(404)
        return Response(found[0], media_type=found[1])

    def _page(self, before: str, show: str) -> Page:
        return Page(
            self._settings.page, _cursor(before) if before else None, trouble_only=show == "attention"
        )

    def _stream(self, case: str | None) -> Response:
        body = stream(self._feed, case, self._settings.heartbeat_s)
        return StreamingResponse(body, media_type=MEDIA_TYPE, headers=HEADERS)

    async def _summary(self, reference: str) -> CaseSummary:
        """Find the case of any id."""
        storable = reference.replace("\x00", "")
        found = await self._traces.case(storable)
        if found is None and (case := await self._traces.resolve(storable)) is not None:
            found = await self._traces.case(case)
        if found is None:
            raise HTTPException(404)
        return found


def case_path(case: str) -> str:
    """Return the path of a case's page."""
    return f"/cases/{quote(case, safe='')}"


def _cursor(before: str) -> tuple[datetime, str]:
    """Read `time~case`, where the last page ended."""
    time, _, case = before.partition(SEPARATOR)
    try:
        opened = datetime.fromisoformat(time)
    except ValueError:
        raise HTTPException(400) from None
    if opened.tzinfo is None or not case:
        raise HTTPException(400)
    return opened, case.replace("\x00", "")


async def _typed(request: Request) -> str:
    """Read the form's one field.

    Raises:
        HTTPException: the body is too large for a reference (413) or holds none (404).
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise HTTPException(413)
    reference = parse_qs(body.decode(errors="replace")).get("reference", [""])[0].strip()
    if not reference or len(reference) > MAX_REFERENCE:
        raise HTTPException(404)
    return reference
