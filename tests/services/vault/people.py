"""A made-up person, as the police would refer her, and requests about her."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from hypothesis import strategies as st

from stafet.vault.domain.release import PURPOSES
from stafet_runtime.vaultport import Registration, ReleaseRequest, StoredRecord
from stafet_schemas.groups import Group
from stafet_sdk.draft import Fields

DUE: Final = datetime(2026, 12, 24, 23, tzinfo=UTC)
VALUES: Final[dict[Group, Fields]] = {
    Group.ROUTING: {
        "service": "accommodation",
        "priority": "urgent",
        "age_group": "child",
        "sex": "female",
        "language": "eng",
        "interpreter": True,
        "risk": False,
        "safe_contact": True,
    },
    Group.IDENTITY: {
        "first_name": "Zorabelle",
        "last_name": "Quistgaard",
        "birth_date": "2009-02-03",
        "nationality": "NG",
        "person_number": "030209-4998",
    },
    Group.CONTACT: {"phone": "+4520998877", "email": "zorabelle@example.org", "address": "Ukendtvej 47"},
    Group.NARRATIVE: {"text": "Found at Testrup station"},
    Group.EXPLOITATION: {
        "types": ["forced_labour"],
        "control": ["threats"],
        "recruiter": None,
        "labour": "begging",
    },
}
RAW: Final = b"<Henvisning><Navn>Zorabelle Quistgaard</Navn></Henvisning>"
REFERENCE: Final = "0900-76121-00482-26"
PLACER: Final = "9d5f0c1e-7a44-4c0e-8c1d-2f6b0a3e91d7"
"""The id that the police gave their message."""
SECRETS: Final = (
    "Zorabelle", "Quistgaard", "2009-02-03", "030209-4998", "20998877", "zorabelle@example.org", "Ukendtvej",
    "Testrup", REFERENCE, "Henvisning", PLACER,
)  # fmt: skip

REGISTRATION: Final = Registration("police", "message-1", PLACER, REFERENCE, VALUES, RAW)


def asking_for(service: str | None) -> Registration:
    """Refer the person for a service, or for none that is named."""
    routing = {**VALUES[Group.ROUTING], "service": service}
    return replace(REGISTRATION, values={**VALUES, Group.ROUTING: routing})


def request(stored: StoredRecord, **changes: Any) -> ReleaseRequest:  # noqa: ANN401 - fields differ
    """Ask, for the Red Cross, for the accepted content of a record; `changes` replace its fields."""
    asked = ReleaseRequest(
        delivery="delivery-1",
        case=stored.case,
        record=stored.record,
        referral="referral-1",
        sender="police",
        recipient="redcross",
        part="content",
        purpose="support",
        placer="receipt-1",
        accepted=True,
    )
    return replace(asked, **changes)


def notice(stored: StoredRecord) -> ReleaseRequest:
    """Ask for the notice to the Red Cross, before it has accepted."""
    return request(stored, part="notice", purpose="referral_notice", accepted=False)


def status(stored: StoredRecord) -> ReleaseRequest:
    """Ask for the status to the police, its sender."""
    return request(stored, part="status", purpose="referral_status", recipient="police", rung="accepted")


def alert(stored: StoredRecord, **changes: Any) -> ReleaseRequest:  # noqa: ANN401 - fields differ
    """Ask for the alert to the Red Cross that a period ends."""
    asked = request(
        stored, part="alert", purpose="alert", referral=None, record=None, sender="stafet", accepted=False,
        rung="warned", reason="period_end", due=DUE,
    )  # fmt: skip
    return replace(asked, **changes)


@st.composite
def requests(draw: st.DrawFn) -> ReleaseRequest:
    """Draw any request, most of them with the purpose that belongs to their part."""
    agencies = st.sampled_from(["police", "redcross", "shelter"])
    part, purpose = draw(
        st.sampled_from([*PURPOSES.items(), ("content", "referral_notice"), ("all", "support")])
    )
    return request(
        StoredRecord("c-1", "r-1", 1, (), ""),
        part=part,
        purpose=purpose,
        recipient=draw(agencies),
        sender=draw(agencies),
        accepted=draw(st.booleans()),
        case=draw(st.sampled_from(["c-1", None])),
    )
