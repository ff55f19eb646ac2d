"""A night on which 200 persons are found: what the police send, and who ought to get whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Final

from stafet_schemas.case import CaseErased, CaseErasedData
from stafet_schemas.delivery import AnswerData, AnswerRejectedData, DeliveryAccepted, DeliveryRejected
from stafet_schemas.event import Event
from stafet_schemas.operation import OperationAnnounced, OperationAnnouncedData
from stafet_schemas.referral import ReferralSubmitted, ReferralSubmittedData
from stafet_schemas.support import CapacityReportedData, SupportCapacityReported
from tests.services.referrals.samples import NOON, event_of

RAID: Final = "raid-padborg"
LANGUAGES: Final = ("ron", "bul", "tha", "ara", "yor", "vie", "ukr", "hin")
PERSONS: Final = 200


@dataclass(frozen=True)
class Person:
    """One of them; the number makes the case and the referral."""

    number: int
    language: str
    age_group: str
    sex: str
    residence: str

    @property
    def ought(self) -> str:
        """Who has the mandate to house them; for women the shelter, as long as it has a bed."""
        if self.residence == "asylum_seeker":
            return "redcross"
        if self.age_group == "child":
            return "redcross" if self.residence == "none" else "municipality"
        return "shelter" if self.sex == "female" else "cmm"

    @property
    def referral(self) -> str:
        return f"raid-{self.number:03}"

    def submitted(self, service: str = "accommodation") -> Event:
        data = ReferralSubmittedData(
            case=f"case-{self.number:03}",
            referral=self.referral,
            sender="police",
            placer=f"POL-{self.number:03}",
            receiver="hub",
            record=f"record-{self.number:03}",
            version=1,
            groups=("routing",),
            digest="9f2b",
            service=service,
            priority="acute",
            age_group=self.age_group,
            sex=self.sex,
            language=self.language,
            interpreter=True,
            residence=self.residence,
            operation=RAID,
        )
        # All of them within one minute.
        return at(event_of(ReferralSubmitted, data), self.number * 60 / PERSONS)

    def answered(self, agency: str, reason: str | None = None, seconds: float = 3600) -> Event:
        said = AnswerData(
            lane=f"case-{self.number:03}",
            referral=self.referral,
            agency=agency,
            message=f"answer-{self.number:03}",
        )
        if reason is None:
            return at(event_of(DeliveryAccepted, said), seconds)
        declined = AnswerRejectedData(**said.model_dump(), reason=reason)
        return at(event_of(DeliveryRejected, declined), seconds)


def at(event: Event, seconds: float) -> Event:
    """Let it be so many seconds after noon."""
    return event.model_copy(update={"time": NOON + timedelta(seconds=seconds)})


def persons() -> Iterator[Person]:
    """Go round all ages, sexes and rights to stay, in eight languages."""
    kinds = list(
        product(("adult", "adult", "child"), ("female", "male"), ("lawful", "none", "asylum_seeker"))
    )
    for number in range(PERSONS):
        age_group, sex, residence = kinds[number % len(kinds)]
        yield Person(number, LANGUAGES[number % len(LANGUAGES)], age_group, sex, residence)


def announced(expected: int = PERSONS, seconds: float = -3600) -> Event:
    """Announce it."""
    data = OperationAnnouncedData(
        operation=RAID,
        agency="police",
        at=NOON + timedelta(seconds=seconds),
        message="rk-raid",
        expected=expected,
        agencies=("shelter", "redcross", "cmm"),
    )
    return event_of(OperationAnnounced, data)


def reported(unit: str, free: int, seconds: float = -600, *accepts: str, status: str = "capacity") -> Event:
    """Report the places of a unit of the shelter."""
    data = CapacityReportedData(
        agency="shelter",
        message=f"report-{unit}-{seconds}",
        unit=unit,
        status=status,
        at=NOON + timedelta(seconds=seconds),
        free=free,
        accepts=accepts or ("female",),
    )
    return event_of(SupportCapacityReported, data)


def erased(person: Person) -> Event:
    """Erase a person's case."""
    data = CaseErasedData(case=f"case-{person.number:03}", reason="objection", recipients=())
    return at(event_of(CaseErased, data), 7200)
