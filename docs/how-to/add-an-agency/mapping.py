"""Refuge's words. Pure."""

from typing import Final

from stafet_sdk.jsonwords import Words

WORDS: Final = Words(
    answers={
        "bed_promised": "accepted",
        "declined": "rejected",
        "moved_in": "in_progress",
        "moved_out": "completed",
    },
    withdrawn="stop",
    parts={
        "notice": "bed_wanted",
        "content": "about_her",
        "status": "not_understood",
        "withdrawal": "use_no_more",
        "erasure": "forget",
    },
    statuses={"parse_rejected": "unreadable", "rejected": "out_of_place"},
    names={
        "type": "event",
        "id": "message_id",
        "referral": "case",
        "reference": "our_case",
        "reason": "why",
        "routing.service": "need",
        "routing.priority": "how_soon",
        "identity.first_name": "name",
        "identity.alias": "calls_herself",
        "contact.phone": "phone",
        "exploitation.types": "risks",
    },
    codes={
        "reason": {"no_capacity": "full", "outside_mandate": "not_for_us"},
        "routing.service": {"accommodation": "bed"},
        "routing.priority": {"acute": "tonight", "urgent": "this_week", "routine": "later"},
    },
)
