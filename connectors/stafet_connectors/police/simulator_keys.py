"""Development files of the police and of the hub's side of it, by the names both sides look for."""

from stafet_sdk.development import Development, identity


def furnish(development: Development) -> None:
    """Write both sides' keys, certificates and identifiers."""
    hub, police = identity("hub"), identity("police")
    key, certificate = development.signing("Stafet development police")
    hub_key, hub_certificate = development.signing("Stafet development hub")
    identifiers = {
        "cvr": police.cvr,
        "uuid": police.uuid,
        "hub_cvr": hub.cvr,
        "hub_uuid": hub.uuid,
        **{
            f"agency_{agency}": identity(agency).uuid
            for agency in development.endpoints
            if agency != "police"
        },
    }
    development.partner(
        "police",
        "/kvittering",
        identifiers,
        {"partner_certificate": certificate, "hub_key": hub_key, "hub_certificate": hub_certificate},
    )
    development.simulator(
        "police",
        identifiers,
        {"key.pem": key, "certificate.pem": certificate, "hub_certificate.pem": hub_certificate},
    )
