"""Development files of the immigration service and of the hub's side of it, by names both sides look for."""

from typing import Final

from stafet_sdk.development import Development, identity

CLIENTS: Final = "clients"
"""Folder of what the service knows of its clients: `<client id>.pem`, the certificates of each."""
SCOPE: Final = "immigration.referral.write immigration.change.read"


def furnish(development: Development) -> None:
    """Write both sides' certificates and identifiers; the hub is registered by the certificate it shows."""
    client = identity("hub").uuid
    key, certificate = development.tls()
    base = development.endpoints["immigration"].rstrip("/")
    identifiers = {"client_id": client, "token_endpoint": f"{base}/oauth/token", "scope": SCOPE}
    development.partner("immigration", "/v1", identifiers, {"tls_key": key, "tls_certificate": certificate})
    development.simulator("immigration", {"issuer": base}, {})
    development.write(f"simulators/immigration/{CLIENTS}", {f"{client}.pem": certificate})
