"""Code lists: a string, a versioned list and `unknown`, instead of enums that all would extend together.

A reader keeps a code it does not know as it came; `known` says whether it is on the list.
Sources: HTCDS 2.0 (IOM, CC BY 4.0) for exploitation and means of control, ODE 360X and Gravity for rejection
reasons, ISO 639-2 for languages, Udlændingeloven for residence.
"""

from dataclasses import dataclass, field
from typing import Final

from stafet_schemas.steps import steps

UNKNOWN: Final = "unknown"

COORDINATOR: Final = "cmm"
"""The agency that co-ordinates who helps whom. Rules and settings name it, too; a guard holds them to it."""
LEFT_TO_HUB: Final = "hub"
"""The receiver of a referral whose sender leaves it to the hub who gets it."""


@dataclass(frozen=True, slots=True)
class CodeList:
    """A named, versioned list of codes. `unknown` belongs to every list."""

    name: str
    version: str
    codes: frozenset[str]
    source: str = field(default="Stafet")

    def known(self, code: str) -> bool:
        """Say whether `code` is on this version of the list."""
        return code == UNKNOWN or code in self.codes


def _codes(words: str) -> frozenset[str]:
    return frozenset(words.split())


AGENCIES: Final = CodeList(
    "agency",
    "3",
    _codes(
        "police redcross shelter immigration cmm siri court prosecution municipality health legal_aid "
        "labour_inspection tax food_authority money_laundering_secretariat union prison return_agency drc "
        "family_court appeals_board hotline police_hotline outreach hub"
    ),
)
SERVICES: Final = CodeList(
    "service",
    "3",
    _codes(
        "accommodation asylum_support health psychological legal_aid education leisure contact_person "
        "identification protection child_protection representation prepared_return custody_visit"
    ),
)
PRIORITIES: Final = CodeList("priority", "1", _codes("acute urgent routine"))
AGE_GROUPS: Final = CodeList("age_group", "1", _codes("child adult"))
SEXES: Final = CodeList(
    "sex", "1", _codes("female male other"), "HTCDS 2.0 prs_Gender, narrowed to housing needs"
)
RESIDENCE: Final = CodeList("residence", "1", _codes("lawful none asylum_seeker"), "Udlændingeloven")
EXPLOITATION: Final = CodeList(
    "exploitation",
    "1",
    _codes(
        "sexual forced_labour forced_criminality slavery_like organ_removal begging forced_marriage other"
    ),
    "Straffeloven § 262 a, HTCDS 2.0 vic_TypeOfExploitation",
)
CONTROL: Final = CodeList(
    "control", "1", _codes("threats financial physical survival other"), "CTDC ControlCategory"
)
RECRUITER: Final = CodeList(
    "recruiter", "1", _codes("intimate_partner family friend other"), "CTDC RecruiterCategory"
)
LABOUR: Final = CodeList(
    "labour",
    "1",
    _codes("construction manufacturing domestic_work aquafarming begging agriculture peddling other"),
    "CTDC Labor_Type",
)
REJECTIONS: Final = CodeList(
    "rejection",
    "1",
    _codes(
        "no_capacity wrong_service outside_mandate insufficient_information person_declined duplicate "
        "safety_conflict not_reachable other"
    ),
    "IHE 360X, Gravity SDOHCC",
)
PURPOSES: Final = CodeList(
    "purpose",
    "6",
    _codes(
        "referral_notice support formal_assessment investigation referral_status consent_withdrawn erasure "
        "safety subject_access prepared_return alert"
    ),
)
PARTS: Final = CodeList(
    "part",
    "5",
    _codes("notice content status reminder revocation withdrawal erasure alert reveal person report review"),
)
RUNGS: Final = CodeList(
    "rung",
    "3",
    _codes(
        "queued sent delivered parsed parse_rejected info_requested accepted rejected in_progress on_hold "
        "completed failed withdrawn cancelled expired redirected entered_in_error warned breached "
        "handover_proposed"
    ),
)
FAILURES: Final = CodeList(
    "failure",
    "2",
    _codes("retriable throttled contract_broken refused needs_action awaiting_fetch policy exhausted bug"),
)
BLOCKS: Final = CodeList(
    "block",
    "5",
    _codes(
        "no_policy no_mandate no_consent not_accepted unknown_case unknown_recipient erased second_person "
        "time_over never_sent not_concerned"
    ),
)
REFUSALS: Final = CodeList(
    "refusal",
    "2",
    _codes(
        "no_recipient wrong_agency out_of_order unknown_referral already_open unknown_subject unknown_step "
        "missing impossible no_mandate over_cap needs_consent child"
    ),
    "domain part 6.2",
)
ERASURES: Final = CodeList(
    "erasure",
    "1",
    _codes("no_longer_needed consent_withdrawn objection unlawful legal_duty replayed"),
    "GDPR art. 17(1)",
)
BASES: Final = CodeList("basis", "1", _codes("consent duty ground"), "GDPR art. 6, 9; Barnets lov")
CONSENT_FORMS: Final = CodeList("consent_form", "1", _codes("oral written"), "GDPR art. 7(1)")
CAPACITY: Final = CodeList(
    "capacity",
    "1",
    _codes("no_capacity capacity waitlist additional_assessment_required"),
    "Gravity SDOHCC",
)
CHOICES: Final = CodeList("choice", "1", _codes("free_places mandate waitlist no_capacity"))
PLACES: Final = CodeList("place", "2", _codes("female male child wheelchair family asylum high_security"))
IDENTIFICATIONS: Final = CodeList(
    "identification", "1", _codes("identified not_identified"), "Udlændingeloven § 33(14)"
)
ASSESSMENTS: Final = CodeList("assessment", "1", _codes("positive negative undetermined"))
CHANNELS: Final = CodeList("channel", "1", _codes("hub phone secure_mail letter in_person"))
CONTACT_STEPS: Final = CodeList("contact_step", "1", _codes("received triaged referred closed"))
CONTACT_SOURCES: Final = CodeList(
    "contact_source",
    "1",
    _codes("self police health union colleague employer customer ngo municipality prison other"),
)
VENUES: Final = CodeList(
    "venue",
    "1",
    _codes(
        "hotline prostitution_milieu massage_clinic prison asylum_centre drop_in mobile_clinic workplace "
        "other"
    ),
)
INTERVIEW_PLACES: Final = CodeList(
    "interview_place", "1", _codes("coordinator shelter custody prison asylum_centre elsewhere")
)
PRESENT: Final = CodeList("present", "1", _codes("interpreter companion representative lawyer"))
PERIODS: Final = CodeList("period", "1", _codes("reflection recovery"), "Udlændingeloven § 33(14)")
STEPS: Final = CodeList("step", "1", frozenset(steps()))
MEDIA: Final = CodeList("media", "1", _codes("pdf jpeg png tiff text"), "IANA media types, narrowed")
ROLES: Final = CodeList("role", "1", _codes("caseworker supervisor data_protection"))
VERDICTS: Final = CodeList("verdict", "1", _codes("justified unjustified"))

HANDLING: Final = CodeList("handling", "1", _codes("h0 h1 h2 h3"), "Europol handling codes, 2018")
IDENTIFIER_SCHEMES: Final = CodeList(
    "identifier_scheme", "1", _codes("cpr replacement_cpr foreigner_number cvr p_number agency")
)
IDENTIFIER_USES: Final = CodeList(
    "identifier_use", "1", _codes("official temporary old anonymous"), "HL7 FHIR identifier-use, narrowed"
)

CODE_LISTS: Final = {
    each.name: each
    for each in (
        ASSESSMENTS, CHANNELS, CONTACT_STEPS, CONTACT_SOURCES, VENUES, INTERVIEW_PLACES, PRESENT, PERIODS,
        STEPS,
        AGENCIES, SERVICES, PRIORITIES, AGE_GROUPS, SEXES, RESIDENCE, EXPLOITATION, CONTROL, RECRUITER,
        LABOUR, REJECTIONS, PURPOSES, PARTS, RUNGS, FAILURES, BLOCKS, REFUSALS,
        ERASURES, BASES, CONSENT_FORMS, CAPACITY, CHOICES, PLACES, IDENTIFICATIONS, ROLES, VERDICTS, HANDLING,
        MEDIA,
        IDENTIFIER_SCHEMES,
        IDENTIFIER_USES,
    )
}  # fmt: skip
