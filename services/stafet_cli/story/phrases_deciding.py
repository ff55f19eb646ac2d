"""Sentences about what connected agencies send besides referrals and answers: decisions, free places."""

from datetime import date
from typing import Final

from stafet_cli.story import names
from stafet_cli.story.errors import StoryError, check
from stafet_cli.story.play import CONNECTS, phrase
from stafet_cli.story.world import World
from stafet_schemas.contact import ContactReceived
from stafet_sdk.draft import CapacityDraft, DecisionDraft

KINDS: Final = {"women": ("female",), "men": ("male",), "children": ("child",), "anybody": ()}


@phrase(CONNECTS)
async def is_connected(world: World, who: str) -> None:
    """One more agency has a system of its own in this story: the world was opened with it."""
    check(names.agency(who) in world.agencies, "the world was opened without it")


@phrase("<agency:who> decides <name:outcome> on <name:person> from <time:day>")
async def decides(world: World, who: str, outcome: str, person: str, day: str) -> None:
    """A connected authority sends its formal decision."""
    await _decide(world, names.agency(who), person, outcome, names.day(day))


@phrase("<agency:who> reverses its decision to <name:outcome> on <name:person> from <time:day>")
async def reverses(world: World, who: str, outcome: str, person: str, day: str) -> None:
    """A connected authority takes its decision back; another one holds in its place."""
    before = world.person(person).things.get("decision")
    if before is None:
        raise StoryError(f"{who} has decided nothing on {person}")
    await _decide(world, names.agency(who), person, outcome, names.day(day), before)


@phrase("<agency:who> reports <number:count> free places for <words:whom>")
async def has_places(world: World, who: str, count: str, whom: str) -> None:
    """A connected agency sends how many places its house has."""
    free = int(count)
    draft = CapacityDraft(
        unit="house",
        status="capacity" if free else "no_capacity",
        at=world.clock.now(),
        free=free,
        total=free,
        accepts=KINDS[whom],
    )
    await world.send(names.agency(who), draft)


@phrase("the contact <name:contact> went to <agency:who>")
async def contact_went(world: World, contact: str, who: str) -> None:
    """Whose turn a contact was."""
    found = [
        each.data.route for each in world.all(ContactReceived) if each.data.contact == world.named[contact]
    ]
    check(found == [names.agency(who)], f"it went to {found}")


async def _decide(  # noqa: PLR0917 - who decided what on whom, and what it takes back
    world: World, who: str, person: str, outcome: str, on: date, before: str | None = None
) -> None:
    decision = world.ids.new()
    draft = DecisionDraft(world.referral(person, who), decision, names.code(outcome), on, reverses=before)
    await world.send(who, draft)
    world.person(person).things["decision"] = decision
