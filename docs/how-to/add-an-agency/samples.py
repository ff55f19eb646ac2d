"""What Refuge's connector is certified by; synthetic persons only."""

from typing import Final

from stafet_refuge import connector
from stafet_sdk.certification.jsonsamples import JsonSamples
from stafet_sdk.certification.releases import REFERRAL, answer
from stafet_sdk.draft import ConsentDraft

ABOUT: Final = {"message_id": "message-0001", "case": REFERRAL}


class RefugeSamples(JsonSamples):
    """Answers in; every part of the hub's out."""


samples: Final = RefugeSamples(
    connector,
    messages={
        "promised": (
            {**ABOUT, "event": "bed_promised", "our_case": "R-17"},
            answer("accepted", filler="R-17"),
        ),
        "declined": ({**ABOUT, "event": "declined", "why": "full"}, answer("rejected", "no_capacity")),
        "moved_in": ({**ABOUT, "event": "moved_in"}, answer("in_progress")),
        "moved_out": ({**ABOUT, "event": "moved_out"}, answer("completed")),
        "stop": ({**ABOUT, "event": "stop"}, ConsentDraft("withdrawn", referral=REFERRAL)),
    },
    wrong={"case": "17", "why": "There is no room.", "our_case": "ask for Zuzanna"},
    optional=["our_case"],
)
