"""What an operator reports, as events: steps, contacts, operations, questions for places."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import NAMESPACE_URL, uuid5

from pydantic import Field

from stafet_schemas.contact import ContactReported, ContactReportedData
from stafet_schemas.event import Event, EventData
from stafet_schemas.operation import OperationAnnounced, OperationAnnouncedData
from stafet_schemas.said import Code, Codes, Id, Problems, Said, SaidError, StepSaid, check_step, untimely
from stafet_schemas.step import StepReported, StepReportedData
from stafet_schemas.support import CapacityQueried, CapacityQueriedData

RECEIVED: Final = "received"
CONTACT_NEEDS: Final[Mapping[str, str | None]] = {
    RECEIVED: "venue", "triaged": "priority", "referred": "referral", "closed": None,
}  # fmt: skip
"""What each step of a contact cannot do without."""
KEYS: Final = uuid5(NAMESPACE_URL, "stafet console idempotency-key")

Count = Annotated[int, Field(ge=1, le=100_000)]


class ContactSaid(Said):
    """A step of a contact, see `stafet_schemas.contact.ContactReportedData`."""

    step: Code = RECEIVED
    venue: Code | None = None
    source: Code | None = None
    priority: Code | None = None
    exploitation: Codes = ()
    age_group: Code | None = None
    persons: Count = 1
    language: Code | None = None
    consents: bool | None = None
    reason: Code | None = None
    referral: Id | None = None


class OperationSaid(Said):
    """A joint action, see `stafet_schemas.operation.OperationAnnouncedData`."""

    expected: Count
    agencies: Codes = ()


class CapacitySaid(Said):
    """A question for places, see `stafet_schemas.support.CapacityQueriedData`."""

    service: Code
    accepts: Codes = ()
    persons: Count = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """Who enters it (the coordinator), under which receipt, when."""

    coordinator: str
    receipt: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """The event to tell; `digest` is of what was said, which tells a repetition from another report."""

    kind: type[Event]
    data: EventData
    receipt: str
    digest: bytes


def receipt_of(key: str) -> str:
    """Return the receipt of whatever is sent under an idempotency key."""
    return str(uuid5(KEYS, key))


def step_report(said: StepSaid, case: str, entry: Entry) -> Report:
    """Word a step of a case.

    Raises:
        SaidError: the fields that cannot stand.
    """
    check_step(said, entry.now)
    data = StepReportedData(**_filled(said, entry), case=case, message=entry.receipt)
    return _report(StepReported, data, said, entry)


def contact_report(said: ContactSaid, contact: str | None, entry: Entry) -> Report:
    """Word a step of a contact; without one it begins, and its receipt is its id.

    Raises:
        SaidError: the fields that cannot stand.
    """
    _check(_contact_problems(said, begins=contact is None), said, entry)
    named: dict[str, Any] = {"contact": contact or entry.receipt, "message": entry.receipt}
    return _report(ContactReported, ContactReportedData(**_filled(said, entry), **named), said, entry)


def operation_report(said: OperationSaid, entry: Entry) -> Report:
    """Word the announcement of an operation, whose id is the receipt.

    Raises:
        SaidError: the time is not possible.
    """
    _check((), said, entry)
    named: dict[str, Any] = {"operation": entry.receipt, "message": entry.receipt}
    return _report(OperationAnnounced, OperationAnnouncedData(**_filled(said, entry), **named), said, entry)


def capacity_report(said: CapacitySaid, entry: Entry) -> Report:
    """Word a question for places, whose id is the receipt.

    Raises:
        SaidError: the time is not possible.
    """
    _check((), said, entry)
    return _report(
        CapacityQueried, CapacityQueriedData(**_filled(said, entry), query=entry.receipt), said, entry
    )


def _contact_problems(said: ContactSaid, *, begins: bool) -> Problems:
    if said.step not in CONTACT_NEEDS:
        return (("step", "unknown"),)
    if begins != (said.step == RECEIVED):
        return (("step", "a contact begins with received, and only once"),)
    needed = CONTACT_NEEDS[said.step]
    return ((needed, "missing"),) if needed and getattr(said, needed) is None else ()


def _check(problems: Problems, said: Said, entry: Entry) -> None:
    if problems := (*problems, *untimely(said, entry.now)):
        raise SaidError(*problems)


def _filled(said: Said, entry: Entry) -> dict[str, Any]:
    given = said.model_dump(exclude={"agency", "at"})
    return {**given, "agency": said.agency or entry.coordinator, "at": said.at or entry.now}


def _report(kind: type[Event], data: EventData, said: Said, entry: Entry) -> Report:
    about = str(getattr(data, kind.key_field))
    text = f"{kind.short_name()} {about} {said.model_dump_json()}"
    return Report(kind, data, entry.receipt, hashlib.sha256(text.encode()).digest())
