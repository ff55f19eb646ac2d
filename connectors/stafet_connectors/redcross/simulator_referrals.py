"""Referrals of Red Cross's own: people it met who need a bed, or protection; the same for the same seed."""

import asyncio
import json
import random
import uuid
from typing import Final

from stafet_connectors.redcross import mapping, referring
from stafet_connectors.redcross.simulator_mail import Mail, receipt_of
from stafet_connectors.redcross.simulator_memory import Memory
from stafet_sdk.cloudevents_http import PartnerEvent, build
from stafet_sdk.simulator import Record, SimulatorOptions
from stafet_sdk.synthetic import Person, Profile, people, profiles

WHERE: Final = (("shelter", "accommodation"), ("police", "protection"))

_GENDERS: Final = {"Female": "Feminine", "Male": "Masculine"}
_TYPES: Final = {
    "Sexual Exploitation": "SexualExploitation",
    "Forced Labor": "ForcedLabour",
    "Forced Marriage": "ForcedMarriage",
}
_CHILDREN: Final = frozenset({"0-8", "9-17"})
_SALT: Final = 7919
"""Other people than those whom the police meet under the same seed."""


class Referrals:
    """Sends what the seed plans, one after another; what was sent before a kill is not sent again."""

    def __init__(
        self, options: SimulatorOptions, source: str, mail: Mail, record: Record, memory: Memory
    ) -> None:
        self._options = options
        self._source = source
        self._mail = mail
        self._record = record
        self._memory = memory

    async def work(self) -> None:
        """Send them all."""
        options = self._options
        drawn = profiles(options.seed + _SALT, options.referrals)
        everybody = people(options.seed + _SALT, [each.age_band for each in drawn])
        planned = [
            (f"RK-{options.seed}-{number:05d}", person, profile)
            for number, (person, profile) in enumerate(zip(everybody, drawn, strict=True))
        ]
        # Every personal value, for the search of leaks, before any of them is sent.
        values = [value for reference, person, _ in planned for value in (*person.values(), reference)]
        (options.own / "values.json").write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
        for reference, person, profile in planned:
            await self._refer(reference, person, profile)
            if options.rate is not None:
                await asyncio.sleep(1 / options.rate)

    async def _refer(self, reference: str, person: Person, profile: Profile) -> None:
        message = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self._source}/{reference}"))
        if message in self._memory.referred:
            return
        data = data_of(reference, person, profile)
        receiver, service = data[referring.RECEIVER], data["stafet_service"]
        self._record.add("referring", message=message, receiver=str(receiver), service=str(service))
        body = build(PartnerEvent(message, self._source, referring.SUBMITTED, data))
        reply = await self._mail.send(message, body)
        self._record.add("referred", message=message, status=reply.status, receipt=receipt_of(reply))


def data_of(reference: str, person: Person, profile: Profile) -> mapping.Data:
    """Word one referral in HTCDS names."""
    chance = random.Random(f"refer/{reference}")
    receiver, service = chance.choice(WHERE)
    child = profile.age_band in _CHILDREN
    data: mapping.Data = {
        mapping.REFERENCE: reference,
        referring.RECEIVER: receiver,
        "cas_ReasonForOutgoingReferral": "AdditionalServicesRequired",
        "stafet_service": service,
        "stafet_priority": "acute" if child else chance.choice(("acute", "urgent", "routine")),
        "stafet_age_group": "child" if child else "adult",
        "stafet_interpreter": chance.random() < 0.6,
        "stafet_risk": service == "protection",
        "stafet_safe_contact": chance.random() < 0.7,
        "stafet_residence_status": chance.choice(("lawful", "none", "asylum_seeker")),
        "prs_Gender": _GENDERS.get(profile.gender, "NonSpecifiedUnknown"),
        "prs_FirstName": person.first_name,
        "prs_SecondName": person.last_name,
        "prs_Birthdate": person.birth_date,
        "prs_IdentityNumber": person.person_number,
        "prs_MobilePhone": person.phone,
        "prs_Email": person.email,
        "prs_MailingStreet": person.address,
        "cas_OutgoingReferralDetails": person.text,
        "vic_TypeOfExploitation": [_TYPES.get(profile.exploitation, "Other")],
    }
    if profile.citizenship != "0":
        data["prs_Citizenship"] = [profile.citizenship]
    if not child:
        data |= {
            referring.CONSENT: True,
            "stafet_consent_purposes": ["support"],
            "stafet_consent_groups": ["narrative"],
            "stafet_consent_how": "oral",
            "stafet_consent_language": "eng",
        }
    return data
