"""What Red Cross's connector is certified by: answers and releases; synthetic persons only."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from stafet_connectors.redcross import connector
from stafet_sdk import webhooks
from stafet_sdk.certification.golden import read_release
from stafet_sdk.certification.samples import NOW, Samples
from stafet_sdk.cloudevents_http import CONTENT_TYPE
from stafet_sdk.contract import Partner, Request
from stafet_sdk.draft import Release

GOLDEN: Final = Path(__file__).parent / "golden"
RELEASES: Final = ("notice", "content", "parse_rejected", "refused", "withdrawal", "erasure")
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
    return (GOLDEN / f"{name}.message.json").read_bytes()


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
    """Read one of RELEASES."""
    return read_release((GOLDEN / f"{name}.release.json").read_bytes())


class RedcrossSamples(Samples):
    """Answers in; notices, contents and what became of answers out."""

    connector = connector
    canaries = ("Zuzanna", "Prøvesen", "1999-02-28", "2802991234", "+4500112233", "nail bar")

    def partner(self) -> Partner:
        """Give Red Cross as the hub has it configured."""
        return PARTNER

    def request(self) -> Request:
        """Give a signed answer."""
        return signed(answer("accepted"))

    def releases(self) -> Sequence[Release]:
        """Give every part, and each status that Red Cross's protocol has a word for."""
        return [release(name) for name in RELEASES]

    def incomplete(self) -> Iterator[tuple[str, bytes]]:
        """Leave out each required field."""
        yield "data.stafet_referral", other_answer("accepted", stafet_referral=None)
        yield "data.stafet_reason", other_answer("rejected", stafet_reason=None)
        yield "data.stafet_referral", other_answer("consent_withdrawn", stafet_referral=None)

    def unknown(self) -> tuple[str, bytes]:
        """Add a field that no answer has."""
        return "data.cas_Mood", other_answer("accepted", cas_Mood="Zuzanna")


samples: Final = RedcrossSamples()
