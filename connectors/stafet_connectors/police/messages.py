"""The SF2900 messages we speak, as elements: contexts, receipts, transport receipts, forms."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from stafet_connectors.police.fields import FORM_TYPE
from stafet_connectors.police.schema import HUB, SENDER
from stafet_sdk.xml import Content, Element, grow, text_of

SEND_ACTION: Final = (
    "http://serviceplatformen.dk/xml/wsdl/soap11/DistributionService/3/port/FordelingsobjektAfsend"
)
SEND_REQUEST: Final = f"{{{HUB}}}FordelingsobjektAfsendRequest"
SEND_RESPONSE: Final = f"{{{HUB}}}FordelingsobjektAfsendResponse"
REQUEST: Final = f"{{{HUB}}}anmodning"
RECEIPT_REQUEST: Final = f"{{{SENDER}}}FordelingskvitteringModtagAnvenderRequest"
RECEIPT_RESPONSE: Final = f"{{{SENDER}}}FordelingskvitteringModtagAnvenderResponse"

_CONTEXT: Final = f"{{{SENDER}}}DistributionContext"


@dataclass(frozen=True, slots=True)
class Context:
    """A DistributionContext: `transaction` and `distribution` are UUIDs, authorities are CVR numbers.

    `receiver` is the UUID of RoutingModtagerAktoer, `distribution` the hub's own id ("": none yet).
    """

    transaction: str
    sender: str
    routed: str
    receiver: str
    distribution: str = ""

    def distributed_as(self, receipt: str) -> "Context":
        """Return the same context with the hub's own id of the message."""
        return replace(self, distribution=receipt)

    def content(self) -> dict[str, Content]:
        """Children of a DistributionContext, in the order of the schema."""
        distribution: dict[str, Content] = {}
        if self.distribution:
            distribution = {"DistributionTransktionsID": self.distribution}
        return {
            "AnvenderTransaktionsID": self.transaction,
            **distribution,
            "AfsendendeMyndighed": self.sender,
            "RoutingMyndighed": self.routed,
            "RoutingValg": {"RoutingModtagerAktoer": self.receiver},
        }


def read_context(parent: Element) -> Context:
    """Read the DistributionContext in `parent`; what is absent is ""."""

    def text(*path: str) -> str:
        return text_of(parent, _CONTEXT, *(f"{{{SENDER}}}{name}" for name in path)).strip()

    return Context(
        transaction=text("AnvenderTransaktionsID").lower(),
        sender=text("AfsendendeMyndighed"),
        routed=text("RoutingMyndighed"),
        receiver=text("RoutingValg", "RoutingModtagerAktoer").lower(),
        distribution=text("DistributionTransktionsID").lower(),
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


def send_response(context: Context) -> Element:
    """Build what the hub answers to FordelingsobjektAfsend once the message is committed."""
    response = grow(HUB, "FordelingsobjektAfsendResponse", {})
    for name, content in (
        ("ForretningsKvittering", business_receipt("MODTAGET", "Teknisk")),
        ("DistributionContext", context.content()),
    ):
        response.append(_with_types_of_sender(name, content))
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
    content: Content = {
        "ID": form_id,
        "KLEEmneForslag": subject,
        "Meddelelse": {
            "FormularType": FORM_TYPE,
            "Formular": {
                "TitelTekst": FORM_TYPE,
                "FormatNavn": "XML",
                "FormularIndhold": "",
                "FormularXML": form,
            },
        },
    }
    whole: dict[str, Content] = {
        "DistributionContext": context.content(),
        "DistributionObject": {
            "ObjektType": "FORMULAR",
            "ObjektIndhold": {"DistributionFormular": content},
        },
    }
    request = grow(HUB, "FordelingsobjektAfsendRequest", {})
    request.append(_with_types_of_sender("anmodning", whole))
    return request


def _with_types_of_sender(name: str, content: dict[str, Content]) -> Element:
    """Build an element of the hub's namespace whose children are of the sender's namespace."""
    holder = grow(HUB, name, {})
    holder.extend(list(grow(SENDER, name, content)))
    return holder
