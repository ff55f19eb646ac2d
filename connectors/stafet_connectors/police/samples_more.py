"""What makes the police's certification complete: spoilt and drawn messages, keys that change, promises."""

import json
import random
import ssl
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from stafet_connectors.police import codes
from stafet_connectors.police.fields import NAMESPACE
from stafet_connectors.police.samples_base import (
    GOLDEN,
    addressed,
    body_of,
    credentials,
    form,
    partner,
    police,
    post,
    request_of,
    saying,
    signed,
)
from stafet_schemas.groups import Group
from stafet_sdk.certification.samples import NOW, Copies, Promise, Rotation
from stafet_sdk.contract import Partner, Request
from stafet_sdk.draft import Fields, ReferralDraft, Value
from stafet_sdk.errors import ContractBroken, InboundRefused, Retriable, Throttled

STRANGE: Final = "moon_landing"
"""A code on no list."""

PROMISES: Final[Mapping[str, Promise]] = {
    "down-first": Promise(Retriable, "http_503"),
    "error-first": Promise(Retriable, "http_500"),
    "fault-500": Promise(Retriable, "soap_server_fault"),
    "throttle": Promise(Throttled, "http_429"),
    "html-first": Promise(ContractBroken, "unexpected_answer"),
    "redirect-first": Promise(ContractBroken, "redirect"),
    "slow": Promise(None),
    "advarsel": Promise(None),
    "wrap-attack": Promise(InboundRefused, "signature_invalid", "inbox"),
    "expired-certificate": Promise(InboundRefused, "certificate_expired", "inbox"),
}
_MALFORMED: Final = {
    "Sagsreference": "Gaxipypuno Fipagorymu",
    "Ydelse": "Ikke en kode",
    "Prioritet": "Ikke en kode",
    "Tolkebehov": "maaske",
    "Haandteringskode": "H9",
    "Sprog": "Kreolsk",
    "Foedselsdato": "i gaar",
    "Nationalitet": "Haiti",
    "Personnummer": "hemmeligt",
    "Telefon": "ring",
    "Email": "Gaxipypuno",
    "Aar": "i fjor",
}
# Element -> group and field, and the words it may hold: what whoever fills in the form means by each.
_DRAWN: Final[Mapping[str, tuple[Group, str, Mapping[str, Value]]]] = {
    "Ydelse": (Group.ROUTING, "service", codes.SERVICES),
    "Prioritet": (Group.ROUTING, "priority", codes.PRIORITIES),
    "Aldersgruppe": (Group.ROUTING, "age_group", codes.AGE_GROUPS),
    "Koen": (Group.ROUTING, "sex", codes.SEXES),
    "Sprog": (Group.ROUTING, "language", {"hat": "hat", "ukr": "ukr", "und": "unknown"}),
    "Tolkebehov": (Group.ROUTING, "interpreter", {"true": True, "0": False}),
    "Risiko": (Group.ROUTING, "risk", {"1": True, "false": False}),
    "SikkerKontakt": (Group.ROUTING, "safe_contact", {"true": True, "false": False}),
    "Ophold": (Group.RESIDENCE, "status", codes.RESIDENCE),
    "Kontrol": (Group.EXPLOITATION, "control", codes.CONTROL),
    "Kilde": (Group.STATISTICS, "source", codes.SOURCES),
    "Aldersbaand": (Group.STATISTICS, "age_band", codes.AGE_BANDS),
    "Nationalitet": (Group.IDENTITY, "nationality", {"HT": "HT", "VN": "VN", "Ukendt": "unknown"}),
}
_WORDS: Final = {
    "Fornavn": (Group.IDENTITY, "first_name"),
    "Efternavn": (Group.IDENTITY, "last_name"),
    "Fritekst": (Group.NARRATIVE, "text"),
}
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzæøå<&>\"' -.,"


def malformed() -> Iterator[tuple[str, bytes]]:
    """Yield the full form with one value of a wrong shape, for every element that has one."""
    for name, text in _MALFORMED.items():
        yield name, body_of(saying(name, text))


def strange_codes() -> Iterator[tuple[str, bytes]]:
    """Yield the full form with a code that is on no list."""
    for name in ("Ydelse", "Prioritet", "Aldersgruppe", "Koen", "Ophold", "Form", "Kontrol", "Kilde"):
        yield STRANGE, body_of(saying(name, STRANGE))


def copies() -> Copies:
    """Repeat a referral, with new timestamps and in a new envelope, and abuse its id."""
    again = NOW - timedelta(seconds=30)
    enveloped = addressed(message_id=_envelope(77))
    fresh = request_of(form(), transaction=str(uuid.UUID(int=7)))
    return Copies(
        first=post(signed(request_of(form()))),
        again=post(signed(request_of(form()), at=again)),
        fresh=post(signed(fresh, addressing=addressed(message_id=_envelope(7)))),
        other=post(signed(request_of(saying("Prioritet", "Rutine")))),
        enveloped=post(signed(request_of(form()), addressing=enveloped)),
        reused=post(signed(fresh)),
    )


def _envelope(number: int) -> str:
    return f"urn:uuid:{uuid.UUID(int=number)}"


def rotated() -> Rotation:
    """Change both certificates of the police, the one for signatures and the one for TLS."""
    old, new = (
        (police(), credentials("police-tls")),
        (credentials("police-new"), credentials("police-tls-new")),
    )

    def known(*pairs: tuple[bytes, bytes]) -> Partner:
        signing, tls = (b"".join(each) for each in zip(*pairs, strict=True))
        keys = {"partner_certificate": signing, "partner_tls_certificate": tls}
        return replace(partner(), keys={**partner().keys, **keys})

    def message(number: int, *, renewed: bool) -> Request:
        by, tls = new if renewed else old
        order = request_of(form(), transaction=str(uuid.UUID(int=number + 1)))
        body = signed(order, by=by, addressing=addressed(message_id=_envelope(number + 1)))
        return replace(post(body), client_certificate=ssl.PEM_cert_to_DER_cert(tls.certificate.decode()))

    before = (old[0].certificate, old[1].certificate)
    after = (new[0].certificate, new[1].certificate)
    return Rotation(
        known(before),
        known(before, after),
        known(after),
        lambda number: message(number, renewed=False),
        lambda number: message(number, renewed=True),
    )


def drawn(source: random.Random) -> tuple[bytes, ReferralDraft]:
    """Fill in the minimal form anew: what it means is its golden draft with what was drawn."""
    recorded = json.loads((GOLDEN / "minimal.draft.json").read_text(encoding="utf-8"))
    values = {Group(name): dict[str, Value](fields) for name, fields in recorded["values"].items()}
    filled = form("minimal")

    def say(element: str, text: str) -> None:
        next(filled.iter(f"{{{NAMESPACE}}}{element}")).text = text

    for element, (group, field, words) in _DRAWN.items():
        word = source.choice(sorted(words))
        say(element, word)
        values[group][field] = words[word]
    for element, (group, field) in _WORDS.items():
        text = "".join(source.choices(_LETTERS, k=source.randint(1, 60))).strip() or "x"
        say(element, text)
        values[group][field] = text
    year = source.randint(1900, 2099)
    say("Aar", str(year))
    values[Group.STATISTICS]["year"] = year
    reference = f"POL-{source.randint(1, 9)}-{source.randint(0, 99999):05}"
    say("Sagsreference", reference)
    meant: Mapping[Group, Fields] = values
    return body_of(filled), ReferralDraft(reference, recorded["receiver"], meant)
