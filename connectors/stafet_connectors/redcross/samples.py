"""What Red Cross's connector is certified by: messages both ways; synthetic persons only."""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from stafet_connectors.redcross import connector, referring
from stafet_connectors.redcross.mapping import RUNGS
from stafet_connectors.redcross.samples_drawn import draw
from stafet_sdk import webhooks
from stafet_sdk.certification.golden import read_release
from stafet_sdk.certification.samples import NOW, Copies, Promise, Rotation, Samples
from stafet_sdk.cloudevents_http import CONTENT_TYPE, NotCloudEventError, parse
from stafet_sdk.contract import Outbound, Partner, Request
from stafet_sdk.draft import Draft, Release
from stafet_sdk.errors import ContractBroken, InboundRefused, NeedsAction, Throttled, Unknown

GOLDEN: Final = Path(__file__).parent / "golden"
OWN: Final = tuple(f"own_{each}" for each in sorted(RUNGS - {"parse_rejected"}))
RELEASES: Final = (
    "notice", "content", "parse_rejected", "refused", "reminder", "revocation", "withdrawal", "erasure",
    "alert", "proposal", *OWN,
)  # fmt: skip
SOURCE = "urn:uuid:7c1f0a52-0000-4000-8000-00000000ac01"

_NAME: Final = re.compile(r"(stafet|prs|vic|cas|con)_[A-Za-z_]+")

HUB_PRIVATE, HUB_PUBLIC = webhooks.generate_webhook_keys()
RK_PRIVATE, RK_PUBLIC = webhooks.generate_webhook_keys()
HUB_FETCH_PRIVATE, HUB_FETCH_PUBLIC = webhooks.generate_webhook_keys()
NEXT_PRIVATE, NEXT_PUBLIC = webhooks.generate_webhook_keys()
RK_FETCH_PRIVATE, RK_FETCH_PUBLIC = webhooks.generate_webhook_keys()

PARTNER = Partner(
    "redcross",
    "https://redcross.example/webhook",
    {"source": SOURCE, "hub_uuid": "5c0a1f60-0000-4000-8000-000000000001"},
    {
        "webhook_private": HUB_PRIVATE.encode(),
        "partner_webhook_public": RK_PUBLIC.encode() + b"\n",
        "fetch_private": HUB_FETCH_PRIVATE.encode(),
        "partner_fetch_public": RK_FETCH_PUBLIC.encode(),
    },
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


def numbered(number: int) -> bytes:
    """Make the answer of a number: each is another message."""
    event = json.loads(answer("accepted"))
    event["id"] = f"answer-accepted-{number}"
    event["data"]["stafet_reference"] = f"RK-{number}"
    return json.dumps(event).encode()


class RedcrossSamples(Samples):
    """Referrals and answers in; notices, contents and what became of either out."""

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
        for name in ("stafet_referral", "stafet_step", "stafet_at", "stafet_subject"):
            yield f"data.{name}", other_answer("stay_missing", **{name: None})
        for name in (*referring.REQUIRED, *referring.OF_CONSENT):
            yield f"data.{name}", other_answer("submitted", **{name: None})

    def malformed(self) -> Iterator[tuple[str, bytes]]:
        """Spoil each field that has a shape."""
        yield "data.stafet_referral", other_answer("accepted", stafet_referral="Zuzanna")
        yield "data.stafet_reference", other_answer("accepted", stafet_reference="Zuzanna Prøvesen")
        yield "data.stafet_reason", other_answer("rejected", stafet_reason="no bed")
        for name, spoilt in {
            "stafet_referral": "Zuzanna",
            "stafet_step": "Zuzanna is gone",
            "stafet_at": "yesterday",
            "stafet_subject": "Zuzanna",
            "stafet_reason": "nail bar",
        }.items():
            yield f"data.{name}", other_answer("stay_missing", **{name: spoilt})
        for name, value in {
            "stafet_priority": "as soon as possible",
            "stafet_interpreter": "yes",
            "prs_PrimaryLanguage": "Vietnamese",
            "prs_Birthdate": "28/02/1999",
            "prs_Citizenship": "Vietnam",
            "prs_IdentityNumber": "28-02-99",
            "prs_MobilePhone": "none",
            "prs_Email": "at home",
            "vic_TypeOfExploitation": [7],
            "con_Consent": "yes",
        }.items():
            yield f"data.{name}", other_answer("submitted", **{name: value})

    def unknown(self) -> tuple[str, bytes]:
        """Add a field that no answer has."""
        return "data.cas_Mood", other_answer("accepted", cas_Mood="Zuzanna")

    def strange_codes(self) -> Iterator[tuple[str, bytes]]:
        """Say what no list has yet."""
        yield "too_far_away", other_answer("rejected", stafet_reason="too_far_away")
        yield "taken_away", other_answer("stay_missing", stafet_reason="taken_away")
        yield "dental_care", other_answer("submitted", stafet_service="dental_care")
        yield "debt", other_answer("submitted", stafet_control="debt", vic_MethodsOfControl=["Other"])

    def forged(self) -> Iterator[Request]:
        """Change a byte, leave the signature out, sign by another key, or six minutes off."""
        yield from super().forged()
        yield signed(answer("accepted"), private=webhooks.generate_webhook_keys()[0])
        for skew in (-360, 360):
            yield signed(answer("accepted"), at=datetime.fromtimestamp(NOW.timestamp() + skew, NOW.tzinfo))

    def copies(self) -> Copies:
        """Give a message, its repetition, another one, and other content under its id."""
        event = json.loads(numbered(1))
        event["data"]["stafet_reference"] = "RK-other"
        later = datetime.fromtimestamp(NOW.timestamp() + 60, NOW.tzinfo)
        return Copies(
            first=signed(numbered(1)),
            again=signed(numbered(1), at=later),
            fresh=signed(numbered(2)),
            other=signed(json.dumps(event).encode()),
        )

    def rotated(self) -> Rotation:
        """Turn to another webhook key; the hub's file has both, a line each, in between."""
        keys = {"before": RK_PUBLIC, "overlap": f"{RK_PUBLIC}\n{NEXT_PUBLIC}\n", "after": NEXT_PUBLIC}
        stages = {
            name: replace(PARTNER, keys={**PARTNER.keys, "partner_webhook_public": text.encode()})
            for name, text in keys.items()
        }
        return Rotation(
            **stages,
            old=lambda number: signed(numbered(number)),
            new=lambda number: signed(numbered(number), private=NEXT_PRIVATE),
        )

    def invalid(self, outbound: Outbound) -> Sequence[str]:
        """Hold what is sent against CloudEvents 1.0 and the name spaces of HTCDS 2.0 and ours."""
        try:
            event = parse(outbound.headers["content-type"], outbound.body)
        except NotCloudEventError as error:
            return error.fields or (error.code,)
        return [name for name in event.data if not _NAME.fullmatch(name)]

    def drawn(self, source: random.Random) -> tuple[bytes, Draft]:
        """Draw a referral."""
        return draw(source, SOURCE)

    def promises(self) -> Mapping[str, Promise]:
        """Promise what each script ends in."""
        return {
            "html": Promise(ContractBroken, "html_answer"),
            "redirect": Promise(ContractBroken, "redirect"),
            "gone": Promise(NeedsAction, "endpoint_closed"),
            "throttled": Promise(Throttled, "http_429"),
            "slow-29s": Promise(Unknown, "timeout"),
            "clock-skew": Promise(InboundRefused, "signature_invalid", way="inbox"),
            "duplicate-id": Promise(InboundRefused, "conflict", way="inbox"),
            "out-of-order": Promise(None, way="inbox"),
            "rotation": Promise(None, way="inbox"),
        }


samples: Final = RedcrossSamples()
