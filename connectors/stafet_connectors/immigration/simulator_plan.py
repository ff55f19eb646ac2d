"""What the simulated immigration service decides, and whom it refers itself: by the seed, never by chance.

Ids that the hub makes are new in each run, so what is decided about a referral goes by what its sender said.
"""

import hashlib
import random
import uuid
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from stafet_connectors.immigration.wire import Object, write
from stafet_sdk.faults import Faults
from stafet_sdk.synthetic import Person, Profile, people, profiles

IDS: Final = uuid.UUID("2b7c4f0e-91d3-4a55-8f6a-0c1d2e3f4a5b")
FIRST_DAY: Final = date(2026, 3, 1)
REJECTED_SHARE: Final = 0.15
IDENTIFIED_SHARE: Final = 0.6
REVERSED_PERCENT: Final = 10
TWICE_PERCENT: Final = 10
REVERSED: Final = "decision-reversed"

_REASONS: Final = ("outside_mandate", "insufficient_information", "duplicate", "other")
_HUBS: Final = frozenset({"referralId", "personRef"})
_RECEIVERS: Final = (("shelter", "accommodation"), ("redcross", "asylum_support"), ("redcross", "health"))
_TYPES: Final = {
    "Sexual Exploitation": "sexual",
    "Forced Labor": "forced_labour",
    "Forced Marriage": "forced_marriage",
}
_NUMBERS: Final = ("caseNumber", "asylPersonId", "civilregistrationIdentifier")
_CONSENT: Final = {
    "purposes": ["support"],
    "groups": ["narrative", "health"],
    "language": "eng",
    "how": "oral",
}
"""The hub wants to know in which language and how it was given, too."""
_SEXES: Final = {"Female": "kvinde", "Male": "mand"}


def facts_of(body: Object) -> str:
    """Tell referrals apart by what their sender said."""
    said = {name: value for name, value in body.items() if name not in _HUBS}
    return hashlib.sha256(write(said)).hexdigest()[:16]


def item_id(*parts: object) -> str:
    """Make the id of an item: the same for what is the same."""
    return str(uuid.uuid5(IDS, "/".join(map(str, parts))))


class Plan:
    """The service's decisions for a seed."""

    def __init__(self, seed: int, faults: Faults) -> None:
        self._seed = seed
        self._faults = faults

    def takes(self, facts: str) -> bool:
        """Say whether it takes a referral."""
        return self._chance("take", facts) >= REJECTED_SHARE

    def reason(self, facts: str) -> str:
        """Say why it does not."""
        return _REASONS[int(self._chance("reason", facts) * len(_REASONS))]

    def outcome(self, facts: str) -> str:
        """Say what it decides."""
        return "victim" if self._chance("outcome", facts) < IDENTIFIED_SHARE else "not_victim"

    def day(self, facts: str) -> date:
        """Say from which day the decision holds."""
        return FIRST_DAY + timedelta(days=int(self._chance("day", facts) * 200))

    def reverses(self, facts: str) -> bool:
        """Say whether it takes its decision back later; if the fault script is asked for, that says it."""
        if REVERSED in self._faults:
            return self._faults.strikes(REVERSED, facts, self._seed)
        return self._chance("reverse", facts) * 100 < REVERSED_PERCENT

    def _chance(self, what: str, about: str) -> float:
        return random.Random(f"{self._seed}/{what}/{about}").random()


def victims(seed: int, count: int) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Invent the suspected victims that the service refers: (a name for the record, data of the item)."""
    drawn = profiles(seed, count)
    everybody = people(seed, [each.age_band for each in drawn])
    for number, (person, profile) in enumerate(zip(everybody, drawn, strict=True)):
        case = f"US-{seed}-{number:05d}"
        yield (
            f"suspected-{seed}-{number}",
            _victim(case, person, profile, random.Random(f"{seed}/victim/{number}")),
        )


def values(seed: int, count: int) -> list[str]:
    """List every value of the invented persons, and their numbers."""
    drawn = profiles(seed, count)
    found = [each for person in people(seed, [one.age_band for one in drawn]) for each in person.values()]
    numbers = [str(data[name]) for _, data in victims(seed, count) for name in _NUMBERS]
    return list(dict.fromkeys([*found, *numbers]))


def _victim(case: str, person: Person, profile: Profile, chance: random.Random) -> Mapping[str, object]:
    receiver, service = chance.choice(_RECEIVERS)
    child = profile.age_band in {"0-8", "9-17"}
    return {
        "caseNumber": case,
        "receiver": receiver,
        "asylPersonId": f"A{chance.randrange(10**7):07}",
        "civilregistrationIdentifier": person.person_number.replace("-", ""),
        "assessment": {
            "service": service,
            "priority": "acute" if child else chance.choice(("urgent", "routine")),
            "ageGroup": "child" if child else "adult",
            "interpreter": chance.random() < 0.7,
            "risk": chance.random() < 0.3,
            "safeContact": chance.random() < 0.7,
        },
        "personoplysninger": {
            "koen": _SEXES.get(profile.gender, "ukendt"),
            "fornavn": person.first_name,
            "efternavn": person.last_name,
            "foedselsdato": person.birth_date,
            "telefonnummer": person.phone,
        },
        "stay": {"status": "asylum_seeker"},
        "exploitation": {"types": [_TYPES.get(profile.exploitation, "other")]},
        "account": person.text,
        **({} if child else {"consent": _CONSENT}),
    }
