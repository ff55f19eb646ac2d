"""Custody of a presumed victim: while it lasts, the clock of the interview runs (service deadlines)."""

from stafet.identification.domain.context import Context, said_by
from stafet.identification.domain.decision import Decision, advance
from stafet.identification.domain.machines import CUSTODY
from stafet_runtime.effect import Effect
from stafet_runtime.thing import Thing
from stafet_schemas.assessment import CustodyData, CustodyEnded, CustodyStarted
from stafet_schemas.event import Event
from stafet_schemas.step import StepReportedData

KIND = "custody"


def started(step: StepReportedData, context: Context) -> Decision:
    """Note that the person is held; `kind` is the code of the place."""
    return _moved(context.matter.get(step.case, KIND, step.message), step, CustodyStarted)


def ended(step: StepReportedData, context: Context) -> Decision:
    """Note that the person is held no longer."""
    return _moved(context.existing(step, KIND), step, CustodyEnded)


def _moved(custody: Thing, step: StepReportedData, kind: type[Event]) -> Decision:
    after = advance(CUSTODY, custody, step.step, {"place": step.kind})
    if after is None:
        return Decision()
    data = CustodyData(**said_by(step).told(), custody=after.id, place=after.facts.get("place"))
    return Decision((after,), (Effect(kind, data),))
