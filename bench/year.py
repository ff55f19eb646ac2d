"""The log of a year: a few courses of a case, played on the real hub, each copied for many persons.

A copy has ids of its own and takes the times of its own day; what follows from what stays as it was, so the
log is one that the services themselves have written.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from stafet_cli.story.world import Place, World, world
from stafet_schemas.case import CaseOpened, CaseOpenedData
from stafet_schemas.codec import Headers, encode
from stafet_schemas.contact import ContactReported, ContactReportedData
from stafet_schemas.event import Event
from stafet_schemas.inbound import MessageReceived, MessageReceivedData
from stafet_schemas.referral import ReferralSubmitted, ReferralSubmittedData
from stafet_schemas.step import StepRefused, StepReported, StepReportedData

START: Final = datetime(2026, 1, 5, 8, tzinfo=UTC)
DAYS: Final = 300
"""Copies begin on any of so many days; the last ends before the year does."""
IDS: Final = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
DATES: Final = re.compile(rb"20\d\d-\d\d-\d\d")

Said = tuple[int, str, dict[str, Any]]
"""A day, a step, and what is said with it; `subject` is the receipt of the step that began it."""

DECIDED: Final[tuple[Said, ...]] = (
    (2, "assessment_decided", {"party": "cmm", "outcome": "positive"}),
    (20, "assessment_decided", {"agency": "immigration", "outcome": "negative"}),
)
ANSWERED: Final[Said] = (1, "referral_accepted", {"subject": "referral"})
COURSES: Final[Sequence[tuple[int, str, tuple[Said, ...]]]] = (
    (12, "adult", DECIDED),
    (4, "adult", (ANSWERED, *DECIDED)),
    (1, "adult", (
        (1, "identification_requested", {}),
        ANSWERED,
        *DECIDED,
        (3, "period_offered", {"kind": "recovery"}),
        (4, "period_requested", {"subject": "period_offered"}),
        (4, "period_granted", {"subject": "period_offered"}),
        (20, "period_ended_early", {"subject": "period_offered", "reason": "own_wish"}),
    )),
    (1, "adult", (
        *DECIDED,
        (3, "need_assessed", {"codes": ("accommodation", "health")}),
        (3, "accommodation_requested", {"party": "shelter"}),
        (4, "accommodation_checked_in", {"agency": "shelter", "subject": "accommodation_requested"}),
        (21, "accommodation_left", {"agency": "shelter", "subject": "accommodation_requested"}),
    )),
    (1, "child", (
        *DECIDED,
        (1, "child_notification_sent", {"party": "municipality"}),
        (2, "child_notification_acknowledged", {
            "behalf": "municipality", "subject": "child_notification_sent",
        }),
    )),
    (1, "adult", (
        ANSWERED,
        (1, "interview_offered", {}),
        (1, "interview_held", {"subject": "interview_offered", "channel": "office"}),
        *DECIDED,
        (21, "referral_completed", {"subject": "referral"}),
    )),
)  # fmt: skip
"""How many of twenty persons, how old, and what is said of them."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the log; `hours` after its course began."""

    hours: float
    topic: str
    key: bytes
    headers: Headers
    value: bytes


@dataclass(frozen=True, slots=True)
class Template:
    """One course: its events in order, and how many of twenty persons take it."""

    weight: int
    events: tuple[Record, ...]


async def templates(place: Place) -> list[Template]:
    """Play every course on a hub in which nothing has happened."""
    async with world(place, START, ()) as opened:
        people = [Person(opened, age) for _, age, _ in COURSES]
        for each in people:
            await each.begin()
        for day in range(1, 23):
            opened.clock.go_to(START + timedelta(days=day))
            await opened.settle()
            for each, (_, _, said) in zip(people, COURSES, strict=True):
                for step, facts in [(step, facts) for when, step, facts in said if when == day]:
                    await each.says(step, facts)
        refused = [each.data for each in opened.all(StepRefused)]
        assert not refused, refused  # noqa: S101 - a year of refusals would measure something else
        return [
            Template(
                weight,
                tuple(
                    _recorded(event) for event in [each.received, *opened.pump.events] if each.concerns(event)
                ),
            )
            for each, (weight, _, _) in zip(people, COURSES, strict=True)
        ]


def year(played: Sequence[Template], persons: int, seed: int) -> Iterator[Record]:
    """Yield the records of so many persons in the order of their times."""
    draw = random.Random(seed)
    picked = draw.choices(played, [each.weight for each in played], k=persons)
    begins = [draw.randrange(DAYS) for _ in range(persons)]
    order = sorted(
        (begins[person] * 24 + each.hours + person / persons, person, number)
        for person in range(persons)
        for number, each in enumerate(picked[person].events)
    )
    for _, person, number in order:
        copied = _Copying(UUID(int=seed << 64 | person), begins[person])
        yield copied.of(picked[person].events[number])


class Person:
    """Somebody whose course is played: what the agencies and the coordinator say, and under which ids."""

    def __init__(self, opened: World, age: str) -> None:
        self._world = opened
        self._age = age
        self._ids = {name: opened.ids.new() for name in ("case", "referral", "placer", "contact", "record")}

    @property
    def received(self) -> MessageReceived:
        """What the gateway, which had no message here, would have said first."""
        receipt = self._ids["placer"]
        return MessageReceived(
            id=receipt, source="/stafet/gateway", time=START, correlationid=receipt,
            partitionkey="municipality", recordedtime=START,
            data=MessageReceivedData(agency="municipality", message=receipt, size=1850),
        )  # fmt: skip

    async def begin(self) -> None:
        """Turn to the hotline, and be referred to the coordinator, who is reached by telephone."""
        ids, now = self._ids, self._world.clock.now()
        contact = ContactReportedData(
            contact=ids["contact"],
            agency="cmm",
            message=ids["contact"],
            at=now,
            step="received",
            venue="hotline",
        )
        submitted = ReferralSubmittedData(
            case=ids["case"], referral=ids["referral"], sender="municipality", placer=ids["placer"],
            receiver="cmm", record=ids["record"], version=1, groups=("identity", "routing"), digest="0" * 64,
            service="contact_person", priority="routine", age_group=self._age, sex="female", language="ron",
            residence="lawful", exploitation=("sexual",),
        )  # fmt: skip
        await self._world.say(ContactReported, contact)
        await self._world.say(CaseOpened, CaseOpenedData(case=ids["case"], agency="municipality"))
        await self._world.say(ReferralSubmitted, submitted)

    async def says(self, step: str, facts: Mapping[str, Any]) -> None:
        """Have the coordinator report a step."""
        message = self._ids[step] = self._world.ids.new()
        about = {"subject": self._ids[facts["subject"]]} if "subject" in facts else {}
        said = {
            "agency": "cmm",
            **facts,
            **about,
            "case": self._ids["case"],
            "message": message,
            "step": step,
        }
        data = StepReportedData.model_validate({**said, "at": self._world.clock.now()})
        await self._world.say(StepReported, data)

    def concerns(self, event: Event) -> bool:
        """Say whether an event is of this course."""
        own = self._ids.values()
        return event.partitionkey in own or getattr(event.data, "message", None) in own


class _Copying:
    """Makes records another person's: ids of its own, days later."""

    def __init__(self, space: UUID, days: int) -> None:
        self._space = space
        self._days = days

    def of(self, record: Record) -> Record:
        """Copy a record."""
        headers = [(name, self._text(value)) for name, value in record.headers]
        return replace(record, key=self._text(record.key), headers=headers, value=self._text(record.value))

    def _text(self, text: bytes) -> bytes:
        return DATES.sub(self._day, IDS.sub(self._id, text))

    def _id(self, found: re.Match[bytes]) -> bytes:
        return str(uuid5(self._space, found[0].decode())).encode()

    def _day(self, found: re.Match[bytes]) -> bytes:
        return (date.fromisoformat(found[0].decode()) + timedelta(days=self._days)).isoformat().encode()


def _recorded(event: Event) -> Record:
    key, headers, value = encode(event)
    return Record((event.time - START).total_seconds() / 3600, event.topic, key, headers, value)
