"""The referral forms the simulated police fill in: a profile and a person in Danish words."""

import random
from collections.abc import Mapping, Sequence
from typing import Final

from stafet_connectors.police.fields import FORM, NAMESPACE
from stafet_sdk.synthetic import Person, Profile
from stafet_sdk.xml import Content, Element, grow

_SEXES: Final = {"Female": "Kvinde", "Male": "Mand"}
_SOURCES: Final = {"Case Management": "Sagsbehandling", "Hotline": "Hotline"}
_TYPES: Final = {
    "Sexual Exploitation": "Seksuel",
    "Forced Labor": "Tvangsarbejde",
    "Forced Marriage": "Tvangsaegteskab",
    "Other": "Andet",
}
_CONTROL: Final = {
    "Threats": "Trusler",
    "Financial": "Oekonomisk",
    "Physical": "Fysisk",
    "Survival": "Livsfornoedenheder",
    "Other": "Andet",
}
_RECRUITERS: Final = {
    "Intimate Partner": "Partner",
    "Family/Relative": "Familie",
    "Friend/Acquaintance": "Bekendt",
    "Other": "Andet",
}
_LABOUR: Final = {
    "Construction": "Byggeri",
    "Manufacturing": "Fabrik",
    "Domestic Work": "Husarbejde",
    "Aquafarming": "Akvakultur",
    "Begging": "Tiggeri",
    "Agriculture": "Landbrug",
    "Peddling": "Gadesalg",
    "Other": "Andet",
}
_LANGUAGES: Final = {
    "US": "eng", "UA": "ukr", "BY": "bel", "MM": "mya", "KG": "kir", "KH": "khm", "NG": "eng", "HT": "hat",
    "LK": "sin", "ID": "ind", "UG": "eng", "TH": "tha", "PH": "fil", "MD": "ron", "VN": "vie",
}  # fmt: skip
CONSENTING_SHARE: Final = 0.6
_CHILDREN: Final = frozenset({"0-8", "9-17"})
SERVICES: Final = ("Indkvartering", "Asylstoette", "Sundhed", "Retshjaelp", "Kontaktperson")
ASKED_OF: Final[Mapping[str, Sequence[str]]] = {
    "shelter": ("Indkvartering",),
    "immigration": ("Identifikation",),
}
"""What is asked of the agencies that are not asked for everything."""
_RESIDENCE: Final = ("Lovligt", "Intet", "Asylansoeger", "Ukendt")


def fill_form(
    reference: str,
    person: Person,
    profile: Profile,
    chance: random.Random,
    services: Sequence[str] = SERVICES,
) -> Element:
    """Fill in one referral; `chance` decides what the profile leaves open (risk, residence, ...).

    `services` are those that may be asked of its receiver.
    """
    child = profile.age_band in _CHILDREN
    language = _LANGUAGES.get(profile.citizenship, "und")
    content: Content = {
        "Sagsreference": reference,
        "Ydelse": chance.choice(services),
        "Prioritet": "Akut" if child else chance.choice(("Akut", "Haster", "Rutine")),
        "Aldersgruppe": "Barn" if child else "Voksen",
        "Koen": _SEXES.get(profile.gender, "Ukendt"),
        "Sprog": language,
        "Tolkebehov": str(language != "eng").lower(),
        "Risiko": str(chance.random() < 0.3).lower(),
        "SikkerKontakt": str(chance.random() < 0.7).lower(),
        "Ophold": chance.choice(_RESIDENCE),
        "Udnyttelse": {
            "Form": _TYPES.get(profile.exploitation, "Ukendt"),
            "Kontrol": _CONTROL.get(profile.control, "Ukendt"),
            **_given("Rekruttering", _RECRUITERS.get(profile.recruiter)),
            **_given("Arbejde", _LABOUR.get(profile.labour)),
        },
        "Statistik": {
            "Aar": str(profile.year),
            "Kilde": _SOURCES.get(profile.source, "Ukendt"),
            "Aldersbaand": profile.age_band,
        },
        "Identitet": {
            "Fornavn": person.first_name,
            "Efternavn": person.last_name,
            "Foedselsdato": person.birth_date,
            "Nationalitet": "Ukendt" if profile.citizenship == "0" else profile.citizenship,
            "Personnummer": person.person_number,
        },
        "Kontakt": {"Telefon": person.phone, "Email": person.email, "Adresse": person.address},
        "Fritekst": person.text,
        **_basis(reference, language, profile),
    }
    return grow(NAMESPACE, FORM, content)


def consents(reference: str, profile: Profile) -> bool:
    """Say whether this person consents: six adults in ten do, and whoever is referred again says it again."""
    chance = random.Random(f"consent/{reference}")
    return profile.age_band not in _CHILDREN and chance.random() < CONSENTING_SHARE


def _basis(reference: str, language: str, profile: Profile) -> Mapping[str, Content]:
    """Say on what basis more than what is always seen may be seen; of a child, that there is a duty."""
    opens: dict[str, Content] = {"Formaal": "Stoette", "Oplysninger": ("Fritekst", "Helbred")}
    if profile.age_band in _CHILDREN:
        return {"Underretning": {**opens, "Hjemmel": "Barnets lov § 133", "Ansvarlig": "Vagthavende"}}
    if not consents(reference, profile):
        return {}
    tongue = {"Sprog": language, "Tolk": str(language != "eng").lower(), "Form": "Mundtlig"}
    return {"Samtykke": {**opens, **tongue}}


def _given(name: str, value: str | None) -> Mapping[str, Content]:
    return {} if value is None else {name: value}
