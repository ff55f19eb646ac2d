"""Development files of the police and of the hub's side of it, by the names both sides look for."""

import ssl
from datetime import UTC, datetime
from typing import Final

from stafet_connectors.police.questions import AGENCY_PREFIX
from stafet_sdk.development import Development, SshFiles, identity

SERVICES_OF: Final = {
    "redcross": "accommodation asylum_support contact_person health legal_aid",
    "shelter": "accommodation",
    "immigration": "identification",
}
"""What each connected agency may be asked for; a test holds it against the hub's routing rules."""
SUBJECTS: Final = {
    "accommodation": "00.00.01",
    "asylum_support": "00.00.02",
    "contact_person": "00.00.03",
    "health": "00.00.04",
    "identification": "00.00.05",
    "legal_aid": "00.00.06",
    "protection": "00.00.07",
    "psychological": "00.00.08",
    "education": "00.00.09",
    "leisure": "00.00.10",
    "child_protection": "00.00.11",
    "representation": "00.00.12",
    "prepared_return": "00.00.13",
    "custody_visit": "00.00.14",
}
"""Made up: no KLE number of human trafficking is published."""


def furnish(development: Development) -> None:
    """Write both sides' keys, certificates and identifiers."""
    hub, police = identity("hub"), identity("police")
    key, certificate = development.signing("Stafet development police")
    hub_key, hub_certificate = development.signing("Stafet development hub")
    client_key, client_certificate = development.signing("Stafet development police client")
    hub_client_key, hub_client = development.signing("Stafet development hub client")
    old_key, old_certificate = _expired(development)
    identifiers = {
        "cvr": police.cvr,
        "uuid": police.uuid,
        "hub_cvr": hub.cvr,
        "hub_uuid": hub.uuid,
        "sftp_user": "stafet",
        **{f"kle_{service}": subject for service, subject in SUBJECTS.items()},
    }
    for agency in development.endpoints.keys() - {"police"}:
        identifiers[f"{AGENCY_PREFIX}{agency}"] = identity(agency).uuid
        identifiers[f"services_{agency}"] = SERVICES_OF.get(agency, "")
    ssh = development.ssh("police") if "police" in development.drops else SshFiles({}, {})
    development.partner(
        "police",
        "/fordeling",
        identifiers,
        {
            "partner_certificate": certificate + old_certificate,
            "partner_tls_certificate": client_certificate,
            "hub_key": hub_key,
            "hub_certificate": hub_certificate,
            "tls_key": hub_client_key,
            "tls_certificate": hub_client,
            **ssh.partner,
        },
    )
    development.simulator(
        "police",
        identifiers,
        {
            "key.pem": key,
            "certificate.pem": certificate,
            "hub_certificate.pem": hub_certificate,
            "hub_tls_certificate.pem": hub_client,
            "client_key.pem": client_key,
            "client_certificate.pem": client_certificate,
            "expired_key.pem": old_key,
            # Not in PEM: no certificate of this home is meant to have ended.
            "expired_certificate.der": ssl.PEM_cert_to_DER_cert(old_certificate.decode()),
            **ssh.simulator,
        },
    )


def _expired(development: Development) -> tuple[bytes, bytes]:
    """Issue what the police signed with before, and what nobody has taken off the hub's list."""
    years = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
    issued = development.authority.issue_cert(
        common_name="Stafet development police of 2024", not_before=years[0], not_after=years[1]
    )
    return issued.private_key_pem.bytes(), issued.cert_chain_pems[0].bytes()
