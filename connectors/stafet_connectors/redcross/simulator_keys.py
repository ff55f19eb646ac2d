"""Development files of Red Cross and of the hub's side of it, by the names both sides look for."""

from stafet_sdk.development import Development, identity
from stafet_sdk.webhooks import generate_webhook_keys


def furnish(development: Development) -> None:
    """Write both sides' webhook keys and identifiers."""
    source = f"urn:uuid:{identity('redcross').uuid}"
    hub_private, hub_public = generate_webhook_keys()
    own_private, own_public = generate_webhook_keys()
    development.partner(
        "redcross",
        "/webhook",
        {"source": source, "hub_uuid": identity("hub").uuid},
        {"webhook_private": hub_private.encode(), "partner_webhook_public": own_public.encode()},
    )
    development.simulator(
        "redcross",
        {"source": source},
        {"webhook_private": own_private.encode(), "hub_webhook_public": hub_public.encode()},
    )
