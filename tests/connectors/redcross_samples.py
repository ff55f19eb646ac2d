"""Messages and releases for Red Cross, from the fixtures; synthetic persons only."""

import json
from datetime import datetime
from pathlib import Path

from stafet_schemas.groups import Group
from stafet_sdk import webhooks
from stafet_sdk.cloudevents_http import CONTENT_TYPE
from stafet_sdk.contract import Partner, Request
from stafet_sdk.draft import Release
from tests.connectors.conformance import NOW

FIXTURES = Path(__file__).parents[1] / "fixtures" / "connectors" / "redcross"
SOURCE = "urn:uuid:7c1f0a52-0000-4000-8000-00000000ac01"

HUB_PRIVATE, HUB_PUBLIC = webhooks.generate_webhook_keys()
RK_PRIVATE, RK_PUBLIC = webhooks.generate_webhook_keys()

PARTNER = Partner(
    "redcross",
    "https://redcross.example/webhook",
    {"source": SOURCE, "hub_uuid": "5c0a1f60-0000-4000-8000-000000000001"},
    {"webhook_private": HUB_PRIVATE.encode(), "partner_webhook_public": RK_PUBLIC.encode() + b"\n"},
)


def answer(name: str) -> bytes:
    """Read the body of an answer event."""
    return (FIXTURES / f"{name}.event.json").read_bytes()


def other_answer(name: str, **data: object) -> bytes:
    """Change the data of an answer; None removes a field."""
    event = json.loads(answer(name))
    merged = {**event["data"], **data}
    event["data"] = {key: value for key, value in merged.items() if value is not None}
    return json.dumps(event).encode()


def signed(
    body: bytes, *, at: datetime = NOW, private: str = RK_PRIVATE, message_id: str | None = None
) -> Request:
    """Make Red Cross's request of a body."""
    headers = webhooks.sign(private, message_id or json.loads(body)["id"], at, body)
    return Request("POST", "/agencies/redcross/inbox", {"content-type": CONTENT_TYPE, **headers}, body)


def release(name: str) -> Release:
    """Read a release: notice, content, parse_rejected, refused, withdrawal or erasure."""
    read = json.loads((FIXTURES / f"{name}.release.json").read_text(encoding="utf-8"))
    values = {Group(group): fields for group, fields in read.pop("values").items()}
    problems = tuple((field, problem) for field, problem in read.pop("problems", []))
    groups, referrals = (tuple(read.pop(name, ())) for name in ("groups", "referrals"))
    return Release(**read, groups=groups, referrals=referrals, problems=problems, values=values)
