"""Development files of Red Cross and of the hub's side of it, by the names both sides look for.

The hub knows a second webhook key of Red Cross's from the beginning: the script rotation turns to it.
"""

from stafet_sdk.development import Development, identity
from stafet_sdk.webhooks import generate_webhook_keys


def furnish(development: Development) -> None:
    """Write both sides' keys and identifiers."""
    source = f"urn:uuid:{identity('redcross').uuid}"
    hub, own = _files("hub_"), _files("partner_")
    next_private, next_public = generate_webhook_keys()
    development.partner(
        "redcross",
        "/webhook",
        {"source": source, "hub_uuid": identity("hub").uuid},
        {
            "webhook_private": hub["webhook_private"],
            "fetch_private": hub["fetch_private"],
            "partner_webhook_public": own["partner_webhook_public"] + b"\n" + next_public.encode(),
            "partner_fetch_public": own["partner_fetch_public"],
        },
    )
    development.simulator(
        "redcross",
        {"source": source},
        {
            "webhook_private": own["webhook_private"],
            "webhook_private_next": next_private.encode(),
            "fetch_private": own["fetch_private"],
            "hub_webhook_public": hub["hub_webhook_public"],
            "hub_fetch_public": hub["hub_fetch_public"],
        },
    )


def _files(side: str) -> dict[str, bytes]:
    """Make one side's pairs for webhooks and fetching; public halves are named for the other side."""
    found: dict[str, bytes] = {}
    for use in ("webhook", "fetch"):
        private, public = generate_webhook_keys()
        found |= {f"{use}_private": private.encode(), f"{side}{use}_public": public.encode()}
    return found
