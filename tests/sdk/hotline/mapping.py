"""The hotline's words."""

import json
import re
from typing import Any, Final, cast

from stafet_sdk.draft import PARTS, AnswerDraft, Release
from stafet_sdk.errors import InboundRefused, MappingError, NoWord

RUNGS: Final = {"taken": "accepted", "declined": "rejected", "over": "completed"}
WORDED: Final = frozenset({("notice", None), ("content", None), ("status", "parse_rejected")})
SHAPES: Final = {
    "referral": re.compile(r"[0-9a-f-]{36}"),
    "word": re.compile(r"[a-z]+"),
    "reason": re.compile(r"[a-z_]+"),
}


def read(body: bytes) -> dict[str, Any]:
    """Read an object."""
    try:
        said: Any = json.loads(body)
    except ValueError:
        raise InboundRefused("malformed", "send JSON", status=400) from None
    if not isinstance(said, dict):
        raise InboundRefused("malformed", "send an object", status=400)
    return cast("dict[str, Any]", said)


def to_answer(said: dict[str, Any]) -> AnswerDraft:
    """Read an answer; what is not known is left alone, a reason is kept as it came."""
    asked = ["referral", "word", *(["reason"] if said.get("word") == "declined" else [])]
    problems = [(name, "missing") for name in asked if name not in said]
    problems += [
        (name, "malformed") for name in asked if name in said and not SHAPES[name].fullmatch(str(said[name]))
    ]
    if not problems and said["word"] not in RUNGS:
        problems = [("word", "unknown")]
    if problems:
        raise MappingError(*problems)
    return AnswerDraft(said["referral"], RUNGS[said["word"]], said.get("reason"))


def to_data(release: Release) -> dict[str, Any]:
    """Word a release."""
    if release.part not in PARTS:
        raise ValueError("the hotline gets parts of the hub's")
    if (release.part, release.rung) not in WORDED:
        raise NoWord
    return {
        "delivery": release.delivery,
        "part": release.part,
        "about": release.referral or release.placer,
        "said": {group.value: dict(fields) for group, fields in release.values.items()},
        "problems": [field for field, _ in release.problems],
    }
