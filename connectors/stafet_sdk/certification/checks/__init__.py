"""All checks, by topic; the order is the order of the table."""

from typing import Final

from stafet_sdk.certification.check import Check
from stafet_sdk.certification.checks import (
    acknowledgements,
    contract,
    evidence,
    faults,
    idempotency,
    mapping,
    privacy,
    rotation,
)

ALL: Final[tuple[Check, ...]] = (
    *contract.topic.all,
    *mapping.topic.all,
    *privacy.topic.all,
    *idempotency.topic.all,
    *acknowledgements.topic.all,
    *faults.topic.all,
    *rotation.topic.all,
    *evidence.topic.all,
)
