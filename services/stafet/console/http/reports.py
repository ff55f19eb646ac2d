"""What an operator reports: steps of a case, contacts, operations, questions for places.

Answered with 202 and the receipt once it is committed; the service that decides on it may still refuse it,
which the page of the case then shows.
"""

from collections.abc import Callable
from typing import Final

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from stafet.console.domain.reports import (
    CapacitySaid,
    ContactSaid,
    Entry,
    OperationSaid,
    Report,
    capacity_report,
    contact_report,
    operation_report,
    receipt_of,
    step_report,
)
from stafet.console.handlers import ReceiptTakenError, take
from stafet.console.http.bodies import AGAIN, RefusedError, problem, read_body, refused
from stafet.console.ports import OpenReporting, Traces
from stafet_runtime.clock import Clock, Ids
from stafet_schemas.said import SaidError, StepSaid, is_id

MAX_KEY: Final = 200
UNKNOWN_CASE: Final = (
    "Check the case's id. If it is only seconds old, try again in a moment: the console may not have read it."
)
TAKEN: Final = "Something else was reported under this idempotency-key. Report this under a key of its own."


class ReportViews:
    """One method per route."""

    def __init__(
        self, traces: Traces, reporting: OpenReporting, clock: Clock, ids: Ids, coordinator: str
    ) -> None:
        self._traces = traces
        self._reporting = reporting
        self._clock = clock
        self._ids = ids
        self._coordinator = coordinator

    async def step(self, case: str, request: Request) -> Response:
        """Report a step of a case."""
        said = await read_body(StepSaid, request)
        await self._insist(case)
        return await self._take(request, lambda entry: step_report(said, case, entry))

    async def contact(self, request: Request) -> Response:
        """Report that somebody made contact; the receipt is the contact's id."""
        said = await read_body(ContactSaid, request)
        return await self._take(request, lambda entry: contact_report(said, None, entry))

    async def contact_step(self, contact: str, request: Request) -> Response:
        """Report what became of a contact."""
        said = await read_body(ContactSaid, request)
        if not is_id(contact):
            return problem(404, "There is no such contact", "Give the receipt that the contact began with.")
        return await self._take(request, lambda entry: contact_report(said, contact, entry))

    async def operation(self, request: Request) -> Response:
        """Announce an operation; the receipt is its id."""
        said = await read_body(OperationSaid, request)
        return await self._take(request, lambda entry: operation_report(said, entry))

    async def capacity_query(self, request: Request) -> Response:
        """Ask who has places; the receipt is the question's id."""
        said = await read_body(CapacitySaid, request)
        return await self._take(request, lambda entry: capacity_report(said, entry))

    async def _insist(self, case: str) -> None:
        """Let pass only a case that the hub knows: what is typed for one would end in events."""
        found = await self._traces.case(case.replace("\x00", ""))
        if found is None or not found.progress.known:
            raise RefusedError(problem(404, "There is no such case", UNKNOWN_CASE))
        if found.progress.erased:
            raise RefusedError(problem(410, "The case was erased", "Nothing can be reported of it any more."))

    async def _take(self, request: Request, word: Callable[[Entry], Report]) -> Response:
        key = request.headers.get(AGAIN, "")
        if len(key) > MAX_KEY:
            return problem(400, "That is too long for a key", f"{AGAIN} has at most {MAX_KEY} characters.")
        receipt = receipt_of(key) if key else self._ids.new()
        try:
            report = word(Entry(self._coordinator, receipt, self._clock.now()))
            fresh = await take(report, reporting=self._reporting)
        except SaidError as error:
            return refused(error.problems)
        except ReceiptTakenError:
            return problem(409, "This key is taken", TAKEN)
        return JSONResponse({"receipt": receipt, "again": not fresh}, 202)
