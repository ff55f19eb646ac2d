"""Sentences about referrals, answers, consent and time."""

from datetime import timedelta

from stafet_cli.story import names
from stafet_cli.story.errors import check
from stafet_cli.story.phrases_reporting import report
from stafet_cli.story.play import phrase
from stafet_cli.story.text import Row
from stafet_cli.story.world import World
from stafet_runtime.vaultport import ConsentOrder
from stafet_schemas.groups import Group
from stafet_sdk.draft import AnswerDraft, ReferralDraft

USUAL: dict[str, str | bool] = {
    "priority": "urgent",
    "age_group": "adult",
    "sex": "female",
    "language": "unknown",
    "interpreter": False,
    "risk": False,
    "safe_contact": False,
}
"""What a referral says where the story does not care."""


@phrase("<agency:sender> refers <name:person> to <agency:receiver> for <words:service>")
async def refers(
    world: World, *, sender: str, person: str, receiver: str, service: str, table: tuple[Row, ...] = ()
) -> None:
    """An agency refers somebody, under its own reference of that person."""
    await refers_as(
        world, sender=sender, person=person, alias=person, receiver=receiver, service=service, table=table
    )


@phrase("<agency:sender> refers <name:person>, as <name:alias>, to <agency:receiver> for <words:service>")
async def refers_as(
    world: World,
    *,
    sender: str,
    person: str,
    alias: str,
    receiver: str,
    service: str,
    table: tuple[Row, ...] = (),
) -> None:
    """An agency refers somebody it knows by another name: its reference is another one, too."""
    values = names.values(table)
    routing = {**USUAL, **values.get(Group.ROUTING, {}), "service": names.code(service)}
    who, to = names.agency(sender), names.agency(receiver)
    draft = ReferralDraft(f"{who}-{alias}", to, {**values, Group.ROUTING: routing})
    await world.refer(who, person, draft)


@phrase("<agency:who> accepts <name:person>")
async def accepts(world: World, who: str, person: str) -> None:
    """The receiver takes the referral."""
    await answer(world, who, person, "accepted")


@phrase("<agency:who> rejects <name:person> because <words:reason>")
async def rejects(world: World, who: str, person: str, reason: str) -> None:
    """The receiver declines."""
    await answer(world, who, person, "rejected", names.code(reason))


@phrase("<agency:who> starts with <name:person>")
async def starts(world: World, who: str, person: str) -> None:
    """The receiver begins."""
    await answer(world, who, person, "in_progress")


@phrase("<agency:who> completes <name:person>")
async def completes(world: World, who: str, person: str) -> None:
    """The receiver ends it."""
    await answer(world, who, person, "completed")


STEPS = {
    "accepted": "referral_accepted",
    "rejected": "referral_rejected",
    "in_progress": "referral_started",
    "completed": "referral_completed",
}


async def answer(world: World, who: str, person: str, rung: str, reason: str | None = None) -> None:
    """Send an answer; of an agency that is not connected, the coordinator enters it."""
    code = names.agency(who)
    referral = world.referral(person, code)
    if code in world.agencies:
        await world.send(code, AnswerDraft(referral, rung, reason))
    else:
        facts = {"subject": referral, "behalf": code, **({"reason": reason} if reason else {})}
        await report(world, "cmm", STEPS[rung], person, facts)


@phrase("<name:person> consents that <list:recipients> may have <list:groups> for <words:purpose>")
async def consents(world: World, person: str, recipients: str, groups: str, purpose: str) -> None:
    """The person consents, by word of mouth; agencies by their codes."""
    await world.hub.vault.record_consent(
        ConsentOrder(
            statement="given",
            agency="operator",
            message=world.ids.new(),
            case=world.person(person).case,
            recipients=tuple(names.agency(each) for each in names.several(recipients)),
            purposes=(names.code(purpose),),
            groups=names.several(groups),
            at=world.clock.now(),
            language="eng",
            how="oral",
        )
    )
    await world.settle()


@phrase("<name:person> withdraws the consent")
async def withdraws(world: World, person: str) -> None:
    """The person takes every consent of the newest case back."""
    order = ConsentOrder(
        statement="withdrawn", agency="operator", message=world.ids.new(), case=world.person(person).case
    )
    await world.hub.vault.record_consent(order)
    await world.settle()


@phrase("<number:count> days pass")
async def days_pass(world: World, count: str) -> None:
    """Time goes on."""
    await world.go_to(world.clock.now() + timedelta(days=int(count)))


@phrase("<number:count> hours pass")
async def hours_pass(world: World, count: str) -> None:
    """Time goes on."""
    await world.go_to(world.clock.now() + timedelta(hours=int(count)))


@phrase("<number:count> minutes pass")
async def minutes_pass(world: World, count: str) -> None:
    """Time goes on."""
    await world.go_to(world.clock.now() + timedelta(minutes=int(count)))


@phrase("it is <time:when>")
async def it_is(world: World, when: str) -> None:
    """Time goes on to a moment, in Danish time."""
    await world.go_to(names.moment(when))


@phrase("nothing reaches <agency:who>")
async def goes_down(world: World, who: str) -> None:
    """An agency's system cannot be reached."""
    world.agencies[names.agency(who)].down = True


@phrase("<agency:who> can be reached again")
async def comes_up(world: World, who: str) -> None:
    """An agency's system is back."""
    check(names.agency(who) in world.agencies, "it is not connected")
    world.agencies[names.agency(who)].down = False
    await world.settle()
