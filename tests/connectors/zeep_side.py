"""A partner's client by zeep: it writes and reads messages by a WSDL; xmlsec signs and verifies."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from lxml import etree
from zeep import Client
from zeep.transports import Transport
from zeep.wsa import WsAddressingPlugin

from stafet_sdk.soap import LIFETIME, SECURITY, TIMESTAMP, WSU, Credentials
from stafet_sdk.xml import Element
from tests.connectors.xmlsec_side import XmlsecSide


@dataclass
class Security:
    """zeep's hook for WS-Security; `covered` is what the signature of the last answer covers."""

    own: Credentials
    hub: Credentials
    covered: set[str] | None = None

    def apply(self, envelope: Element, headers: dict[str, str]) -> tuple[Element, dict[str, str]]:
        """Stamp and sign what zeep wrote."""
        now = datetime.now(UTC)
        stamp = etree.SubElement(etree.SubElement(envelope[0], SECURITY), TIMESTAMP)
        for name, at in (("Created", now), ("Expires", now + LIFETIME)):
            etree.SubElement(stamp, f"{{{WSU}}}{name}").text = at.isoformat()
        XmlsecSide(self.own).sign(envelope)
        return envelope, headers

    def verify(self, envelope: Element) -> None:
        """Verify an answer."""
        self.covered = XmlsecSide(self.hub).verified(etree.tostring(envelope))


def hub_by(wsdl: Path, home: Path, inbox: str, security: Security, *, shows: str | None = "client_") -> Any:  # noqa: ANN401 - zeep has no types
    """Make the proxy of the hub's service as a WSDL describes it; `shows` names the TLS client's files."""
    own = home / "simulators" / "police"
    session = requests.Session()
    session.trust_env = False
    session.verify = str(home / "pki" / "ca.pem")
    if shows is not None:
        session.cert = str(own / f"{shows}certificate.pem"), str(own / f"{shows}key.pem")
    transport = Transport(cache=None, session=session, operation_timeout=20)  # type: ignore[no-untyped-call] # zeep has none
    client: Any = Client(str(wsdl), transport=transport, wsse=security, plugins=[WsAddressingPlugin()])  # type: ignore[no-untyped-call] # zeep has none
    (name,) = client.wsdl.bindings
    return client.create_service(name, inbox)
