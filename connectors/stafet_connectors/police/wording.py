"""The forms in which the police receive: a question or content about a person, what may not be kept, alerts.

`Anmodning` holds what was released and nothing else: every field of it may be absent. A code that has no
Danish word goes as it is, a released field without a name goes by ours: ledger and message say the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stafet_connectors.police.codes import (
    AGE_BANDS,
    AGE_GROUPS,
    CONTROL,
    EXPLOITATION,
    GROUPS,
    LABOUR,
    PRIORITIES,
    RECRUITERS,
    SERVICES,
    SEXES,
)
from stafet_connectors.police.fields import NAMESPACE
from stafet_schemas.codes import UNKNOWN
from stafet_schemas.groups import Group
from stafet_sdk.draft import Fields, Release, Value
from stafet_sdk.xml import Content, Element, grow

REQUEST_FORM: Final = "Anmodning"
RECALL_FORM: Final = "Tilbagekaldelse"
ALERT_FORM: Final = "Varsel"
ALERT: Final = "alert"
REVOCATION: Final = "revocation"
PARTS: Final = {
    "notice": "Forespoergsel",
    "content": "Oplysninger",
    REVOCATION: "Bortfaldet",
    "withdrawal": "Tilbagetrukket",
    "erasure": "Slettet",
    ALERT: "Varsel",
}
RECALLS: Final = frozenset({REVOCATION, "withdrawal", "erasure"})
ALERTS: Final = {
    "warned": "FristNaermerSig",
    "breached": "FristOverskredet",
    "handover_proposed": "OvertagelseForeslaaet",
}
"""What an alert is; its time limit goes by our code."""


@dataclass(frozen=True, slots=True)
class Word:
    """A canonical field's element; `codes` are its Danish words and what each means."""

    name: str
    group: Group
    canonical: str
    codes: Mapping[str, str] | None = None

    def text(self, value: Value) -> str:
        """Say one value in Danish; a code without a word as it is."""
        if isinstance(value, bool):
            return str(value).lower()
        inverse = {code: word for word, code in (self.codes or {}).items()}
        return inverse.get(str(value), str(value))


_COUNTRY: Final = {"Ukendt": UNKNOWN}
ROOT: Final = (
    Word("Ydelse", Group.ROUTING, "service", SERVICES),
    Word("Prioritet", Group.ROUTING, "priority", PRIORITIES),
    Word("Aldersgruppe", Group.ROUTING, "age_group", AGE_GROUPS),
    Word("Koen", Group.ROUTING, "sex", SEXES),
    Word("Sprog", Group.ROUTING, "language", {"und": UNKNOWN}),
    Word("Tolkebehov", Group.ROUTING, "interpreter"),
    Word("Risiko", Group.ROUTING, "risk"),
    Word("SikkerKontakt", Group.ROUTING, "safe_contact"),
)
SECTIONS: Final[Mapping[str, tuple[Word, ...]]] = {
    "Udnyttelse": (
        Word("Form", Group.EXPLOITATION, "types", EXPLOITATION),
        Word("Kontrol", Group.EXPLOITATION, "control", CONTROL),
        Word("Rekruttering", Group.EXPLOITATION, "recruiter", RECRUITERS),
        Word("Arbejde", Group.EXPLOITATION, "labour", LABOUR),
        Word("Indikator", Group.EXPLOITATION, "indicators"),
    ),
    "Identitet": (
        Word("Fornavn", Group.IDENTITY, "first_name"),
        Word("Efternavn", Group.IDENTITY, "last_name"),
        Word("Alias", Group.IDENTITY, "alias"),
        Word("Foedselsdato", Group.IDENTITY, "birth_date"),
        Word("Nationalitet", Group.IDENTITY, "nationality", _COUNTRY),
        Word("Personnummer", Group.IDENTITY, "person_number"),
        Word("Identifikator", Group.IDENTITY, "identifiers"),
    ),
    "Kontakt": (
        Word("Telefon", Group.CONTACT, "phone"),
        Word("Email", Group.CONTACT, "email"),
        Word("Adresse", Group.CONTACT, "address"),
        Word("Arbejdssted", Group.CONTACT, "workplace"),
        Word("Bestemmelsessted", Group.CONTACT, "destination"),
    ),
    "Gerningsperson": (
        Word("Rolle", Group.PERPETRATOR, "role"),
        Word("Beskrivelse", Group.PERPETRATOR, "description"),
        Word("Arbejdsgiver", Group.PERPETRATOR, "employer"),
        Word("Sikkerhedsadvarsel", Group.PERPETRATOR, "safety_warning"),
    ),
    "Barn": (
        Word("Repraesentant", Group.CHILD, "representative"),
        Word("Familie", Group.CHILD, "family"),
        Word("Aldersbaand", Group.CHILD, "age_band", AGE_BANDS),
    ),
}
LAST: Final = (Word("Fritekst", Group.NARRATIVE, "text"),)
_NAMED: Final = frozenset(
    (word.group, word.canonical) for words in (ROOT, LAST, *SECTIONS.values()) for word in words
)


def request_form(release: Release) -> Element:
    """Word a notice or content.

    Raises:
        ValueError: a bug of ours: no referral, or a notice with more than routing facts.
    """
    if release.referral is None:
        raise ValueError("the police agency gets a notice or content of a referral")
    beyond = release.values.keys() - {Group.ROUTING} if release.part == "notice" else set[Group]()
    if beyond:
        raise ValueError(f"a notice holds routing facts only, this one has: {', '.join(sorted(beyond))}")
    person: dict[str, Content] = {} if release.person is None else {"Person": release.person}
    content: dict[str, Content] = {
        "Henvisning": release.referral,
        "Del": PARTS[release.part],
        "Formaal": release.purpose,
        "Afsender": release.sender,
        **person,
        **_words(ROOT, release.values),
    }
    for name, words in SECTIONS.items():
        section = _words(words, release.values)
        if section:
            content[name] = section
    content |= _words(LAST, release.values)
    others = tuple(_unnamed(release.values))
    return grow(NAMESPACE, REQUEST_FORM, content | ({"Felt": others} if others else {}))


def recall_form(release: Release) -> Element:
    """Word what is taken back: kinds of information that may not be used, referrals not kept or over.

    Raises:
        ValueError: a bug of ours: a recall with values.
    """
    if release.values:
        raise ValueError("a recall holds no values")
    danish = {code: word for word, code in GROUPS.items()}
    person: dict[str, Content] = {} if release.person is None else {"Person": release.person}
    content: dict[str, Content] = {
        "Del": PARTS[release.part],
        **person,
        "Oplysninger": tuple(danish.get(group, group) for group in release.groups),
        "Henvisning": release.referrals if release.referral is None else (release.referral,),
    }
    return grow(NAMESPACE, RECALL_FORM, content)


def alert_form(release: Release) -> Element:
    """Word of which referrals time runs out or is over, or what is proposed.

    Raises:
        ValueError: a bug of ours: an alert with values, or that does not say what it is.
    """
    if release.values or release.rung is None:
        raise ValueError("an alert says what it is, and holds no values")
    content: dict[str, Content] = {
        "Del": PARTS[release.part],
        "Trin": ALERTS.get(release.rung, release.rung),
        "Aarsag": release.reason or (),
        "Frist": () if release.due is None else release.due.isoformat(),
        "Henvisning": release.referrals,
    }
    return grow(NAMESPACE, ALERT_FORM, content)


def _words(words: tuple[Word, ...], values: Mapping[Group, Fields]) -> dict[str, Content]:
    found: dict[str, Content] = {}
    for word in words:
        value = values.get(word.group, {}).get(word.canonical)
        if value is not None:
            several = value if isinstance(value, list) else [value]
            found[word.name] = tuple(word.text(each) for each in several)
    return found


def _unnamed(values: Mapping[Group, Fields]) -> list[Content]:
    return [
        {"Gruppe": group.value, "Navn": name, "Vaerdi": tuple(str(each) for each in _several(value))}
        for group, fields in values.items()
        for name, value in fields.items()
        if (group, name) not in _NAMED and value is not None
    ]


def _several(value: Value) -> list[Value]:
    return list(value) if isinstance(value, list) else [value]
