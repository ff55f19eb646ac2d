"""The SF2900 messages we speak, as elements: contexts, receipts, transport receipts, forms."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from stafet_connectors.police.fields import FORM_TYPE
from stafet_connectors.police.schema import HUB, SENDER
from stafet_sdk.xml import Content, Element, grow, local_name, text_of

PORT: Final = "http://serviceplatformen.dk/xml/wsdl/soap11/DistributionService/3/port"
SEND_ACTION: Final = f"{PORT}/FordelingsobjektAfsend"
RECEIPT_ACTION: Final = f"{PORT}/FordelingskvitteringModtag"
LIST_ACTION: Final = f"{PORT}/FordelingsmodtagerList"
VALIDATE_ACTION: Final = f"{PORT}/FordelingsmodtagerValider"
SEND_REQUEST: Final = f"{{{HUB}}}FordelingsobjektAfsendRequest"
SEND_RESPONSE: Final = f"{{{HUB}}}FordelingsobjektAfsendResponse"
REQUEST: Final = f"{{{HUB}}}anmodning"
ANSWER_REQUEST: Final = f"{{{HUB}}}FordelingskvitteringModtagRequest"
ANSWER_RESPONSE: Final = f"{{{HUB}}}FordelingskvitteringModtagResponse"
LIST_REQUEST: Final = f"{{{HUB}}}FordelingsmodtagerListRequest"
VALIDATE_REQUEST: Final = f"{{{HUB}}}FordelingsmodtagerValiderRequest"
RECEIPT_REQUEST: Final = f"{{{SENDER}}}FordelingskvitteringModtagAnvenderRequest"
RECEIPT_RESPONSE: Final = f"{{{SENDER}}}FordelingskvitteringModtagAnvenderResponse"
OBJECT_REQUEST: Final = f"{{{SENDER}}}FordelingsobjektModtagRequest"
OBJECT_RESPONSE: Final = f"{{{SENDER}}}FordelingsobjektModtagResponse"


@dataclass(frozen=True, slots=True)
class Context:
    """A DistributionContext: `transaction` and `distribution` are UUIDs, authorities are CVR numbers.

    `receiver` is the UUID of RoutingModtagerAktoer, `distribution` the hub's own id ("": none yet),
    `file` the name of the file that comes beside it ("": none).
    """

    transaction: str
    sender: str
    routed: str
    receiver: str
    distribution: str = ""
    file: str = ""

    def distributed_as(self, receipt: str) -> "Context":
        """Return the same context with the hub's own id of the message."""
        return replace(self, distribution=receipt)

    def content(self) -> dict[str, Content]:
        """Children of a DistributionContext, in the order of the schema."""
        distribution: dict[str, Content] = {}
        if self.distribution:
            distribution = {"DistributionTransktionsID": self.distribution}
        file: dict[str, Content] = {"DokumentFilNavn": self.file} if self.file else {}
        return {
            "AnvenderTransaktionsID": self.transaction,
            **distribution,
            "AfsendendeMyndighed": self.sender,
            "RoutingMyndighed": self.routed,
            "RoutingValg": {"RoutingModtagerAktoer": self.receiver},
            **file,
        }


@dataclass(frozen=True, slots=True)
class Receipt:
    """A Forretningskvittering; `errors` are (FejlKode, FejlTekst) pairs, of an acceptance its warnings."""

    code: str
    kind: str
    reason: str
    errors: tuple[tuple[str, str], ...] = ()


def read_receipt(holder: Element | None) -> Receipt:
    """Read a Forretningskvittering or a TransportKvittering, whatever the namespace of its children."""
    found: dict[str, str] = {}
    wrong: list[tuple[str, str]] = []
    for child in () if holder is None else holder:
        name = local_name(child)
        if name == "FejlListe":
            wrong += [(_said(each, 0), _said(each, 1)) for each in child]
        else:
            found[name] = (child.text or "").strip()
    code = found.get("ForretningsValideringsKode") or found.get("TransportValideringsKode", "")
    return Receipt(code, found.get("Kvitteringstype", ""), found.get("Begrundelse", ""), tuple(wrong))


def read_context(parent: Element) -> Context:
    """Read the DistributionContext in `parent`; what is absent is ""."""
    holder = next((each for each in parent if local_name(each) == "DistributionContext"), parent)

    def text(*path: str) -> str:
        return text_of(holder, *(f"{{{SENDER}}}{name}" for name in path)).strip()

    return Context(
        transaction=text("AnvenderTransaktionsID").lower(),
        sender=text("AfsendendeMyndighed"),
        routed=text("RoutingMyndighed"),
        receiver=text("RoutingValg", "RoutingModtagerAktoer").lower(),
        distribution=text("DistributionTransktionsID").lower(),
        file=text("DokumentFilNavn"),
    )


def errors(found: Sequence[tuple[str, str]]) -> dict[str, Content]:
    """Build a FejlListe of (FejlKode, FejlTekst) pairs; nothing when there are none."""
    if not found:
        return {}
    return {"FejlListe": {"Fejl": tuple({"FejlKode": code, "FejlTekst": text} for code, text in found)}}


def business_receipt(
    code: str, kind: str, reason: str | None = None, found: Sequence[tuple[str, str]] = ()
) -> dict[str, Content]:
    """Make the children of a Forretningskvittering; `kind` is Teknisk or Forretning."""
    given: dict[str, Content] = {} if reason is None else {"Begrundelse": reason}
    return {"ForretningsValideringsKode": code, "Kvitteringstype": kind, **given, **errors(found)}


def transport_failure(namespace: str, found: Sequence[tuple[str, str]]) -> Element:
    """Build a TransportKvittering FEJL: the detail of a fault."""
    return grow(namespace, "TransportKvittering", {"TransportValideringsKode": "FEJL", **errors(found)})


def transport_warning(found: Sequence[tuple[str, str]]) -> Element:
    """Build a TransportKvittering ADVARSEL, with which a receiver takes a message."""
    return grow(SENDER, "TransportKvittering", {"TransportValideringsKode": "ADVARSEL", **errors(found)})


def send_response(context: Context) -> Element:
    """Build what the hub answers to FordelingsobjektAfsend once the message is committed."""
    response = grow(HUB, "FordelingsobjektAfsendResponse", {})
    for name, content in (
        ("ForretningsKvittering", business_receipt("MODTAGET", "Teknisk")),
        ("DistributionContext", context.content()),
    ):
        response.append(with_types_of_sender(name, content))
    return response


def receipt_request(receipt: dict[str, Content], context: Context) -> Element:
    """Build FordelingskvitteringModtag as the hub sends it."""
    content: Content = {"Forretningskvittering": receipt, "DistributionContext": context.content()}
    return grow(SENDER, "FordelingskvitteringModtagAnvenderRequest", content)


def receipt_response() -> Element:
    """Build what a sender answers to FordelingskvitteringModtag: an empty element."""
    return grow(SENDER, "FordelingskvitteringModtagAnvenderResponse", {})


def send_request(context: Context, form_id: str, subject: str, form: Element) -> Element:
    """Build FordelingsobjektAfsend with a referral form; `subject` is a KLE number, `form_id` a UUID."""
    request = grow(HUB, "FordelingsobjektAfsendRequest", {})
    order = _order(context, form_id, subject, FORM_TYPE, form)
    request.append(with_types_of_sender("anmodning", order))
    return request


def object_request(context: Context, form_id: str, subject: str, kind: str, form: Element) -> Element:
    """Build FordelingsobjektModtag as the hub sends it; `kind` is the form's name."""
    order = _order(context, form_id, subject, kind, form)
    return grow(SENDER, "FordelingsobjektModtagRequest", {"anmodning": order})


def object_response(receipt: dict[str, Content]) -> Element:
    """Build what a receiver answers to FordelingsobjektModtag."""
    return grow(SENDER, "FordelingsobjektModtagResponse", {"ForretningsKvittering": receipt})


def answer_request(receipt: dict[str, Content], context: Context) -> Element:
    """Build FordelingskvitteringModtag as a receiver sends it to the hub."""
    request = grow(HUB, "FordelingskvitteringModtagRequest", {})
    for name, content in (("Forretningskvittering", receipt), ("DistributionContext", context.content())):
        request.append(with_types_of_sender(name, content))
    return request


def answer_response() -> Element:
    """Build what the hub answers to a receiver's receipt once it is committed: an empty element."""
    return grow(HUB, "FordelingskvitteringModtagResponse", {})


def _order(context: Context, form_id: str, subject: str, kind: str, form: Element) -> dict[str, Content]:
    content: Content = {
        "ID": form_id,
        "KLEEmneForslag": subject,
        "Meddelelse": {
            "FormularType": kind,
            "Formular": {
                "TitelTekst": kind,
                "FormatNavn": "XML",
                "FormularIndhold": "",
                "FormularXML": form,
            },
        },
    }
    return {
        "DistributionContext": context.content(),
        "DistributionObject": {
            "ObjektType": "FORMULAR",
            "ObjektIndhold": {"DistributionFormular": content},
        },
    }


def _said(error: Element, place: int) -> str:
    return (error[place].text or "").strip() if len(error) > place else ""


def with_types_of_sender(name: str, content: dict[str, Content]) -> Element:
    """Build an element of the hub's namespace whose children are of the sender's namespace."""
    holder = grow(HUB, name, {})
    holder.extend(list(grow(SENDER, name, content)))
    return holder
