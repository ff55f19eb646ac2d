"""What a connector makes of a partner's message: drafts, before the hub gives them ids and a case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from stafet_schemas.groups import Group

PARTS: Final = frozenset(
    {"notice", "content", "status", "reminder", "revocation", "withdrawal", "erasure", "alert"}
)
"""All that the hub ever sends to an agency, see `Release.part`: a connector words it, or says `NoWord`."""

Value = str | int | bool | list[str] | None
Fields = Mapping[str, Value]


@dataclass(frozen=True, slots=True, repr=False)
class ReferralDraft:
    """A referral as an agency sent it.

    `reference` is the agency's own reference of the person's case (an alias, kept encrypted in the vault);
    `receiver` the agency code it is meant for, `hub` if the hub is to choose; `values` holds every field by
    group, coded facts included:
    `routing` has service, priority, age_group, sex, language, interpreter, risk, safe_contact, and operation:
    the code or the hub's id of a joint action that the referral belongs to;
    `residence` has status; `exploitation` has types, control, recruiter, labour; `statistics` has year,
    source, age_band; `identity` has first_name, last_name, birth_date, nationality, person_number and the
    list identifiers (see `stafet_sdk.identifiers`); `contact` has phone, email, address; `narrative` has
    text. `consents` are what it says of consent to be referred.
    No repr: it holds values of a person.
    """

    reference: str
    receiver: str
    values: Mapping[Group, Fields]
    consents: tuple["ConsentDraft", ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerDraft:
    """An agency's answer about a referral it was sent.

    `rung` is accepted, rejected, in_progress or completed; `reason` a rejection code (kept as it came);
    `filler` the agency's own id of the referral; `warnings` are codes of what it takes exception to.
    """

    referral: str
    rung: str
    reason: str | None = None
    filler: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class ConsentDraft:
    """What an agency says of a person's consent, of a duty to notify, or of another legal ground.

    `statement` is given, narrowed or withdrawn; `basis` consent, duty or ground. It is about the case of a
    `referral` of the hub's or of the agency's own `reference`; inside a ReferralDraft about that case.
    `groups` are field groups, `recipients` agency codes, `purposes` those of the disclosure policy; of a
    narrowed one they name what stays, of a withdrawn one nothing. `at` is when it was said, `until` when it
    ends. `how` is oral or written, `language` ISO 639-2; `law` and `by` are the legal reference and the human
    who answers for a duty or ground.
    """

    statement: str
    basis: str = "consent"
    referral: str | None = None
    reference: str | None = None
    recipients: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    at: datetime | None = None
    until: datetime | None = None
    language: str | None = None
    interpreter: bool = False
    how: str | None = None
    law: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class CapacityDraft:
    """How many places a unit of an agency has now; nothing of a person, nothing of where it is.

    `unit` is the agency's code of it; `status` is no_capacity, capacity, waitlist or
    additional_assessment_required (Gravity SDOH-CC); `free` and `total` count places, None if not said;
    `accepts` holds codes such as female, male, child, wheelchair.
    """

    unit: str
    status: str
    at: datetime
    free: int | None = None
    total: int | None = None
    accepts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionDraft:
    """A formal decision on whether the person of a referral is a victim, or its reversal.

    `decision` is the agency's own id of it, `outcome` a code (identified, not_identified); `on` the day it
    holds from. `reverses` is the id of the decision that this one takes back.
    """

    referral: str
    decision: str
    outcome: str
    on: date
    reverses: str | None = None


@dataclass(frozen=True, slots=True)
class StepDraft:
    """Something that an agency says has happened in the case of a `referral`, see `stafet_schemas.steps`.

    `step` is its name there and `at` when it was so; `facts` are further fields of the event `step.reported`,
    as codes, dates and ids of the hub, e.g. `{"subject": ..., "reason": "other"}`.
    """

    referral: str
    step: str
    at: datetime
    facts: Mapping[str, Value | date] = field(default_factory=dict[str, Value | date])


@dataclass(frozen=True, slots=True, repr=False)
class DocumentDraft:
    """A document that an agency announces; its bytes come in a file of their own, before or after.

    `link` is what both halves are told by, `reference` the agency's own reference of the person's case;
    `name` is the file's, `mime` its media type as the agency said it (RFC 6838), `size` in bytes, `digest`
    SHA-256 in hex. No repr: a name may say who somebody is.
    """

    link: str
    reference: str
    name: str
    mime: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True, repr=False)
class FileDraft:
    """The file of a document that a message announces, whole; `link` and `name` as in a DocumentDraft."""

    link: str
    name: str
    content: bytes


Draft = (
    ReferralDraft
    | AnswerDraft
    | ConsentDraft
    | CapacityDraft
    | DecisionDraft
    | StepDraft
    | DocumentDraft
    | FileDraft
)


@dataclass(frozen=True, slots=True)
class Release:
    """What the vault lets one recipient see, and the only thing an outbound message is composed from.

    `part` is notice, content, status, reminder (a notice that waits for its answer), revocation (there is
    nothing to answer or to do any more, `rung` says why), withdrawal, erasure or alert. `person` is the
    recipient's own pairwise pseudonym of the person. `placer` is the recipient's own id of its message in a
    status about a referral or a rejected message, the hub's receipt of it in one about an answer or a step;
    else it says nothing. `values` holds only released fields. A status carries `rung`, and `reason` or
    `problems` (field, problem; what the receiver of its referral asks for is a field that is `wanted`) where
    there are any. A withdrawal names the field `groups` that the recipient may not use any more (none: what
    was withdrawn has been given again), an erasure nobody: `referrals` are those that the recipient has from
    the hub of the case that either is about. An alert names its `referrals` alike, and nobody: `rung` is
    warned or breached, `reason` the time limit and `due` its end, or `rung` is handover_proposed.
    `delivery` is the stable id of this delivery: the same on every attempt, so that the partner can drop
    a repetition.
    """

    disclosure: str
    delivery: str
    recipient: str
    sender: str
    part: str
    purpose: str
    referral: str | None
    placer: str
    policy: str
    person: str | None = None
    rung: str | None = None
    reason: str | None = None
    problems: tuple[tuple[str, str], ...] = ()
    values: Mapping[Group, Fields] = field(default_factory=dict[Group, Fields], repr=False)
    groups: tuple[str, ...] = ()
    referrals: tuple[str, ...] = ()
    due: datetime | None = None
