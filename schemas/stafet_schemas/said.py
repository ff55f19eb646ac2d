"""What somebody says of a step, before the hub makes an event of it: shapes that prose does not fit."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from stafet_schemas.steps import lacking

SKEW: Final = timedelta(minutes=1)
"""So far two honest clocks may be apart."""
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
MOST: Final = 50
NOT_SO: Final = "missing, unknown or malformed"

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Codes = Annotated[tuple[Code, ...], Field(max_length=MOST)]
# A receipt, or a case.
ID: Final = r"^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|c-[a-z2-7]{32})$"
Id = Annotated[str, StringConstraints(pattern=ID)]
Vocabulary = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}@[a-z0-9][a-z0-9._]{0,31}$")]
Day = Annotated[date, Field(ge=EARLIEST.date(), le=date(2100, 12, 31))]
Problems = tuple[tuple[str, str], ...]


class SaidError(ValueError):
    """It cannot stand; `problems` are (field, what is wrong), never a value."""

    def __init__(self, *problems: tuple[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {problem}" for field, problem in problems))
        self.problems = problems


class Said(BaseModel):
    """A body of codes, days, ids and numbers; `agency` says so, None is whoever asks; `at` None is now."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    agency: Code | None = None
    at: AwareDatetime | None = None


class StepSaid(Said):
    """A step, see `stafet_schemas.step.StepReportedData` for what the fields mean."""

    step: Code
    subject: Id | None = None
    behalf: Code | None = None
    party: Code | None = None
    service: Code | None = None
    kind: Code | None = None
    reason: Code | None = None
    channel: Code | None = None
    vocabulary: Vocabulary | None = None
    codes: Codes = ()
    outcome: Code | None = None
    residence: Code | None = None
    starts: Day | None = None
    until: Day | None = None
    law: Code | None = None


def step_said(said: Mapping[str, object], now: datetime) -> StepSaid:
    """Read a step from fields as they came.

    Raises:
        SaidError: every field that is missing, unknown, malformed, not of this step, or not possible.
    """
    try:
        step = StepSaid.model_validate(said)
    except ValidationError as error:
        raise SaidError(*named(error, StepSaid)) from None
    check_step(step, now)
    return step


def check_step(step: StepSaid, now: datetime) -> None:
    """Let a step pass that has what its kind needs, and nothing else.

    Raises:
        SaidError: the fields that cannot stand.
    """
    given = step.model_dump(exclude_defaults=True)
    if problems := (*lacking(given), *untimely(step, now)):
        raise SaidError(*problems)


def untimely(said: Said, now: datetime) -> Problems:
    """Say that it has not happened yet, or before anything could."""
    if said.at is None or EARLIEST <= said.at <= now + SKEW:
        return ()
    return (("at", "in the future" if said.at > now else "too long ago"),)


def is_id(text: str) -> bool:
    """Say whether it has the shape of a receipt or of a case."""
    return re.fullmatch(ID, text) is not None


def named(error: ValidationError, model: type[BaseModel]) -> Problems:
    """Name the fields that are wrong; a field that is not of the model may be named after anybody."""
    paths = [each["loc"] for each in error.errors()]
    fields = [str(path[0]) if path and path[0] in model.model_fields else "" for path in paths]
    return tuple((field, NOT_SO) for field in dict.fromkeys(fields))
