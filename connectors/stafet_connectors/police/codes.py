"""Danish codes of the referral form and the canonical code each means. `Ukendt` is on every list."""

from collections.abc import Mapping
from typing import Final

from stafet_schemas.codes import UNKNOWN

_UNKNOWN: Final = {"Ukendt": UNKNOWN}

SERVICES: Final[Mapping[str, str]] = {
    "Indkvartering": "accommodation",
    "Asylstoette": "asylum_support",
    "Sundhed": "health",
    "Retshjaelp": "legal_aid",
    "Kontaktperson": "contact_person",
    "Identifikation": "identification",
    "Beskyttelse": "protection",
    "Psykologhjaelp": "psychological",
    "Undervisning": "education",
    "Fritid": "leisure",
    "Boernebeskyttelse": "child_protection",
    "Repraesentation": "representation",
    "ForberedtHjemsendelse": "prepared_return",
    "Faengselsbesoeg": "custody_visit",
    **_UNKNOWN,
}
PRIORITIES: Final[Mapping[str, str]] = {"Akut": "acute", "Haster": "urgent", "Rutine": "routine", **_UNKNOWN}
AGE_GROUPS: Final[Mapping[str, str]] = {"Barn": "child", "Voksen": "adult", **_UNKNOWN}
SEXES: Final[Mapping[str, str]] = {"Kvinde": "female", "Mand": "male", "Andet": "other", **_UNKNOWN}
RESIDENCE: Final[Mapping[str, str]] = {
    "Lovligt": "lawful",
    "Intet": "none",
    "Asylansoeger": "asylum_seeker",
    **_UNKNOWN,
}
EXPLOITATION: Final[Mapping[str, str]] = {
    "Seksuel": "sexual",
    "Tvangsarbejde": "forced_labour",
    "StrafbareHandlinger": "forced_criminality",
    "SlaverilignendeForhold": "slavery_like",
    "OrganUdtagelse": "organ_removal",
    "Tiggeri": "begging",
    "Tvangsaegteskab": "forced_marriage",
    "Andet": "other",
    **_UNKNOWN,
}
CONTROL: Final[Mapping[str, str]] = {
    "Trusler": "threats",
    "Oekonomisk": "financial",
    "Fysisk": "physical",
    "Livsfornoedenheder": "survival",
    "Andet": "other",
    **_UNKNOWN,
}
RECRUITERS: Final[Mapping[str, str]] = {
    "Partner": "intimate_partner",
    "Familie": "family",
    "Bekendt": "friend",
    "Andet": "other",
    **_UNKNOWN,
}
LABOUR: Final[Mapping[str, str]] = {
    "Byggeri": "construction",
    "Fabrik": "manufacturing",
    "Husarbejde": "domestic_work",
    "Akvakultur": "aquafarming",
    "Tiggeri": "begging",
    "Landbrug": "agriculture",
    "Gadesalg": "peddling",
    "Andet": "other",
    **_UNKNOWN,
}
SOURCES: Final[Mapping[str, str]] = {"Sagsbehandling": "case_management", "Hotline": "hotline", **_UNKNOWN}
_BANDS: Final = ("0-8", "9-17", "18-20", "21-23", "24-26", "27-29", "30-38", "39-47", "48+")
AGE_BANDS: Final[Mapping[str, str]] = {**{band: band for band in _BANDS}, **_UNKNOWN}
PURPOSES: Final[Mapping[str, str]] = {
    "Stoette": "support",
    "Efterforskning": "investigation",
    "Behandling": "treatment",
    "Retshjaelp": "legal_aid",
    "BarnetsBeskyttelse": "child_protection",
}
GROUPS: Final[Mapping[str, str]] = {
    "Identitet": "identity",
    "Kontakt": "contact",
    "Ophold": "residence",
    "Udnyttelse": "exploitation",
    "Fritekst": "narrative",
    "Helbred": "health",
    "Gerningsperson": "perpetrator",
    "Barn": "child",
    "Stoetteplan": "support",
}
HANDLING: Final[Mapping[str, str]] = {"H0": "h0", "H1": "h1", "H2": "h2", "H3": "h3"}
KEPT_BACK: Final = frozenset({"h2", "h3"})
"""Not to be passed on, which is what a referral is for: docs/how-to/connect-police.md."""
CONSENT_FORMS: Final[Mapping[str, str]] = {"Mundtlig": "oral", "Skriftlig": "written"}
BOOLEANS: Final[Mapping[str, bool]] = {"true": True, "1": True, "false": False, "0": False}
