"""An agency's word that something has happened in a case, whatever its fields are called, as a draft."""

from collections.abc import Callable, Mapping
from typing import Final

from pydantic import ValidationError

from stafet_schemas.said import StepSaid, named
from stafet_schemas.steps import lacking
from stafet_sdk.draft import StepDraft
from stafet_sdk.errors import MappingError

FACTS: Final = (
    "subject", "party", "service", "kind", "reason", "channel", "vocabulary", "codes", "outcome", "residence",
    "starts", "until", "law",
)  # fmt: skip
"""Fields of a step beside what it is and when, by our names; `behalf` is the coordinator's alone."""


def step_draft(referral: str, said: Mapping[str, object], name: Callable[[str], str]) -> StepDraft:
    """Read a step about the case of a referral; `said` has its fields by our names, `name` gives theirs.

    Raises:
        MappingError: every field that is missing, malformed or not of this step, by the agency's name.
    """
    given = {ours: value for ours, value in said.items() if value is not None}
    try:
        step = StepSaid.model_validate(given)
    except ValidationError as error:
        raise MappingError(
            *((name(field), _problem(field, given)) for field, _ in named(error, StepSaid))
        ) from None
    facts = step.model_dump(exclude_defaults=True, exclude={"agency", "at", "step"})
    problems = [(name(field), problem) for field, problem in lacking({"step": step.step, **facts})]
    if step.at is None:
        problems.append((name("at"), "missing"))
    if problems or step.at is None:
        raise MappingError(*problems)
    if "codes" in facts:
        facts["codes"] = list(facts["codes"])
    return StepDraft(referral, step.step, step.at, facts)


def _problem(field: str, given: Mapping[str, object]) -> str:
    return "malformed" if field in given else "missing"
