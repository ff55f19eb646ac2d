"""What the gateway decides, without I/O: what a repetition is, and what a draft says as an event."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from stafet_runtime.cause import Cause
from stafet_runtime.vaultport import ConsentOrder, ConsentRefusedError, StoredRecord
from stafet_schemas.codes import UNKNOWN
from stafet_schemas.delivery import (
    AnswerData,
    AnswerRejectedData,
    DeliveryAccepted,
    DeliveryCompleted,
    DeliveryEvent,
    DeliveryInProgress,
    DeliveryRejected,
)
from stafet_schemas.groups import Group
from stafet_schemas.identification import (
    DecisionData,
    DecisionReversedData,
    IdentificationDecided,
    IdentificationDecisionReversed,
    IdentificationEvent,
)
from stafet_schemas.inbound import Problem
from stafet_schemas.referral import ReferralSubmittedData
from stafet_schemas.said import SaidError, step_said
from stafet_schemas.step import StepReportedData
from stafet_schemas.support import CapacityReportedData
from stafet_sdk.contract import Accepted
from stafet_sdk.draft import (
    AnswerDraft,
    CapacityDraft,
    ConsentDraft,
    DecisionDraft,
    ReferralDraft,
    StepDraft,
    Value,
)
from stafet_sdk.errors import InboundRefused, MappingError

NOT_ITS_OWN: Final = frozenset({"agency", "behalf"})
ANSWERS: Final[dict[str, type[DeliveryEvent]]] = {
    "accepted": DeliveryAccepted,
    "rejected": DeliveryRejected,
    "in_progress": DeliveryInProgress,
    "completed": DeliveryCompleted,
}

CODED: Final = {
    "service": (Group.ROUTING, "service"),
    "priority": (Group.ROUTING, "priority"),
    "age_group": (Group.ROUTING, "age_group"),
    "sex": (Group.ROUTING, "sex"),
    "language": (Group.ROUTING, "language"),
    "residence": (Group.RESIDENCE, "status"),
}
"""Facts that services decide on: the field of the event, and where a draft has its code."""
FLAGS: Final = ("interpreter", "risk", "safe_contact")
EXPLOITATION: Final = (Group.EXPLOITATION, "types")
OPERATION: Final = (Group.ROUTING, "operation")

MOST: Final = 50
"""So many problems or codes fit an event with room to spare; what a sender repeats counts once."""
LONGEST_NAME: Final = 100
MOST_PLACES: Final = 100_000

FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 300.0
MOST_RETRY_AFTER_S: Final = 3600.0

# A code has a shape that names and sentences do not fit: whatever a connector lets slip stops here (law 3).
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Arrival:
    """An authentic message to be kept. `sealed` is the raw body for the vault alone.

    `key` stands for agency and message id, `digest` for the content, `envelope` for agency and envelope id
    where the protocol has one: all are keyed digests.
    """

    agency: str
    message: str
    key: bytes
    receipt: str
    digest: bytes
    sealed: bytes
    at: datetime
    envelope: bytes | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept under a message's id; `fresh` says that it is this very arrival.

    Of a message whose case was erased there is neither receipt nor time: only that it came, and its digest.
    Where another message came in the same envelope before, `digest` is empty.
    """

    digest: bytes
    receipt: str | None
    at: datetime | None
    fresh: bool


def seal_context(agency: str, receipt: str) -> bytes:
    """Return what a message's seal is bound to."""
    return f"{agency}/{receipt}".encode()


def back_off_s(failures: int, retry_after_s: float | None) -> float:
    """Wait twice as long after each failure in a row, and no shorter than asked for; both are bounded."""
    step = min(FIRST_WAIT_S * 2.0 ** min(failures - 1, 16), LONGEST_WAIT_S)
    return max(step, min(retry_after_s or 0.0, MOST_RETRY_AFTER_S))


def message_name(agency: str, message: str) -> bytes:
    """Return what a message's key is made of; no content of a message begins like it."""
    return f"message id\0{agency}/{message}".encode()


def envelope_name(agency: str, envelope: str) -> bytes:
    """Return what an envelope's key is made of."""
    return f"envelope id\0{agency}/{envelope}".encode()


def answer_to(arrival: Arrival, kept: Kept) -> Accepted | InboundRefused:
    """Decide what a sender is told: its receipt, the first one again, that the id is taken, or erased."""
    if not hmac.compare_digest(arrival.digest, kept.digest):
        return InboundRefused(
            "conflict", "another message has this id; send this one under a new id", status=409
        )
    if kept.receipt is None or kept.at is None:
        return InboundRefused(
            "erased", "what this message told was erased; what is new goes under a new id", status=410
        )
    return Accepted(arrival.message, kept.receipt, kept.at, again=not kept.fresh)


def check_codes(draft: ReferralDraft) -> None:
    """Let a draft pass whose coded facts are codes.

    Raises:
        MappingError: the fields that are not, as `group.field`.
    """
    lone = {f"{group}.{name}": _value(draft, group, name) for group, name in CODED.values()}
    lone["receiver"] = draft.receiver
    many = _several(_value(draft, *EXPLOITATION))
    wrong = [field for field, value in lone.items() if value is not None and not _is_code(value)]
    if len(many) > MOST or not all(_is_code(each) for each in many):
        wrong.append(".".join(EXPLOITATION))
    operation = _value(draft, *OPERATION)
    if operation is not None and not (_is_code(operation) or _ID.fullmatch(str(operation))):
        wrong.append(".".join(OPERATION))
    if wrong:
        raise MappingError(*((field, "not a code") for field in wrong))


def submitted(
    draft: ReferralDraft, stored: StoredRecord, *, referral: str, sender: str, placer: str
) -> ReferralSubmittedData:
    """Word a checked draft as an event: where its values are, and coded facts; nothing of other groups."""
    facts: dict[str, Any] = {name: _value(draft, *place) or UNKNOWN for name, place in CODED.items()}
    facts |= {name: _value(draft, Group.ROUTING, name) is True for name in FLAGS}
    facts["exploitation"] = tuple(_several(_value(draft, *EXPLOITATION)))
    facts["operation"] = _value(draft, *OPERATION)
    return ReferralSubmittedData(
        case=stored.case,
        referral=referral,
        sender=sender,
        placer=placer,
        receiver=draft.receiver,
        record=stored.record,
        version=stored.version,
        groups=stored.groups,
        digest=stored.digest,
        **facts,
    )


def consented(
    draft: ConsentDraft, *, agency: str, message: str, case: str | None, cause: Cause
) -> ConsentOrder:
    """Word what an agency says of consent for the vault, which checks every name in it."""
    return ConsentOrder(
        statement=draft.statement,
        agency=agency,
        message=message,
        case=case,
        reference=draft.reference,
        basis=draft.basis,
        recipients=draft.recipients,
        purposes=draft.purposes,
        groups=draft.groups,
        at=draft.at,
        until=draft.until,
        language=draft.language,
        interpreter=draft.interpreter,
        how=draft.how,
        law=draft.law,
        by=draft.by,
        cause=cause,
    )


def answered(
    draft: AnswerDraft, *, case: str, agency: str, message: str
) -> tuple[type[DeliveryEvent], AnswerData]:
    """Word an answer as the event of its rung.

    Raises:
        MappingError: its reason is not a code.
    """
    warnings = tuple(each for each in draft.warnings[:MOST] if _is_code(each))
    answer = AnswerData(lane=case, referral=draft.referral, agency=agency, message=message, warnings=warnings)
    if draft.rung != "rejected":
        return ANSWERS[draft.rung], answer
    reason = draft.reason or UNKNOWN
    if not _is_code(reason):
        raise MappingError(("reason", "not a code"))
    return ANSWERS[draft.rung], AnswerRejectedData(**answer.model_dump(), reason=reason)


def reported(draft: CapacityDraft, *, agency: str, message: str) -> CapacityReportedData:
    """Word a capacity as an event.

    Raises:
        MappingError: what should be codes is none, or a count cannot be.
    """
    coded = {"unit": (draft.unit,), "status": (draft.status,), "accepts": draft.accepts}
    wrong = [(name, "not a code") for name, codes in coded.items() if not all(map(_is_code, codes))]
    if len(draft.accepts) > MOST:
        wrong.append(("accepts", "too many"))
    counted = {"free": draft.free, "total": draft.total}
    wrong += [
        (name, "not a count")
        for name, count in counted.items()
        if count is not None and not 0 <= count <= MOST_PLACES
    ]
    if wrong:
        raise MappingError(*wrong)
    return CapacityReportedData(
        agency=agency,
        message=message,
        unit=draft.unit,
        status=draft.status,
        at=draft.at,
        free=draft.free,
        total=draft.total,
        accepts=draft.accepts,
    )


def decided(
    draft: DecisionDraft, *, case: str, agency: str, message: str, reverses: str | None
) -> tuple[type[IdentificationEvent], DecisionData]:
    """Word a decision as an event, or with the receipt that it `reverses` as a reversal.

    Raises:
        MappingError: its outcome is not a code.
    """
    if not _is_code(draft.outcome):
        raise MappingError(("outcome", "not a code"))
    data = DecisionData(
        case=case,
        referral=draft.referral,
        agency=agency,
        message=message,
        outcome=draft.outcome,
        holds_from=draft.on,
    )
    if reverses is None:
        return IdentificationDecided, data
    return IdentificationDecisionReversed, DecisionReversedData(**data.model_dump(), reverses=reverses)


def stepped(draft: StepDraft, *, case: str, agency: str, message: str, now: datetime) -> StepReportedData:
    """Word a step as an event; an agency speaks for itself only.

    Raises:
        MappingError: every field that is missing, malformed, not of this step, or not an agency's to say.
    """
    forbidden = [(name, "not an agency's to say") for name in draft.facts.keys() & NOT_ITS_OWN]
    try:
        said = step_said({**draft.facts, "step": draft.step, "at": draft.at}, now)
    except SaidError as error:
        raise MappingError(*error.problems, *forbidden) from None
    if forbidden:
        raise MappingError(*forbidden)
    facts = said.model_dump(exclude={"agency", "at", "behalf"})
    return StepReportedData(case=case, agency=agency, message=message, at=draft.at, connected=True, **facts)


def problems(error: MappingError | ConsentRefusedError) -> tuple[Problem, ...]:
    """List what was wrong with a message, each once and no more than an event can carry."""
    unique = list(dict.fromkeys(error.problems))
    told = [Problem(field=field[:LONGEST_NAME], problem=what[:LONGEST_NAME]) for field, what in unique[:MOST]]
    if len(unique) > MOST:
        told.append(Problem(field="message", problem=f"{len(unique) - MOST} more problems"))
    return tuple(told)


def _value(draft: ReferralDraft, group: Group, name: str) -> Value:
    return draft.values.get(group, {}).get(name)


def _several(value: Value) -> list[Value]:
    return list(dict.fromkeys(value)) if isinstance(value, list) else [] if value is None else [value]


def _is_code(value: Value) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None
