"""What the Red Cross says has happened in a case: a place, a child, a representative. Pure."""

import re
from collections.abc import Mapping
from typing import Final

from stafet_connectors.redcross.mapping import REFERRAL
from stafet_sdk.draft import StepDraft
from stafet_sdk.errors import MappingError
from stafet_sdk.steps import FACTS, step_draft

STEP: Final = "dk.redcross.case.step"
FIELDS: Final = ("step", "at", *FACTS)

_REFERRAL: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def to_step(data: Mapping[str, object]) -> StepDraft:
    """Read the data of a step event: `stafet_step` is its name, `stafet_at` when it was so.

    What the step is about (`stafet_subject`) is the receipt of the event that began it.

    Raises:
        MappingError: every missing and malformed field, by name.
    """
    referral = data.get(REFERRAL)
    if referral is None:
        raise MappingError((f"data.{REFERRAL}", "missing"))
    if not isinstance(referral, str) or not _REFERRAL.fullmatch(referral):
        raise MappingError((f"data.{REFERRAL}", "malformed"))
    return step_draft(referral, {ours: data.get(f"stafet_{ours}") for ours in FIELDS}, _name)


def _name(ours: str) -> str:
    return f"data.stafet_{ours}"
