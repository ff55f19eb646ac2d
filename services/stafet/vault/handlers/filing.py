"""Filing: what a human says of cases: one person or two, closed or open again. No value moves."""

from dataclasses import replace
from typing import Final

from stafet.vault.domain.machines import CASE, KINSHIP
from stafet.vault.ports.kinships import Kinships
from stafet_runtime.outbox import Outbox
from stafet_schemas.case import CaseEvent
from stafet_schemas.codes import COORDINATOR
from stafet_schemas.likeness import (
    CaseClosed,
    CaseClosedData,
    CaseDuplicateDismissed,
    CaseMerged,
    CaseReopened,
    CaseSplit,
    KinshipData,
)
from stafet_schemas.step import StepRefused, StepReported, StepReportedData

TOLD: Final[dict[str, type[CaseEvent]]] = {
    "duplicate_confirmed": CaseMerged,
    "duplicate_dismissed": CaseDuplicateDismissed,
    "case_split": CaseSplit,
    "case_closed": CaseClosed,
    "case_reopened": CaseReopened,
}


async def on_step_reported(event: StepReported, *, kinships: Kinships, outbox: Outbox) -> None:
    """Take a step of the case register; steps of other services pass."""
    said = event.data
    if said.step not in TOLD:
        return
    wrong = ("wrong_agency", None) if said.agency != COORDINATOR else await _take(said, kinships, outbox)
    if wrong is not None:
        reason, field = wrong
        outbox.emit(StepRefused, said.refused(reason, field))


async def _take(said: StepReportedData, kinships: Kinships, outbox: Outbox) -> tuple[str, str | None] | None:
    known = await kinships.state(said.case)
    if known is None:
        return "unknown_subject", "case"
    if said.step in CASE.moves:
        return await _close(said, known, kinships, outbox)
    return await _relate(said, kinships, outbox)


async def _close(
    said: StepReportedData, known: str, kinships: Kinships, outbox: Outbox
) -> tuple[str, str | None] | None:
    state = CASE.after(known, said.step)
    if said.reason is None:
        return "missing", "reason"
    if state is None:
        return "out_of_order", None
    await kinships.mark(said.case, state, said.message)
    data = CaseClosedData(
        case=said.case, agency=said.agency, message=said.message, at=said.at, reason=said.reason
    )
    outbox.emit(TOLD[said.step], data)
    return None


async def _relate(
    said: StepReportedData, kinships: Kinships, outbox: Outbox
) -> tuple[str, str | None] | None:
    other = said.subject
    if other is None:
        return "missing", "subject"
    if other == said.case or await kinships.state(other) is None:
        return "unknown_subject", "subject"
    known = await kinships.between(said.case, other)
    state = KINSHIP.after(known.state, said.step)
    if state is None:
        return "out_of_order", None
    await kinships.keep(replace(known, state=state))
    for one, another in ((said.case, other), (other, said.case)):
        data = KinshipData(
            case=one,
            agency=said.agency,
            message=said.message,
            at=said.at,
            other=another,
            reason=said.reason,
        )
        outbox.emit(TOLD[said.step], data)
    return None
