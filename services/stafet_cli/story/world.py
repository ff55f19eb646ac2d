"""What a story can do and see: agencies that refer, answer, report; a coordinator; time that passes."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from stafet_cli.story.agency import StoryAgency
from stafet_cli.story.clock import StoryClock, StoryIds
from stafet_cli.story.errors import StoryError, check
from stafet_cli.story.hub import StoryHub, story_hub
from stafet_cli.story.pump import Pump, pumping
from stafet_runtime.unit import transaction
from stafet_schemas.event import Event, EventData
from stafet_schemas.inbound import MessageRejected
from stafet_schemas.referral import ReferralSubmitted
from stafet_sdk.contract import Accepted, Request
from stafet_sdk.draft import Draft, Release

CONNECTED: Final = ("police", "redcross", "shelter", "immigration")
"""The agencies whose systems are connected; a story may connect more."""
MOST_ROUNDS: Final = 500
E = TypeVar("E", bound=Event)


@dataclass
class Person:
    """Somebody in the story, by a name of the story's own: the cases that agencies opened, newest last."""

    name: str
    cases: list[str] = field(default_factory=list[str])
    things: dict[str, str] = field(default_factory=dict[str, str])
    """The newest interview, period, stay ... by kind."""

    @property
    def case(self) -> str:
        """The case that was opened last.

        Raises:
            StoryError: there is none.
        """
        check(self.cases, f"nobody has referred {self.name} yet")
        return self.cases[-1]


@dataclass
class World:
    """One story's hub and all around it."""

    clock: StoryClock
    ids: StoryIds
    hub: StoryHub
    pump: Pump
    agencies: dict[str, StoryAgency]
    people: dict[str, Person] = field(default_factory=dict[str, Person])
    named: dict[str, str] = field(default_factory=dict[str, str])
    """Contacts, operations and questions for places, by the story's name of them."""

    def person(self, name: str) -> Person:
        """Return somebody by name."""
        return self.people.setdefault(name, Person(name))

    async def send(self, agency: str, draft: Draft) -> str:
        """Have a connected agency send a message, and the hub do all that follows; returns the receipt."""
        receipt = await self.post(agency, draft)
        await self.settle()
        return receipt

    async def post(self, agency: str, draft: Draft) -> str:
        """Have a connected agency send a message that the hub accepts; returns the receipt."""
        if agency not in self.agencies:
            raise StoryError(f"{agency} is not connected in this story")
        message = self.ids.new()
        self.agencies[agency].drafts[message] = draft
        request = Request("POST", "/", {}, json.dumps({"id": message}).encode())
        outcome = await self.hub.receive(request, agency)
        if not isinstance(outcome, Accepted):
            raise StoryError(f"the hub did not accept a message of {agency}")
        return outcome.receipt

    async def say(self, kind: type[Event], data: EventData) -> None:
        """Have the coordinator say something at the console, and the hub do all that follows."""
        async with transaction(self.hub.databases["console"], self.clock, self.ids) as unit:
            unit.outbox.emit(kind, data)
        await self.settle()

    async def refer(self, agency: str, name: str, draft: Draft) -> None:
        """Have an agency refer somebody; the story then knows the case."""
        receipt = await self.send(agency, draft)
        found = [each for each in self.all(ReferralSubmitted) if each.data.placer == receipt]
        refused = [each for each in self.all(MessageRejected) if each.data.message == receipt]
        check(not refused, f"the message was of no use: {[each.data.problems for each in refused]}")
        check(found, "the hub made no referral of it")
        person, data = self.person(name), found[0].data
        person.cases = [each for each in person.cases if each != data.case] + [data.case]

    async def settle(self) -> None:
        """Let the hub do all that it can do now.

        Raises:
            StoryError: it does not come to rest.
        """
        for _ in range(MOST_ROUNDS):
            for tick in self.hub.ticks:
                await tick()
            if not await self.pump.round():
                return
        raise StoryError("the hub does not come to rest")

    async def go_to(self, time: datetime) -> None:
        """Let time pass, from one thing that the hub does by itself to the next."""
        while self.clock.now() < time:
            coming = await self.hub.coming(self.clock.now())
            self.clock.go_to(time if coming is None else min(time, coming))
            await self.settle()

    def all(self, kind: type[E]) -> list[E]:
        """Return all events of a class, in order."""
        return [each for each in self.pump.events if isinstance(each, kind)]

    def of(self, name: str) -> list[Event]:
        """Return all events about somebody's cases, in order."""
        cases = set(self.person(name).cases)
        return [each for each in self.pump.events if each.partitionkey in cases]

    def referral(self, name: str, receiver: str | None = None) -> str:
        """Return the newest referral of somebody, or the newest to an agency.

        Raises:
            StoryError: there is none.
        """
        found = [
            each.data.referral
            for each in self.of(name)
            if isinstance(each, ReferralSubmitted) and receiver in {None, each.data.receiver}
        ]
        if not found:
            raise StoryError(f"nobody has referred {name}" + (f" to {receiver}" if receiver else ""))
        return found[-1]

    def got(self, agency: str, name: str) -> list[Release]:
        """Return what an agency was brought about somebody's referrals, in order."""
        ids = {getattr(each.data, "referral", None) for each in self.of(name)} - {None}
        return [
            each for each in self.agencies[agency].got if each.referral in ids or set(each.referrals) & ids
        ]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a world is: Kafka with its topics made, PostgreSQL migrated and empty, a folder for keys."""

    kafka: str
    dsn: str = field(repr=False)
    prefix: str
    home: Path


@asynccontextmanager
async def world(place: Place, start: datetime, connected: Sequence[str] = CONNECTED) -> AsyncGenerator[World]:
    """Open a world in which nothing has happened; `connected` are the agencies with systems of their own."""
    clock = StoryClock(start)
    ids = StoryIds(clock)
    agencies = {code: StoryAgency(code) for code in connected}
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(story_hub(place.dsn, place.home, clock, ids, agencies))
        databases = list(hub.databases.values())
        pump = await stack.enter_async_context(
            pumping(
                place.kafka, place.prefix, services=hub.services, databases=databases, clock=clock, ids=ids
            )
        )
        yield World(clock, ids, hub, pump, agencies)
