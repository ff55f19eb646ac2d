"""What is told where nothing follows from a step."""

from stafet.identification.domain.context import Said
from stafet.identification.domain.decision import RefusalError
from stafet_runtime.effect import Effect
from stafet_schemas.step import StepRefused, StepRefusedData


def refused(said: Said, step: str, error: RefusalError, subject: str | None = None) -> Effect:
    """Tell whoever said it why nothing followed, and which field was in the way."""
    data = StepRefusedData(
        **said.told(),
        step=step,
        subject=subject,
        reason=error.reason,
        field=error.field,
        connected=said.connected,
    )
    return Effect(StepRefused, data)
