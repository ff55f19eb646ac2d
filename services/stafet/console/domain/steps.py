"""An event as the console keeps it: who, what, when, why, and the matter it belongs to."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from pydantic_core import from_json, to_json

from stafet_schemas.event import Event

AGENCY_FIELDS: Final = ("agency", "recipient", "receiver", "sender")
ESCAPED_NUL: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
MATTERS: Final = ("case", "lane", "matter", "contact", "operation", "query")
"""Fields that name what an event is about."""
SENDER_STEPS: Final = frozenset({"referral.submitted", "referral.loop_closed"})
OF_LANES: Final = ("delivery.", "deadline.")
"""Subjects whose matter is a lane: a case, or the receipt of the message that they are about."""
RECEIPT: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
"""Receipts are UUIDv7 (RFC 9562), cases are not."""


class Step(NamedTuple):
    """One event. Times are aware, UTC.

    A tuple: one is made for each event, and a frozen dataclass costs three times as much.

    `matter` is the case, or a receipt as long as no case is known; `anchored` says that the event names
    its matter itself, so that it needs no effect to tell it. What names a receipt in its place goes where
    the `message` of that receipt goes.
    """

    id: str
    type: str
    topic: str
    time: datetime
    recorded: datetime
    source: str
    correlation: str
    causation: str | None
    matter: str
    anchored: bool
    message: str | None = None
    referral: str | None = None
    agency: str | None = None
    rung: str | None = None
    reason: str | None = None
    part: str | None = None
    data: Mapping[str, Any] = MappingProxyType({})


def step_of(event: Event) -> Step:
    """Take out of an event what the console shows and links by; the data are coded facts and references."""
    data = _storable(event.data.model_dump(mode="json"))
    short = type(event).short_name()
    matter = next((data[each] for each in MATTERS if data.get(each)), None)
    about = _about(short, data, matter)
    return Step(
        id=event.id,
        type=short,
        topic=type(event).topic,
        time=event.time,
        recorded=event.recordedtime,
        source=event.source,
        correlation=event.correlationid,
        causation=event.causationid,
        matter=matter or event.correlationid,
        anchored=matter is not None and about is None,
        message=about or data.get("placer" if short == "referral.submitted" else "message"),
        referral=data.get("referral"),
        agency=_agency(short, data),
        rung=data.get("rung") or data.get("outcome"),
        reason=data.get("reason") or data.get("cause"),
        part=data.get("part"),
        data=data,
    )


def _about(short: str, data: Mapping[str, Any], matter: str | None) -> str | None:
    """Return the receipt of the message that an event is about, where it has that in the place of a case."""
    if matter is None or "message" in data or not short.startswith(OF_LANES):
        return None
    return matter if RECEIPT.fullmatch(matter) else None


def latest_order(step: Step) -> tuple[datetime, str]:
    """Sort by time; ids (UUIDv7) break ties in the order of their making."""
    return step.time, step.id


def in_order(steps: Sequence[Step]) -> list[Step]:
    """Return the steps, oldest first."""
    return sorted(steps, key=latest_order)


def _agency(short: str, data: Mapping[str, Any]) -> str | None:
    fields = ("sender",) if short in SENDER_STEPS else AGENCY_FIELDS
    if short.startswith("deadline."):
        fields = ("owner",)
    return next((data[each] for each in fields if data.get(each)), None)


def _storable(data: dict[str, Any]) -> dict[str, Any]:
    """Replace NUL, which PostgreSQL's text cannot hold and a partner's code or id might."""
    text = to_json(data).decode()
    if "\\u0000" not in text:
        return data
    cleaned: dict[str, Any] = from_json(ESCAPED_NUL.sub(r"\1\\ufffd", text))
    return cleaned
