"""The words of a subject report in English; a code without a word here is its own words."""

from collections.abc import Mapping
from typing import Final

ENGLISH: Final[Mapping[str, str]] = {
    "text.title": "Your data in Stafet",
    "text.intro": "What the hub between the agencies holds about you, where it came from, who was given what "
    "of it, when, for which purpose and on which legal basis (GDPR article 15).",
    "text.made": "Made (UTC)",
    "text.number": "Report",
    "text.policy": "Disclosure policy",
    "text.data": "What is held about you",
    "text.nothing": "Nothing.",
    "text.from": "From {agency}, {at} (UTC)",
    "text.withheld": "Kept back: {groups}. It is about others, or serves a criminal matter (GDPR article "
    "15(4), Databeskyttelsesloven § 22).",
    "text.shared": "Who was given what",
    "text.when": "When (UTC)",
    "text.who": "To whom",
    "text.purpose": "Purpose",
    "text.part": "What it was",
    "text.what": "Data",
    "text.basis": "Legal basis",
    "text.by_policy": "by policy {policy}",
    "text.bases": "Consents and other bases on record",
    "text.open_ended": "without an end",
    "text.until": "until {at}",
    "text.staff": "Names of staff are withheld.",
    "text.raw": "The messages that the data were taken from are kept, too; you may ask for a copy.",
    "text.rights": "You may ask for data to be corrected, erased or restricted, object to their use, take a "
    "consent back at any time, and complain to the Danish Data Protection Agency (Datatilsynet).",
    "text.kept": "The data are kept until your case is erased.",
    "text.signed": "The file {file} says the same for machines and is signed by the hub, with the digest of "
    "this page: `stafet subject-report --check {file}`.",
    "text.yes": "yes",
    "text.no": "no",
    "party.operator": "The hub's own staff ({role})",
    "party.stafet": "The hub itself",
    "purpose.consent_withdrawn": "Tell that consent was withdrawn",
    "purpose.erasure": "Tell that data are to be erased",
    "part.notice": "notice of a referral",
    "part.content": "content of a referral",
    "part.status": "status of a referral",
    "part.alert": "word of a time limit or a proposal",
    "part.withdrawal": "word that data may not be used any more",
    "part.erasure": "word that data are to be erased",
    "part.reveal": "shown to staff",
    "part.person": "looked up by a partner's reference",
    "part.report": "this kind of report",
    "part.review": "review of why staff looked",
    "basis.consent": "consent",
    "basis.duty": "duty to notify",
    "basis.ground": "legal ground",
    "statement.given": "given",
    "statement.narrowed": "narrowed",
    "statement.withdrawn": "withdrawn",
    "statement.expired": "expired",
}
