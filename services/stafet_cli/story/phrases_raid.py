"""Sentences about many persons at once."""

import random
from collections import Counter
from typing import Final

from stafet_cli.story import names
from stafet_cli.story.errors import check
from stafet_cli.story.play import phrase
from stafet_cli.story.world import World
from stafet_schemas.course import ReferralLogged
from stafet_schemas.groups import Group
from stafet_schemas.referral import ReferralDelivered, ReferralSubmitted
from stafet_schemas.support import SupportCapacityReported
from stafet_sdk.draft import ReferralDraft, Value

LANGUAGES: Final = ("fil", "vie", "ukr", "ron", "tha", "ara", "pol", "por")
SEED: Final = 20180101
CHILDREN: Final = 0.06
WOMEN: Final = 0.35
AT_ONCE: Final = 50


@phrase("<agency:who> refers <number:count> persons of the operation <name:operation>")
async def refers_many(world: World, who: str, count: str, operation: str) -> None:
    """Many persons of all kinds, one message each, in a minute; the hub is to choose who gets them.

    The operation's name then stands for all of them together.
    """
    chance = random.Random(SEED)  # noqa: S311 - the same crowd in every run
    for number in range(int(count)):
        draft = somebody(number, world.named[operation], chance)
        await world.post(names.agency(who), draft)
        if number % AT_ONCE == AT_ONCE - 1:
            await world.settle()
    await world.settle()
    submitted = [each.data for each in world.all(ReferralSubmitted)]
    cases = [each.case for each in submitted if each.operation == world.named[operation]]
    world.person(operation).cases = list(dict.fromkeys(cases))


@phrase("every one of the <number:count> persons has one referral that landed")
async def all_landed(world: World, count: str) -> None:
    """Each was brought to an agency, or is with the coordinator to be handed over; none twice, none lost."""
    made = [each.data.referral for each in world.all(ReferralSubmitted) if each.data.operation]
    landed = Counter(each.data.referral for each in world.all(ReferralDelivered))
    landed += Counter(each.data.referral for each in world.all(ReferralLogged))
    check(len(made) == len(set(made)) == int(count), f"there are {len(made)} referrals")
    lost = [each for each in made if landed[each] != 1]
    check(not lost, f"{len(lost)} of them landed nowhere, or twice")


@phrase("no agency was sent more persons than it has places")
async def none_overrun(world: World) -> None:
    """What was brought to each agency that reported its places is no more than those."""
    places = {each.data.agency: each.data.free or 0 for each in world.all(SupportCapacityReported)}
    sent = Counter(each.data.receiver for each in world.all(ReferralDelivered))
    over = {agency: sent[agency] - free for agency, free in places.items() if sent[agency] > free}
    check(sent.keys() & places.keys(), "nobody was sent to any of them")
    check(not over, f"too many for {', '.join(f'{agency} ({count})' for agency, count in over.items())}")


def somebody(number: int, operation: str, chance: random.Random) -> ReferralDraft:
    """Make one of the crowd."""
    child = chance.random() < CHILDREN
    routing: dict[str, Value] = {
        "service": "accommodation",
        "priority": chance.choice(["acute", "urgent"]),
        "age_group": "child" if child else "adult",
        "sex": "female" if chance.random() < WOMEN else "male",
        "language": chance.choice(LANGUAGES),
        "interpreter": True,
        "risk": False,
        "safe_contact": False,
        "operation": operation,
    }
    return ReferralDraft(
        f"raid-{number}",
        "hub",
        {
            Group.ROUTING: routing,
            Group.RESIDENCE: {"status": chance.choice(["lawful", "none", "asylum_seeker"])},
            Group.EXPLOITATION: {"types": ["forced_labour"]},
            Group.IDENTITY: {"first_name": f"Person {number}"},
        },
    )
