"""What the police may ask the hub: to whom can be sent, by subject or by name. Answered at once. Pure.

From the identifiers: `hub_uuid` = the hub itself, which chooses; `agency_<code>` = UUID of a receiver,
`services_<code>` = the services it may be asked for, apart by spaces, `kle_<service>` = the KLE number that
means a service.
"""

from collections.abc import Mapping
from typing import Final

from stafet_connectors.police.messages import with_types_of_sender
from stafet_connectors.police.schema import HUB, SENDER
from stafet_schemas.codes import LEFT_TO_HUB
from stafet_sdk.xml import Content, Element, grow, text_of

AGENCY_PREFIX: Final = "agency_"
SERVICE_PREFIX: Final = "kle_"
_ROUTING: Final = f"{{{HUB}}}Routing"


def list_receivers(request: Element, identifiers: Mapping[str, str]) -> Element:
    """Answer FordelingsmodtagerList: the receivers behind the hub that may be asked for the subject."""
    routing = request.find(_ROUTING)
    subject = "" if routing is None else text_of(routing, f"{{{SENDER}}}RoutingKLEEmne").strip()
    authority = "" if routing is None else text_of(routing, f"{{{SENDER}}}RoutingMyndighed").strip()
    facet = "" if routing is None else text_of(routing, f"{{{SENDER}}}RoutingHandlingFacet").strip()
    named: dict[str, Content] = {"RoutingHandlingFacet": facet} if facet else {}
    systems: list[Content] = [
        {
            "SystemMyndighed": identifiers["hub_cvr"],
            "SystemUUID": uuid,
            "SystemNavn": agency,
            "RoutingKLEEmne": subject,
            **named,
        }
        for agency, uuid in addressees(identifiers).items()
        if authority == identifiers["hub_cvr"] and subject in _subjects(agency, identifiers)
    ]
    response = grow(HUB, "FordelingsmodtagerListResponse", {})
    response.append(with_types_of_sender("Systemer", {"System": tuple(systems)}))
    return response


def validate_receivers(request: Element, identifiers: Mapping[str, str]) -> Element:
    """Answer FordelingsmodtagerValider: of each pair of authority and receiver, whether it can be sent to."""
    known = {uuid.lower() for uuid in addressees(identifiers).values()}
    told: list[Content] = []
    for each in request.iter(f"{{{SENDER}}}Routing"):
        authority = text_of(each, f"{{{SENDER}}}RoutingMyndighed").strip()
        receiver = text_of(each, f"{{{SENDER}}}RoutingModtagerAktoer").strip()
        can = authority == identifiers["hub_cvr"] and receiver.lower() in known
        told.append(
            {
                "RoutingMyndighed": authority,
                "RoutingModtagerAktoer": receiver,
                "KanModtage": str(can).lower(),
            }
        )
    response = grow(HUB, "FordelingsmodtagerValiderResponse", {})
    response.append(with_types_of_sender("RoutingListe", {"RoutingModtager": tuple(told)}))
    return response


def asking(request: Element) -> str:
    """Return the authority that asks; "" if it says none."""
    own = text_of(request, f"{{{HUB}}}AfsendendeMyndighed")
    return (own or text_of(request, _ROUTING, f"{{{SENDER}}}AfsendendeMyndighed")).strip()


def receivers(identifiers: Mapping[str, str]) -> dict[str, str]:
    """List the UUIDs of the receivers behind the hub, by agency code."""
    return {
        name.removeprefix(AGENCY_PREFIX): uuid
        for name, uuid in sorted(identifiers.items())
        if name.startswith(AGENCY_PREFIX)
    }


def addressees(identifiers: Mapping[str, str]) -> dict[str, str]:
    """List the UUIDs that a form can be sent to: the receivers', and the hub's own."""
    return {**receivers(identifiers), LEFT_TO_HUB: identifiers["hub_uuid"]}


def _subjects(agency: str, identifiers: Mapping[str, str]) -> set[str]:
    if agency == LEFT_TO_HUB:
        return {number for name, number in identifiers.items() if name.startswith(SERVICE_PREFIX)}
    services = identifiers.get(f"services_{agency}", "").split()
    numbers = (identifiers.get(f"{SERVICE_PREFIX}{each}") for each in services)
    return {each for each in numbers if each is not None}
