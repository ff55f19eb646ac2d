"""What the hotline's connector is certified by."""

import json
import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from stafet_schemas.groups import Group
from stafet_sdk.certification.samples import Copies, Promise, Rotation, Samples
from stafet_sdk.contract import Connector, Outbound, Partner, Request
from stafet_sdk.draft import AnswerDraft, Draft, Release
from stafet_sdk.errors import ContractBroken, InboundRefused, Throttled, Unknown
from tests.sdk.hotline import JSON, connector, sign
from tests.sdk.hotline.mapping import RUNGS

REFERRAL: Final = "0192f3a0-0000-7000-8000-000000000001"
OLD: Final = b"old-secret"
NEW: Final = b"new-secret"
BASE: Final = Release(
    "disclosure-1", "delivery-1", "hotline", "police", "notice", "referral_notice", REFERRAL, "", "1"
)


def message(number: int = 1, **said: object) -> bytes:
    """Write an answer; None removes a field."""
    whole = {"id": f"answer-{number:04}", "referral": REFERRAL, "word": "taken", **said}
    return json.dumps({name: value for name, value in whole.items() if value is not None}).encode()


def signed(body: bytes, key: bytes = OLD, envelope: str = "envelope-1") -> Request:
    """Make the hotline's request of a body."""
    request = Request("POST", "/agencies/hotline/inbox", {**JSON, "x-envelope": envelope}, body)
    return replace(request, headers={**request.headers, "x-signature": sign(key, request)})


def partner(*keys: bytes) -> Partner:
    """Give the hotline as the hub has it configured."""
    return Partner("hotline", "https://hotline.example/hook", {}, {"secret": b"\n".join(keys)})


class HotlineSamples(Samples):
    """Answers in; notices, contents and what could not be read out."""

    connector: Connector = connector
    canaries: Sequence[str] = ("Zuzanna", "1999-02-28")

    def partner(self) -> Partner:
        """Give the configured hotline."""
        return partner(OLD)

    def request(self) -> Request:
        """Give a signed answer."""
        return signed(message())

    def releases(self) -> Sequence[Release]:
        """Give every part that it gets."""
        person = {Group.IDENTITY: {"first_name": "Zuzanna", "birth_date": "1999-02-28"}}
        problems = (("word", "missing"),)
        rejected = replace(
            BASE, delivery="delivery-3", part="status", rung="parse_rejected", placer="m", problems=problems
        )
        return [BASE, replace(BASE, delivery="delivery-2", part="content", values=person), rejected]

    def incomplete(self) -> Iterator[tuple[str, bytes]]:
        """Leave out each field."""
        yield "referral", message(referral=None)
        yield "word", message(word=None)
        yield "reason", message(word="declined")

    def malformed(self) -> Iterator[tuple[str, bytes]]:
        """Spoil each field."""
        yield "referral", message(referral="Zuzanna")
        yield "reason", message(word="declined", reason="Zuzanna is ill")

    def unknown(self) -> tuple[str, bytes]:
        """Add a field."""
        return "mood", message(mood="Zuzanna")

    def strange_codes(self) -> Iterator[tuple[str, bytes]]:
        """Say a reason that no list has."""
        yield "renovating", message(word="declined", reason="renovating")

    def copies(self) -> Copies:
        """Give the duplicate matrix."""
        return Copies(
            first=signed(message()),
            again=signed(message(), envelope="envelope-1"),
            fresh=signed(message(2), envelope="envelope-2"),
            other=signed(message(word="over")),
            enveloped=signed(message(), envelope="envelope-3"),
            reused=signed(message(3), envelope="envelope-1"),
        )

    def rotated(self) -> Rotation:
        """Change the key."""
        return Rotation(
            before=partner(OLD),
            overlap=partner(OLD, NEW),
            after=partner(NEW),
            old=lambda number: signed(message(number), OLD, f"envelope-{number}"),
            new=lambda number: signed(message(number), NEW, f"envelope-{number}"),
        )

    def invalid(self, outbound: Outbound) -> Sequence[str]:
        """Name what is no field of the hotline's format."""
        fields = {"delivery", "part", "about", "said", "problems"}
        return sorted(fields ^ set(json.loads(outbound.body)))

    def drawn(self, source: random.Random) -> tuple[bytes, Draft]:
        """Draw an answer."""
        referral = str(uuid.UUID(int=source.getrandbits(128)))
        word = source.choice(sorted(RUNGS))
        reason = source.choice(["full", "far_away"]) if word == "declined" else None
        return message(referral=referral, word=word, reason=reason), AnswerDraft(
            referral, RUNGS[word], reason
        )

    def promises(self) -> Mapping[str, Promise]:
        """Promise what its simulator's scripts end in."""
        return {
            "busy": Promise(Throttled, "http_429"),
            "html": Promise(ContractBroken, "unexpected_answer"),
            "silent": Promise(Unknown, "timeout"),
            "twice": Promise(None, way="inbox"),
            "forged": Promise(InboundRefused, "signature_invalid", way="inbox"),
        }


samples: Final = HotlineSamples()
