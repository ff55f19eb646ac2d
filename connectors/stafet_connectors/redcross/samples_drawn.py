"""Referrals of Red Cross drawn at random, with what they mean: written by hand, without the mapping."""

import json
import random
from typing import Final

from stafet_schemas.groups import Group
from stafet_sdk.draft import ConsentDraft, Fields, ReferralDraft, Value

LETTERS: Final = "abcdefghijklmnopqrstuvwxyzæøåéñ"
PLAIN: Final[tuple[tuple[str, Group, str, tuple[Value, ...]], ...]] = (
    ("stafet_priority", Group.ROUTING, "priority", ("acute", "urgent", "routine", "whenever")),
    ("stafet_age_group", Group.ROUTING, "age_group", ("child", "adult")),
    ("stafet_interpreter", Group.ROUTING, "interpreter", (True, False)),
    ("stafet_risk", Group.ROUTING, "risk", (True, False)),
    ("stafet_safe_contact", Group.ROUTING, "safe_contact", (True, False)),
    ("prs_PrimaryLanguage", Group.ROUTING, "language", ("vie", "eng", "hat")),
    ("stafet_residence_status", Group.RESIDENCE, "status", ("lawful", "none", "asylum_seeker")),
    ("stafet_statistics_year", Group.STATISTICS, "year", (1999, 2026)),
    ("stafet_statistics_age_band", Group.STATISTICS, "age_band", ("9-17", "48+")),
    ("prs_Birthdate", Group.IDENTITY, "birth_date", ("1999-02-28", "2008-02-29")),
    ("prs_IdentityNumber", Group.IDENTITY, "person_number", ("280299-1234", "010170-0001")),
    ("prs_MobilePhone", Group.CONTACT, "phone", ("+4500112233", "00 11 22 33")),
)
"""Fields that mean what they say."""
TEXTS: Final = (
    ("prs_FirstName", Group.IDENTITY, "first_name"),
    ("prs_SecondName", Group.IDENTITY, "last_name"),
    ("prs_MailingStreet", Group.CONTACT, "address"),
    ("cas_OutgoingReferralDetails", Group.NARRATIVE, "text"),
)
PICKED: Final[tuple[tuple[str, object, Group, str, Value], ...]] = (
    ("prs_Gender", "Feminine", Group.ROUTING, "sex", "female"),
    ("prs_Gender", "Masculine", Group.ROUTING, "sex", "male"),
    ("prs_Gender", "NonSpecifiedUnknown", Group.ROUTING, "sex", "unknown"),
    ("vic_RelationshipToTrafficker", "Familial", Group.EXPLOITATION, "recruiter", "family"),
    ("vic_RelationshipToTrafficker", "Unaquainted", Group.EXPLOITATION, "recruiter", "other"),
    ("vic_ForcedLabourIndustry", "F_Construction", Group.EXPLOITATION, "labour", "construction"),
    ("vic_MethodsOfControl", ["PhysicalAbuse"], Group.EXPLOITATION, "control", "physical"),
    ("vic_TypeOfExploitation", ["ForcedLabour"], Group.EXPLOITATION, "types", ["forced_labour"]),
    ("vic_TypeOfExploitation", ["Servitude", "OrganRemoval"], Group.EXPLOITATION, "types",
     ["other", "organ_removal"]),
)  # fmt: skip
"""Picklist values and what they mean."""


def draw(source: random.Random, sender: str) -> tuple[bytes, ReferralDraft]:
    """Draw a referral: the event, and what it must be read as."""
    reference = f"RK-{source.randrange(10**6)}"
    receiver, service = source.choice((("police", "protection"), ("shelter", "accommodation")))
    data: dict[str, object] = {
        "stafet_reference": reference, "cas_ReferredOrganisation": receiver, "stafet_service": service,
    }  # fmt: skip
    values: dict[Group, dict[str, Value]] = {Group.ROUTING: {"service": service}}

    def say(name: str, said: object, group: Group, field: str, meant: Value) -> None:
        data[name] = said
        values.setdefault(group, {})[field] = meant

    for name, group, field, choices in PLAIN:
        if source.random() < 0.6:
            chosen = source.choice(choices)
            say(name, chosen, group, field, chosen)
    for name, group, field in TEXTS:
        if source.random() < 0.6:
            text = "".join(source.choices(LETTERS, k=source.randint(1, 30)))
            say(name, text, group, field, text)
    for name, said, group, field, meant in PICKED:
        if source.random() < 0.4:
            say(name, said, group, field, meant)
    consents = (_consent(source, receiver, data),) if source.random() < 0.5 else ()
    event = {
        "specversion": "1.0", "id": f"referral-{reference}", "source": sender,
        "type": "dk.redcross.referral.submitted", "datacontenttype": "application/json", "data": data,
    }  # fmt: skip
    given: dict[Group, Fields] = dict(values)
    return json.dumps(event).encode(), ReferralDraft(reference, receiver, given, consents)


def _consent(source: random.Random, receiver: str, data: dict[str, object]) -> ConsentDraft:
    groups = source.sample(["narrative", "health", "support"], source.randint(1, 3))
    data |= {
        "con_Consent": True, "stafet_consent_purposes": ["support"], "stafet_consent_groups": groups,
        "stafet_consent_how": "oral", "stafet_consent_language": "vie",
    }  # fmt: skip
    return ConsentDraft(
        "given",
        recipients=(receiver,),
        purposes=("support",),
        groups=tuple(groups),
        language="vie",
        how="oral",
    )
