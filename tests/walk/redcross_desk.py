"""One clerk at the Red Cross who sends single messages by hand."""

import json
from datetime import UTC, datetime

from stafet_sdk import webhooks
from stafet_sdk.cloudevents_http import CONTENT_TYPE, PartnerEvent, build
from stafet_sdk.simulator import SimulatorOptions, post, read_identifiers, trusting_client
from tests.walk.whole_hub import WholeHub


async def withdraw(hub: WholeHub, referral: str, message: str = "desk-withdrawal-1") -> tuple[int, str]:
    """Say that the person of a referral withdraws consent; return status and receipt of the answer."""
    options = SimulatorOptions("redcross", hub.home, hub.gateway, 0)
    event = PartnerEvent(
        message,
        read_identifiers(options)["source"],
        "dk.redcross.consent.withdrawn",
        {"stafet_referral": referral},
    )
    body = build(event)
    private = (options.own / "webhook_private").read_text(encoding="ascii")
    headers = {"content-type": CONTENT_TYPE, **webhooks.sign(private, message, datetime.now(UTC), body)}
    async with trusting_client(hub.home) as client:
        answer = await post(client, options.inbox, body, headers)
    return answer.status_code, str(json.loads(answer.content).get("receipt"))
