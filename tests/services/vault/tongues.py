"""What each agency's messages look like, typed from its contract: which name stands for what in which part.

None of it comes from a connector's own tables: a name that a connector changes, adds or forgets shows here.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from lxml import etree

from stafet_schemas.groups import Group
from stafet_sdk.contract import Outbound
from stafet_sdk.draft import Release
from stafet_sdk.xml import Element

Field = tuple[Group, str]
FORMS: Final = frozenset({"Anmodning", "Tilbagekaldelse", "Varsel"})
RUNGS: Final = frozenset({"delivered", "accepted", "rejected", "completed", "parse_rejected"})
"""What every agency that sends referrals can be told of one."""


@dataclass(frozen=True)
class Tongue:
    """An agency's words.

    `names` are those of fields that go by a name of the agency's own, `other` names every other field;
    `around` is by part what else stands in a message, and without a part it has no word for it; `status` is
    the same of a status and `alert` of an alert, `rungs` are those that it can be told. `read` reads what a
    message says, by name.
    """

    names: Mapping[Field, tuple[str, ...]]
    other: Callable[[Group, str], str]
    around: Mapping[str, frozenset[str]]
    status: Callable[[Release], frozenset[str]]
    alert: Callable[[Release], frozenset[str]]
    read: Callable[[Outbound], Mapping[str, str]]
    rungs: frozenset[str] = RUNGS

    def of(self, field: Field) -> tuple[str, ...]:
        """Name a field."""
        return self.names.get(field) or (self.other(*field),)


def _own(words: Mapping[Group, str]) -> dict[Field, tuple[str, ...]]:
    """Read `field=name` pairs; `field=name+name` is a field in two places."""
    return {
        (group, pair.partition("=")[0]): tuple(pair.partition("=")[2].split("+"))
        for group, pairs in words.items()
        for pair in pairs.split()
    }


def _words(*names: str) -> frozenset[str]:
    return frozenset(" ".join(names).split())


def _unusable(release: Release) -> bool:
    """Say whether an answer does not fit its referral: of that the hub keeps its own receipt only."""
    return release.rung == "rejected" and release.reason in {
        "wrong_agency",
        "out_of_order",
        "unknown_referral",
        "already_open",
        "unknown_subject",
        "unknown_step",
        "missing",
        "impossible",
        "no_mandate",
        "over_cap",
        "needs_consent",
        "child",
    }


def _present(release: Release, referral: str, reason: str, problems: str) -> Iterator[str]:
    yield from (referral,) if release.referral else ()
    yield from (reason,) if release.reason else ()
    yield from (problems,) if release.problems else ()


def _alert(release: Release, always: str, reason: str, due: str) -> frozenset[str]:
    """Name what an alert says, the reason and the end of a time limit only where there is one."""
    return _words(always, *((reason,) if release.reason else ()), *((due,) if release.due else ()))


def _flat(data: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in data.items():
        if isinstance(value, dict):
            yield from _flat(cast("dict[str, Any]", value), f"{before}{name}.")
        else:
            yield f"{before}{name}", json.dumps(value)


def form_of(outbound: Outbound) -> Element | None:
    """Find the form in a message to the police, None in a receipt."""
    root = etree.fromstring(outbound.body)
    return next((each for each in root.iter() if etree.QName(each).localname in FORMS), None)


def _police_says(outbound: Outbound) -> Mapping[str, str]:
    form, found = form_of(outbound), dict[str, str]()
    for child in () if form is None else form:
        name, within = etree.QName(child).localname, [etree.QName(each).localname for each in child]
        if within[:2] == ["Gruppe", "Navn"]:
            said = {f"{child[0].text}.{child[1].text}": child}
        else:
            said = {f"{name}.{inner}": child for inner in within} if within else {name: child}
        for each, element in said.items():
            found[each] = found.get(each, "") + " ".join(str(text) for text in element.itertext())
    return found


def _redcross_says(outbound: Outbound) -> Mapping[str, str]:
    event = json.loads(outbound.body)
    assert event.keys() <= _words("specversion id source type subject datacontenttype data")
    return dict(_flat(event["data"]))


def _shelter_says(outbound: Outbound) -> Mapping[str, str]:
    if outbound.trigger is None:
        root = etree.fromstring(outbound.body)
        return {etree.QName(each).localname: str(each.text) for each in root.iter("*")}
    header, row = csv.reader(io.StringIO(outbound.body.decode("utf-8-sig"), newline=""), delimiter=";")
    return dict(zip(header, row, strict=True))


def _shelter_status(release: Release) -> frozenset[str]:
    if release.rung == "rejected":
        return _words("BusinessReceipt FileTransferUUID Filename Recipient FileAcceptance Reason")
    return _words(
        "TechnicalReceipt FileTransferUUID SendersFileId",
        "ErrorMessage ErrorCode ErrorCodeDescription ErrorDescription",
    )


POLICE: Final = Tongue(
    names=_own(
        {
            Group.ROUTING: (
                "service=Ydelse priority=Prioritet age_group=Aldersgruppe sex=Koen language=Sprog"
                " interpreter=Tolkebehov risk=Risiko safe_contact=SikkerKontakt"
            ),
            Group.EXPLOITATION: (
                "types=Udnyttelse.Form control=Udnyttelse.Kontrol recruiter=Udnyttelse.Rekruttering"
                " labour=Udnyttelse.Arbejde indicators=Udnyttelse.Indikator"
            ),
            Group.IDENTITY: (
                "first_name=Identitet.Fornavn last_name=Identitet.Efternavn alias=Identitet.Alias"
                " birth_date=Identitet.Foedselsdato nationality=Identitet.Nationalitet"
                " person_number=Identitet.Personnummer identifiers=Identitet.Identifikator"
            ),
            Group.CONTACT: (
                "phone=Kontakt.Telefon email=Kontakt.Email address=Kontakt.Adresse"
                " workplace=Kontakt.Arbejdssted destination=Kontakt.Bestemmelsessted"
            ),
            Group.PERPETRATOR: (
                "role=Gerningsperson.Rolle description=Gerningsperson.Beskrivelse"
                " employer=Gerningsperson.Arbejdsgiver safety_warning=Gerningsperson.Sikkerhedsadvarsel"
            ),
            Group.CHILD: "representative=Barn.Repraesentant family=Barn.Familie age_band=Barn.Aldersbaand",
            Group.NARRATIVE: "text=Fritekst",
        }
    ),
    other=lambda group, name: f"{group}.{name}",
    around={
        "notice": _words("Henvisning Del Formaal Afsender Person"),
        "content": _words("Henvisning Del Formaal Afsender Person"),
        "revocation": _words("Del Person Henvisning"),
        "withdrawal": _words("Del Person Oplysninger Henvisning"),
        "erasure": _words("Del Henvisning"),
    },
    status=lambda _release: frozenset(),
    alert=lambda release: _alert(release, "Del Trin Henvisning", "Aarsag", "Frist"),
    read=_police_says,
    rungs=RUNGS | _words("failed withdrawn cancelled expired entered_in_error"),
)
"""The form of FordelingsobjektModtag; a status is a receipt, which has no form."""

REDCROSS: Final = Tongue(
    names=_own(
        {
            Group.ROUTING: "language=prs_PrimaryLanguage sex=prs_Gender",
            Group.IDENTITY: (
                "first_name=prs_FirstName last_name=prs_SecondName birth_date=prs_Birthdate"
                " nationality=prs_Citizenship person_number=prs_IdentityNumber"
            ),
            Group.CONTACT: "phone=prs_MobilePhone email=prs_Email address=prs_MailingStreet",
            Group.NARRATIVE: "text=cas_OutgoingReferralDetails",
            # HTCDS asks for the status of whoever was exploited, in whichever way.
            Group.EXPLOITATION: (
                "types=vic_TypeOfExploitation+vic_TraffickingStatus"
                " control=vic_MethodsOfControl+vic_TraffickingStatus"
                " recruiter=vic_RelationshipToTrafficker+vic_TraffickingStatus"
                " labour=vic_ForcedLabourIndustry+vic_TraffickingStatus"
                " indicators=stafet_exploitation_indicators+vic_TraffickingStatus"
            ),
        }
    ),
    other=lambda group, name: f"stafet_{name}" if group is Group.ROUTING else f"stafet_{group}_{name}",
    around={
        "notice": _words(
            "cas_ReferringOrganisation cas_ReferredOrganisation cas_ReasonForOutgoingReferral",
            "stafet_person stafet_purpose stafet_referral",
        ),
        "reminder": _words(
            "cas_ReferringOrganisation cas_ReferredOrganisation cas_ReasonForOutgoingReferral",
            "stafet_person stafet_purpose stafet_referral",
        ),
        "content": _words(
            "cas_ReferringOrganisation cas_ReferredOrganisation cas_ReasonForOutgoingReferral",
            "stafet_person stafet_purpose stafet_referral",
        ),
        "revocation": _words("stafet_person stafet_referral stafet_rung"),
        "withdrawal": _words("stafet_groups stafet_person stafet_purpose stafet_referrals"),
        "erasure": _words("stafet_purpose stafet_referrals"),
        "waiting": _words("stafet_delivery stafet_referral stafet_part"),
    },
    status=lambda release: frozenset(
        {
            "stafet_rung",
            "stafet_receipt" if _unusable(release) else "stafet_message",
            *_present(release, "stafet_referral", "stafet_reason", "stafet_problems"),
        }
    ),
    alert=lambda release: _alert(release, "stafet_rung stafet_referrals", "stafet_reason", "stafet_due"),
    read=_redcross_says,
    rungs=RUNGS
    | _words("info_requested in_progress on_hold failed withdrawn cancelled expired redirected")
    | {"entered_in_error"},
)
"""Names of HTCDS 2.0 in an event's data; every other field goes by its own, with `stafet_` before it."""

SHELTER: Final = Tongue(
    names={},
    other=lambda group, name: name if group is Group.ROUTING else f"{group}_{name}",
    around={
        "notice": _words("request_type delivery client_code referral_ref from_agency purpose"),
        "reminder": _words("request_type delivery client_code referral_ref from_agency purpose"),
        "content": _words("request_type delivery client_code referral_ref from_agency purpose"),
        "revocation": _words("request_type delivery client_code referral_ref placement_status"),
        "withdrawal": _words("request_type delivery client_code referral_refs purpose groups"),
        "erasure": _words("request_type delivery referral_refs purpose"),
    },
    status=_shelter_status,
    alert=lambda release: _alert(release, "request_type delivery referral_refs alert", "reason", "due_at"),
    read=_shelter_says,
    rungs=frozenset({"parse_rejected", "rejected"}),
)
"""The columns of a request; a status is a receipt file about a row."""

IMMIGRATION: Final = Tongue(
    names=_own(
        {
            Group.ROUTING: (
                "service=assessment.service priority=assessment.priority age_group=assessment.ageGroup"
                " interpreter=assessment.interpreter risk=assessment.risk safe_contact=assessment.safeContact"
                " sex=personoplysninger.koen language=personoplysninger.modersmaal"
            ),
            Group.RESIDENCE: "status=stay.status asylum=stay.asylum entitlement=stay.entitlement",
            Group.EXPLOITATION: (
                "types=exploitation.types control=exploitation.control recruiter=exploitation.recruiter"
                " labour=exploitation.labour"
            ),
            Group.IDENTITY: (
                "person_number=civilregistrationIdentifier identifiers=asylPersonId+otherIdentifiers"
                " first_name=personoplysninger.fornavn last_name=personoplysninger.efternavn"
                " alias=personoplysninger.kaldenavn birth_date=personoplysninger.foedselsdato"
                " nationality=personoplysninger.statsborgerskab"
            ),
            Group.CONTACT: (
                "phone=personoplysninger.telefonnummer email=personoplysninger.email"
                " address=personoplysninger.adresse"
            ),
            Group.NARRATIVE: "text=account",
            Group.SUPPORT: "period_start=period.start period_end=period.end",
        }
    ),
    other=lambda group, name: f"additional.{group}.{name}",
    around={
        "notice": _words("referralId purpose referringAuthority personRef"),
        "content": _words("referralId purpose referringAuthority personRef"),
        "withdrawal": _words("purpose referralIds personRef groups"),
        "erasure": _words("purpose referralIds"),
    },
    status=lambda release: frozenset(
        {
            "status",
            "receipt" if release.rung == "rejected" and release.referral is None else "itemId",
            *_present(release, "referralId", "reason", "problems"),
        }
    ),
    alert=lambda release: _alert(release, "status referralIds", "reason", "dueAt"),
    read=lambda outbound: dict(_flat(json.loads(outbound.body))),
)
"""The body of a request, by path."""

TONGUES: Final[Mapping[str, Tongue]] = {
    "police": POLICE,
    "redcross": REDCROSS,
    "shelter": SHELTER,
    "immigration": IMMIGRATION,
}
