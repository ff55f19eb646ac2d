"""The bodies that the immigration service takes, as `openapi.yaml` has them: unknown fields are let be."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Strict, StringConstraints, model_validator

from stafet_connectors.immigration.wire import as_object

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Uuid = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Moment = Annotated[AwareDatetime, Strict(strict=False)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_not_null(cls, said: object) -> object:
        if any(as_object(said).get(name, "") is None for name in cls.model_fields):
            raise ValueError("leave out what there is not")
        return said

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        """Show no field: it may hold values of a person."""
        return []


class Assessment(_Body):
    """What is asked for, and routing facts."""

    service: Code | None = None
    priority: Code | None = None
    ageGroup: Code | None = None  # noqa: N815 - the service's own name
    interpreter: bool | None = None
    risk: bool | None = None
    safeContact: bool | None = None  # noqa: N815 - the service's own name


class Personoplysninger(_Body):
    """The person, as far as was released."""

    koen: Code | None = None
    modersmaal: Code | None = None
    fornavn: Line | None = None
    efternavn: Line | None = None
    kaldenavn: Line | None = None
    foedselsdato: Line | None = None
    statsborgerskab: Line | None = None
    telefonnummer: Line | None = None
    email: Line | None = None
    adresse: Line | None = None


class Referral(_Body):
    """A notice, or with more groups the content."""

    referralId: Uuid  # noqa: N815 - the service's own name
    purpose: Code
    referringAuthority: Code  # noqa: N815 - the service's own name
    personRef: Name | None = None  # noqa: N815 - the service's own name
    civilregistrationIdentifier: Line | None = None  # noqa: N815 - the service's own name
    asylPersonId: Line | None = None  # noqa: N815 - the service's own name
    assessment: Assessment | None = None
    personoplysninger: Personoplysninger | None = None


class Trouble(_Body):
    """A field that could not be used, and why."""

    field: Name
    problem: Name


class Receipt(_Body):
    """How far a message or referral of the service came at the hub."""

    status: Literal["delivered", "accepted", "rejected", "completed", "parse_rejected"]
    itemId: Name | None = None  # noqa: N815 - the service's own name
    receipt: Name | None = None
    referralId: Uuid | None = None  # noqa: N815 - the service's own name
    reason: Code | None = None
    problems: list[Trouble] | None = None


class Recall(_Body):
    """Which referrals may not be used as before, or not be kept."""

    purpose: Code
    referralIds: list[Uuid]  # noqa: N815 - the service's own name
    personRef: Name | None = None  # noqa: N815 - the service's own name
    groups: list[Code] | None = None


class Alert(_Body):
    """Of which referrals time runs out or is over, or what is proposed."""

    referralIds: list[Uuid]  # noqa: N815 - the service's own name
    status: Literal["warned", "breached", "handover_proposed"]
    reason: Code | None = None
    dueAt: Moment | None = None  # noqa: N815 - the service's own name


BODIES: dict[str, type[Referral | Receipt | Recall | Alert]] = {
    "notice": Referral,
    "content": Referral,
    "status": Receipt,
    "withdrawal": Recall,
    "erasure": Recall,
    "alert": Alert,
}
"""Which body comes with which part."""
