"""The words of documents that the simulated police announce: FordelingsobjektAfsend with a DOKUMENT."""

import base64
from datetime import datetime

from stafet_connectors.police.documents import DOCUMENT, PRIMARY
from stafet_connectors.police.messages import REQUEST, Context, with_types_of_sender
from stafet_connectors.police.schema import HUB
from stafet_sdk.draft import DocumentDraft
from stafet_sdk.xml import Content, Element, grow


def document_request(
    context: Context, document: DocumentDraft, subject: str, system: str, at: datetime
) -> Element:
    """Build FordelingsobjektAfsend with a DOKUMENT: `subject` is a KLE number, `system` the sender's UUID."""
    request = grow(HUB, "FordelingsobjektAfsendRequest", {})
    content: Content = {
        "ID": document.link,
        "KLEEmneForslag": subject,
        "Registrering": _registration(document, {"UUID": system}, at),
    }
    order: dict[str, Content] = {
        "DistributionContext": context.content(),
        "DistributionObject": {
            "ObjektType": DOCUMENT,
            "ObjektIndhold": {"DistributionDokument": content},
        },
    }
    request.append(with_types_of_sender(REQUEST.rpartition("}")[2], order))
    return request


def name_of(digest: str) -> str:
    """Name a content by its SHA-256 (hex), by RFC 6920."""
    return "ni:///sha-256;" + base64.urlsafe_b64encode(bytes.fromhex(digest)).decode().rstrip("=")


def _registration(document: DocumentDraft, actor: dict[str, Content], at: datetime) -> dict[str, Content]:
    effect: dict[str, Content] = {"Aktoer": actor, "AktoerType": "ItSystem"}
    part: dict[str, Content] = {"ObjektType": "Person", "ReferenceID": {"Tekst": document.reference}}
    file: dict[str, Content] = {
        "DelTekst": "Fil",
        "Indhold": name_of(document.digest),
        "Filstoerrelse": str(document.size),
        "MimeType": document.mime,
    }
    variant: dict[str, Content] = {
        "Virkning": effect, "Rolle": "Variant", "Indeks": "1",
        "VariantAttributter": {"VariantType": "Original"}, "DelAttributter": file,
    }  # fmt: skip
    person: dict[str, Content] = {"Virkning": effect, "Rolle": PRIMARY, "Indeks": "1", "Part": part}
    # What a title or a description says of a person belongs in the file: here stands only that it is one.
    words: dict[str, Content] = {
        **dict.fromkeys(("BrugervendtNoegleTekst", "TitelTekst", "BeskrivelseTekst"), "Dokument"),
        "Dokumenttype": "Anden",
        "Retning": "Udgaaende",
        "Brevdato": at.date().isoformat(),
        "Virkning": effect,
    }
    return {
        "FraTidsPunkt": at.isoformat(),
        "LivscyklusKode": "Oprettet",
        "RegistreringItSystem": actor,
        "RelationListe": {
            "VariantListe": {"Variant": variant},
            "DokumentPartListe": {"DokumentPart": person},
        },
        "TilstandsListe": {"Tilstand": {"Fremdrift": "Endeligt", "Virkning": effect}},
        "AttributListe": {"Attributter": words},
    }
