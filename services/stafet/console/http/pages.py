"""The pages as HTML, from templates that escape everything they are given."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from fastapi.responses import HTMLResponse, JSONResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from stafet.console.domain import standing, threads
from stafet.console.domain.capacity import STALE_AFTER, Capacity
from stafet.console.domain.progress import Latest, Progress
from stafet.console.domain.steps import Step
from stafet.console.domain.threads import Thread
from stafet.console.domain.tree import Chain, chains
from stafet.console.http.formats import Times, filters
from stafet.console.http.views import cursor
from stafet.console.ports import Attention, CaseSummary, Overview, Page
from stafet_runtime.clock import Clock
from stafet_schemas.codes import CODE_LISTS
from stafet_schemas.steps import steps

CODES: Final[Mapping[str, Sequence[str]]] = {
    field: sorted(CODE_LISTS[name].codes)
    for field, name in {
        "party": "agency", "behalf": "agency", "service": "service", "channel": "channel",
        "residence": "residence", "reason": "rejection", "outcome": "assessment",
    }.items()
}  # fmt: skip
"""What the form offers; another code may be typed."""
CLOCK_STATES: Final = {"set": ("runs", "good"), "warned": ("near", "warn"), "threatened": ("at risk", "bad")}
FOLDER: Final = Path(__file__).parent.parent
ASSETS: Final = {"console.css": "text/css", "console.js": "text/javascript", "icon.svg": "image/svg+xml"}


class Problem(NamedTuple):
    """What went wrong, and what to do now."""

    title: str
    advice: str


PROBLEMS: Final[Mapping[int, Problem]] = {
    400: Problem(
        "This address cannot be read",
        "Part of it is missing or was changed. Start again from the list of cases.",
    ),
    401: Problem(
        "Please sign in",
        "Reload the page and give the operator's name and password that `stafet up` printed.",
    ),
    404: Problem(
        "Nothing is known under this reference",
        "Check it for a missing character. A case, a referral or a receipt will do. "
        "If it is only seconds old, reload in a moment: the console may not have read it yet.",
    ),
    413: Problem("That is too long for a reference", "Paste the id alone."),
    503: Problem(
        "The console's database does not answer",
        "Referrals are not affected by this page. Reload in a few seconds; if it stays, run `stafet doctor`.",
    ),
}
FALLBACK: Final = Problem(
    "This page failed",
    "Referrals are not affected: the console only reads. Reload once; if it stays, look for "
    "console_page_failed in the hub's log and report its place.",
)


def asset(name: str) -> tuple[bytes, str] | None:
    """Return a static file and its media type, if it is one of ours."""
    return ((FOLDER / "static" / name).read_bytes(), ASSETS[name]) if name in ASSETS else None


class Pages:
    """Renders pages with times in one zone.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: no such zone, or no time zone data on this machine.
    """

    def __init__(self, timezone: str, clock: Clock) -> None:
        self._clock = clock
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.filters.update(filters(Times(timezone, clock)))

    def newest(self, overview: Overview, page: Page) -> Response:
        """Return the list of cases."""
        rows = [
            {
                "case": each,
                "state": standing.state_of(each.progress),
                "marks": standing.marks(each.progress),
                "flow": _flow(each),
            }
            for each in overview.cases
        ]
        older = cursor(overview.cases[-1]) if overview.more else None
        return self._page("newest.html", overview=overview, page=page, rows=rows, older=older)

    def now(self) -> datetime:
        """Return the time by which ages are told."""
        return self._clock.now()

    def capacity(self, capacities: Sequence[Capacity]) -> Response:
        """Return the newest word of each unit on its places."""
        rows = [{"capacity": each, "stale": each.is_stale(self.now())} for each in capacities]
        return self._page("capacity.html", rows=rows, stale_hours=STALE_AFTER // timedelta(hours=1))

    def attention(self, attention: Attention) -> Response:
        """Return what needs somebody now."""
        return self._page("now.html", attention=attention)

    def _clock_state(self, clock: Thread) -> tuple[str, str]:
        """Say how a running clock stands, and in which tone."""
        if clock.step == "deadline.breached" or (clock.due is not None and clock.due <= self.now()):
            return "over", "bad"
        word = clock.step.removeprefix("deadline.")
        return CLOCK_STATES.get(word, (word, "plain"))

    def case(self, summary: CaseSummary, found: Sequence[Step]) -> Response:
        """Return the page of one case."""
        progress = summary.progress
        deliveries = sorted(progress.deliveries.items(), key=_by_time)
        return self._page(
            "case.html",
            summary=summary,
            progress=progress,
            state=standing.state_of(progress),
            marks=standing.marks(progress),
            referrals=[(name, each, standing.ladder(each)) for name, each in progress.referrals.items()],
            kinds=list(steps().values()),
            codes={**CODES, "subject": _subjects(progress)},
            clocks=[(each, self._clock_state(each)) for each in threads.clocks(progress.threads)],
            decisions=threads.decisions(progress.threads),
            things=threads.things(progress.threads),
            deliveries=[each for _, each in deliveries],
            chains=_with_silences(chains(found)),
            hidden=summary.events - len(found),
        )

    def problem(self, status: int, headers: Mapping[str, str] | None = None, *, page: bool) -> Response:
        """Return a page, or else a problem document (RFC 9457), that says what to do."""
        problem = PROBLEMS.get(status, FALLBACK)
        extra = dict(headers or {})
        if not page:
            body = {"title": problem.title, "status": status, "detail": problem.advice}
            return JSONResponse(body, status, extra, media_type="application/problem+json")
        html = self._templates.get_template("problem.html").render(status=status, problem=problem)
        return HTMLResponse(html, status, extra)

    def _page(self, template: str, **values: object) -> Response:
        return HTMLResponse(self._templates.get_template(template).render(**values))


def _flow(summary: CaseSummary) -> list[str]:
    """List agency codes, who refers first."""
    pairs = [(each.sender, each.receiver) for each in summary.progress.referrals.values()]
    ordered = [code for pair in pairs for code in pair if code]
    return list(dict.fromkeys([*ordered, *summary.progress.agencies]))


def _subjects(progress: Progress) -> list[str]:
    """List the ids that a step may be about."""
    found = [each.about for each in threads.things(progress.threads) if each.about]
    return list(dict.fromkeys([*found, *progress.referrals]))


def _with_silences(found: Sequence[Chain]) -> list[tuple[Chain, timedelta | None]]:
    """Put beside each chain how long nothing had happened before; None for the first and overlapping ones."""
    silences: list[tuple[Chain, timedelta | None]] = []
    until: datetime | None = None
    for chain in found:
        silence = None if until is None or chain.root.time <= until else chain.root.time - until
        silences.append((chain, silence))
        last = max(row.step.time for row in chain.rows)
        until = last if until is None else max(until, last)
    return silences


def _by_time(item: tuple[str, Latest]) -> tuple[datetime, str]:
    return item[1].at, item[0]
