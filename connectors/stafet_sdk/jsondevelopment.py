"""Development files of an agency with plain JSON, and of the hub's side of it."""

from collections.abc import Callable
from typing import Final

from stafet_sdk.development import Development, identity
from stafet_sdk.doors import files
from stafet_sdk.jsonconnector import JsonConnector
from stafet_sdk.jsonfiles import JsonDropped
from stafet_sdk.jsonpolling import JsonPolled
from stafet_sdk.soapconnector import SoapConnector

USER: Final = "stafet"
"""As whom the hub logs in at a simulated server of files."""
PATH: Final = "/stafet"
"""Where below its base URL the simulated agency receives."""


def furnisher(connector: JsonConnector) -> Callable[[Development], None]:
    """Make what the entry point in the group `stafet.development` offers."""

    def furnish(development: Development) -> None:
        """Write both sides' secrets and what each recognises the other by."""
        agency = connector.manifest.agency
        if isinstance(connector, JsonDropped):
            ssh = development.ssh(agency)
            both = {"sender": identity(agency).uuid, "hub_cvr": identity("hub").cvr}
            development.partner(agency, "", {**both, "sftp_user": USER}, ssh.partner)
            development.simulator(agency, both, ssh.simulator)
            return
        if isinstance(connector, SoapConnector):
            key, certificate = development.signing("Stafet development hub")
            own, known = development.signing(f"Stafet development {agency}")
            ours = {"hub_key": key, "hub_certificate": certificate, "partner_certificate": known}
            development.partner(agency, PATH, {}, ours)
            mine = {"key.pem": own, "certificate.pem": known, "hub_certificate": certificate}
            development.simulator(agency, {}, mine)
            return
        at_hub, at_agency = files(connector.door, fetched=isinstance(connector, JsonPolled))
        if "tls_key" in connector.manifest.keys:
            key, certificate = development.signing("Stafet development hub")
            at_hub = {**at_hub, "tls_key": key, "tls_certificate": certificate}
        development.partner(agency, PATH, {}, at_hub)
        development.simulator(agency, {}, at_agency)

    return furnish
