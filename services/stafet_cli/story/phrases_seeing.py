"""Sentences about what is so: events, clocks, who saw what, what the sender was told."""

from collections import Counter

from stafet_cli.story import names
from stafet_cli.story.errors import StoryError, check
from stafet_cli.story.play import phrase
from stafet_cli.story.text import Row
from stafet_cli.story.world import World
from stafet_runtime.danish import COPENHAGEN
from stafet_schemas.assessment import AssessmentData
from stafet_schemas.deadline import DeadlineEvent, DeadlineSet
from stafet_schemas.event import Event

LADDER = ("delivery.", "disclosure.")
"""Events that each thing that leaves the hub brings with it: a story tells them as what agencies got."""
CLOCKS = ("deadline.",)


@phrase("<agency:who> has seen <list:groups> of <name:person>")
async def has_seen(world: World, who: str, groups: str, person: str) -> None:
    """All field groups that an agency ever got of somebody, and no others; `nothing` is none at all."""
    code = names.agency(who)
    got = world.got(code, person) if code in world.agencies else []
    found = {str(group) for each in got for group in each.values}
    wanted = set(names.several(groups)) - {"nothing"}
    check(found == wanted, f"it has seen {', '.join(sorted(found)) or 'nothing'}")


@phrase("<agency:who> was told <list:rungs> of <name:person>")
async def was_told(world: World, who: str, rungs: str, person: str) -> None:
    """The statuses that a sender got, in order."""
    found = tuple(each.rung for each in world.got(names.agency(who), person) if each.part == "status")
    check(found == names.several(rungs), f"it was told {', '.join(map(str, found)) or 'nothing'}")


@phrase("<agency:who> was alerted of <list:alerts> of <name:person>")
async def was_alerted(world: World, who: str, alerts: str, person: str) -> None:
    """The alerts that an agency got, in order, e.g. `period end warned`; `nothing` is none at all."""
    code = names.agency(who)
    got = world.got(code, person) if code in world.agencies else []
    told = (each for each in got if each.part == "alert")
    found = tuple("_".join(filter(None, (each.reason, each.rung))) for each in told)
    wanted = tuple(each for each in names.several(alerts) if each != "nothing")
    check(found == wanted, f"it was alerted of {', '.join(found) or 'nothing'}")


@phrase("<agency:who> was brought <list:parts> of <name:person>")
async def was_brought(world: World, who: str, parts: str, person: str) -> None:
    """The parts that an agency got, in order."""
    found = tuple(each.part for each in world.got(names.agency(who), person))
    check(found == names.several(parts), f"it was brought {', '.join(found) or 'nothing'}")


@phrase("<agency:authority> has decided <words:outcome> on <name:person>")
async def has_decided(world: World, authority: str, outcome: str, person: str) -> None:
    """The newest decision of one authority."""
    found = [
        each.data.outcome
        for each in world.of(person)
        if type(each).short_name() == "final_assessment.decided"
        and isinstance(each.data, AssessmentData)
        and each.data.authority == names.agency(authority)
    ]
    check(found and found[-1] == names.code(outcome), f"it has decided {found}")


@phrase("these events happened to <name:person>")
async def happened(world: World, person: str, table: tuple[Row, ...]) -> None:
    """Every event of somebody's cases and how often it came; deliveries and clocks have their own."""
    found = Counter(
        name for each in world.of(person) if not (name := type(each).short_name()).startswith(LADDER + CLOCKS)
    )
    _compare(found, Counter({row[0]: int(row[1]) if len(row) > 1 else 1 for row in table}))


@phrase("these clocks ran for <name:person>")
async def clocks_ran(world: World, person: str, table: tuple[Row, ...]) -> None:
    """Every clock and what became of it: set, warned, threatened, breached, met, and how often."""
    found = Counter(
        f"{each.data.clock} {type(each).short_name().partition('.')[2]}"
        for each in world.of(person)
        if isinstance(each, DeadlineEvent)
    )
    wanted: Counter[str] = Counter()
    for name, *became in table:
        for each in (part.strip() for cell in became for part in cell.split(",")):
            what, _, times = each.partition(" x")
            wanted[f"{names.code(name)} {names.code(what)}"] += int(times or 1)
    _compare(found, wanted)


@phrase("the clock <words:clock> of <name:person> is due on <time:when>")
async def is_due(world: World, clock: str, person: str, when: str) -> None:
    """When the newest clock of a kind ends, in Danish time."""
    found = [
        each.data.due.astimezone(COPENHAGEN)
        for each in world.of(person)
        if isinstance(each, DeadlineSet) and each.data.clock == names.code(clock)
    ]
    check(found, "it was never set")
    form = "%Y-%m-%d %H:%M" if " " in when else "%Y-%m-%d"
    check(f"{found[-1]:{form}}" == when, f"it is due on {found[-1]:%Y-%m-%d %H:%M}")


@phrase('"<words:event>" has happened to <name:person>')
async def has_happened(world: World, event: str, person: str) -> None:
    """One kind of event has come at least once: `period granted` is the event `period.granted`."""
    check(_named(world.of(person), event), "it has not")


@phrase('"<words:event>" has not happened to <name:person>')
async def has_not_happened(world: World, event: str, person: str) -> None:
    """One kind of event has not come."""
    check(not _named(world.of(person), event), "it has")


def _named(events: list[Event], words: str) -> list[Event]:
    def plain(name: str) -> str:
        return name.replace(".", " ").replace("_", " ")

    return [each for each in events if plain(type(each).short_name()) == plain(words)]


def _compare(found: Counter[str], wanted: Counter[str]) -> None:
    more, less = found - wanted, wanted - found
    said = [f"{name} happened {count} times more" for name, count in sorted(more.items())]
    said += [f"{name} happened {count} times less" for name, count in sorted(less.items())]
    if said:
        raise StoryError("; ".join(said))
