"""Whatever happened, write it down; what an operator reports, tell once."""

from stafet.console.domain.reports import Report
from stafet.console.domain.steps import step_of
from stafet.console.ports import OpenReporting, Trail
from stafet_schemas.event import Event


class ReceiptTakenError(Exception):
    """Something else was reported under this receipt."""


async def on_event(event: Event, *, trail: Trail) -> None:
    """Record any event as a step of its case."""
    trail.add(step_of(event))


async def take(report: Report, *, reporting: OpenReporting) -> bool:
    """Tell of a report in one commit, and say so; False for a repetition, which tells nothing more.

    Raises:
        ReceiptTakenError: its receipt stands for another report.
        StoreUnavailableError: nothing was kept.
    """
    async with reporting() as opened:
        kept = await opened.receipts.keep(report.receipt, report.digest)
        if kept is None:
            opened.outbox.emit(report.kind, report.data)
            return True
    if kept != report.digest:
        raise ReceiptTakenError
    return False
