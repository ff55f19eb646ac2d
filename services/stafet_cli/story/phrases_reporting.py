"""Sentences about what agencies and the coordinator report, and about contacts and operations."""

from collections.abc import Mapping
from typing import Any

from stafet_cli.story import names
from stafet_cli.story.errors import StoryError, check
from stafet_cli.story.play import phrase
from stafet_cli.story.text import Row
from stafet_cli.story.world import World
from stafet_schemas.contact import ContactReported, ContactReportedData
from stafet_schemas.operation import OperationAnnounced, OperationAnnouncedData
from stafet_schemas.step import StepRefused, StepReported, StepReportedData
from stafet_schemas.steps import steps

LISTS = frozenset({"codes", "exploitation"})


@phrase('<agency:who> reports "<words:step>" of <name:person>')
async def reports(world: World, *, who: str, step: str, person: str, table: tuple[Row, ...] = ()) -> None:
    """An agency says that something happened; it must be of use to the hub."""
    before = len(world.all(StepRefused))
    await report(world, names.agency(who), names.code(step), person, _facts(table))
    refused = world.all(StepRefused)[before:]
    check(not refused, f"the hub refused it: {[(each.data.reason, each.data.field) for each in refused]}")


@phrase('<agency:who> reports "<words:step>" of <name:person>, and the hub refuses it because <words:reason>')
async def is_refused(
    world: World, *, who: str, step: str, person: str, reason: str, table: tuple[Row, ...] = ()
) -> None:
    """An agency says something that cannot stand; the hub says why."""
    before = len(world.all(StepRefused))
    await report(world, names.agency(who), names.code(step), person, _facts(table))
    found = [each.data.reason for each in world.all(StepRefused)[before:]]
    check(found == [names.code(reason)], f"it was refused because {found}" if found else "it was not refused")


async def report(world: World, who: str, step: str, person: str, facts: Mapping[str, Any]) -> None:
    """Say a step at the console; its subject is the newest of its kind where none is named."""
    kind = steps().get(step)
    if kind is None:
        raise StoryError(f"no step is called {step}")
    somebody, message = world.person(person), world.ids.new()
    subject = {} if kind.begins or kind.subject == "case" else {"subject": somebody.things.get(kind.subject)}
    if kind.subject == "other":
        subject = {"subject": next(each for each in somebody.cases if each != somebody.case)}
    if kind.subject == "referral":
        subject = {"subject": world.referral(person)}
    data = {**subject, **facts, "case": somebody.case, "agency": who, "message": message, "step": step}
    data["at"] = data.get("at") or world.clock.now()
    await world.say(StepReported, StepReportedData.model_validate(data))
    if kind.begins:
        somebody.things[kind.subject] = message


@phrase("<agency:who> takes a contact <name:contact>")
async def takes_contact(world: World, who: str, contact: str, table: tuple[Row, ...] = ()) -> None:
    """Somebody turns to the hotline or to outreach."""
    world.named[contact] = world.ids.new()
    await _contact(world, who, contact, "received", table)


@phrase("the contact <name:contact> is <words:step> by <agency:who>")
async def contact_goes_on(
    world: World, *, contact: str, step: str, who: str, table: tuple[Row, ...] = ()
) -> None:
    """A contact is triaged, referred or closed."""
    await _contact(world, who, contact, names.code(step), table)


@phrase("<agency:who> announces an operation <name:operation> for <number:persons> persons")
async def announces(world: World, who: str, operation: str, persons: str) -> None:
    """A joint action is about to bring many persons."""
    world.named[operation] = world.ids.new()
    data = OperationAnnouncedData(
        operation=world.named[operation],
        agency=names.agency(who),
        at=world.clock.now(),
        message=world.named[operation],
        expected=int(persons),
    )
    await world.say(OperationAnnounced, data)


async def _contact(world: World, who: str, contact: str, step: str, table: tuple[Row, ...]) -> None:
    data = {
        "contact": world.named[contact],
        "agency": names.agency(who),
        "message": world.ids.new(),
        "at": world.clock.now(),
        "step": step,
        **_facts(table),
    }
    if data.get("referral"):
        data["referral"] = world.referral(str(data["referral"]))
    await world.say(ContactReported, ContactReportedData.model_validate(data))


def _facts(table: tuple[Row, ...]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for label, said in table:
        field = names.code(label)
        if field in LISTS:
            facts[field] = names.several(said)
        elif field == "at":
            facts[field] = names.moment(said)
        elif field in {"party", "behalf"}:
            facts[field] = names.agency(said)
        elif said in {"yes", "no"}:
            facts[field] = said == "yes"
        else:
            facts[field] = (
                said if field in {"starts", "until", "vocabulary", "referral"} else names.code(said)
            )
    return facts
