"""Cases as dispatch hears of them: events with sequential ids, and a made-up person in the vault."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from stafet_runtime.vaultport import Registration, StoredRecord
from stafet_schemas.case import CaseErased
from stafet_schemas.consent import ConsentGiven
from stafet_schemas.deadline import DeadlineWarned
from stafet_schemas.event import Event, EventData
from stafet_schemas.groups import Group
from stafet_schemas.inbound import MessageRejected, Problem
from stafet_schemas.referral import ReferralAccepted, ReferralRefused, ReferralRouted, ReferralSubmitted
from stafet_schemas.step import StepRefused
from stafet_sdk.draft import Fields
from tests.fakes.vault import FakeVault

NOON: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
TRACE: Final = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PURPOSES: Final = {
    "notice": "referral_notice",
    "reminder": "referral_notice",
    "content": "support",
    "status": "referral_status",
    "revocation": "referral_status",
    "alert": "alert",
}
VALUES: Final[dict[Group, Fields]] = {
    Group.ROUTING: {
        "service": "accommodation",
        "priority": "acute",
        "age_group": "adult",
        "sex": "female",
        "language": "vie",
        "interpreter": True,
        "risk": True,
        "safe_contact": False,
    },
    Group.IDENTITY: {"first_name": "Zorabelle", "last_name": "Quistgaard", "person_number": "030209-4998"},
    Group.CONTACT: {"phone": "+4520998877"},
}
SECRETS: Final = ("Zorabelle", "Quistgaard", "030209-4998", "20998877", "REF-0900-76121")

_numbers: Iterator[int] = itertools.count(1)


def event(kind: type[Event], **data: object) -> Event:
    """Make an event as another service would have published it."""
    number = next(_numbers)
    fields: type[EventData] = kind.__annotations__["data"]
    filled = fields.model_validate(data)
    return kind(
        id=f"01930000-0000-7000-8000-{number:012x}",
        source="/stafet/referrals",
        type=kind.type_name(),
        time=NOON,
        correlationid=str(getattr(filled, kind.correlation_field)),
        partitionkey=str(getattr(filled, kind.key_field)),
        recordedtime=NOON,
        traceparent=TRACE,
        data=filled,
    )


class Case:
    """A referral by the police to the Red Cross, whose values are in the vault."""

    def __init__(self, stored: StoredRecord, number: int) -> None:
        self.stored = stored
        self.case = stored.case
        self.referral = f"0192f3a0-0000-7000-8000-{number:012x}"
        self.placer = f"6b1f3a52-1111-4000-8000-{number:012x}"

    def submitted(self) -> Event:
        stored = self.stored
        coded = {name: VALUES[Group.ROUTING][name] for name in ("service", "priority", "age_group", "sex")}
        return self._event(
            ReferralSubmitted, receiver="redcross", record=stored.record, version=stored.version,
            groups=stored.groups, digest=stored.digest, **coded,
        )  # fmt: skip

    def accepted(self) -> Event:
        return self._event(ReferralAccepted, receiver="redcross")

    def routed(self, part: str = "notice", recipient: str = "redcross", **more: object) -> Event:
        purpose = PURPOSES[part]
        return self._event(ReferralRouted, recipient=recipient, part=part, purpose=purpose, rule="1", **more)

    def status(self, rung: str, **more: object) -> Event:
        return self.routed("status", "police", rung=rung, **more)

    def warned(self, *notify: str, kind: type[Event] = DeadlineWarned, **more: object) -> Event:
        """Make the warning of a period's end."""
        said = {
            "deadline": "01930000-0000-7000-8000-00000000dead", "clock": "period_end", "rule": "clocks-2",
            "matter": self.case, "subject": "01930000-0000-7000-8000-00000000be9d", "owner": "cmm",
            "notify": notify, "due": NOON, "tells": True, "stage": "day_20",
        }  # fmt: skip
        return event(kind, **{**said, **more})

    def step_refused(self, agency: str, *, connected: bool, field: str | None = "until") -> Event:
        """Make the refusal of a step."""
        return event(
            StepRefused, case=self.case, agency=agency, message="6b1f3a52-4444-4000-8000-000000000001",
            at=NOON, step="period_extended", reason="over_cap", field=field, connected=connected,
        )  # fmt: skip

    def refused(self, agency: str, reason: str, message: str | None) -> Event:
        return self._event(ReferralRefused, agency=agency, reason=reason, message=message)

    def _event(self, kind: type[Event], **data: object) -> Event:
        who: dict[str, Any] = {"case": self.case, "referral": self.referral, "sender": "police"}
        return event(kind, **who, placer=self.placer, **data)


async def cases(vault: FakeVault, count: int) -> list[Case]:
    """Register so many referrals, each of a case of its own."""
    found: list[Case] = []
    for number in range(1, count + 1):
        message = f"tx-{number}"
        registration = Registration(
            "police", message, f"POL-{number}", f"REF-0900-76121-{number}", VALUES, b"<raw/>"
        )
        found.append(Case(await vault.register(registration), number))
    return found


def unusable(
    message: str = "6b1f3a52-2222-4000-8000-000000000001",
    placer: str = "6b1f3a52-3333-4000-8000-000000000001",
) -> Event:
    """Make the rejection of a message of the police that could not be translated."""
    problems = (Problem(field="Prioritet", problem="unknown code"),)
    return event(MessageRejected, agency="police", message=message, problems=problems, placer=placer)


def cut(kind: type[Event], case: str, *recipients: str) -> Event:
    """Make the event of a consent that was narrowed or withdrawn, and who is to be told."""
    return event(
        kind,
        case=case,
        consent="01930000-0000-7000-8000-00000000c001",
        version=2,
        basis="consent",
        named=("redcross",),
        purposes=("support",),
        groups=("health",),
        recipients=recipients,
    )


def given(case: str, *named: str, purposes: tuple[str, ...] = ("support",)) -> Event:
    """Make the event of a consent that was given for some agencies."""
    return event(
        ConsentGiven,
        case=case,
        consent="01930000-0000-7000-8000-00000000c001",
        version=1,
        basis="consent",
        named=named,
        purposes=purposes,
        groups=("health",),
    )


def erased(case: str, *recipients: str) -> Event:
    """Make the event of a case that was erased, and who is to be told."""
    return event(CaseErased, case=case, reason="no_longer_needed", recipients=recipients)
