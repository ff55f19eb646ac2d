"""Who may be sent which referrals: dated rules, read from data, default deny."""

from datetime import date
from functools import partial
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from stafet.referrals.domain.board import Ask
from stafet_runtime.dated import Dated, Strict, parse
from stafet_schemas.codes import AGE_GROUPS, CHANNELS, RESIDENCE, SERVICES, SEXES, UNKNOWN

CONTENT_PURPOSES: Final = frozenset({"support", "formal_assessment", "investigation"})
CONNECTED: Final = "hub"
"""The channel of an agency whose system the hub reaches; all others are reached by people."""

Agency = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{3}$")]


class Grounded(Dated):
    """What holds, and why."""

    reason: str = Field(min_length=1)


class StatusOnly(Grounded):
    """A sender that is told how far its referral is, and nothing of why."""

    sender: Agency


class Rule(Grounded):
    """A receiver may be sent referrals for some services, by its channel.

    The receiver need not be on the list of agencies: that of a private connector is not. `name` tells its
    rules apart in what is decided by them; `purpose` is what the content leaves for once the referral is
    accepted. `serves` are age groups. What follows is for the hub's own choice, which a sender who names the
    receiver makes itself: `sexes`, `languages` (ISO 639-2) and `residence`, empty for all; the `report_hours`
    for which the receiver is believed what it reported of its places (None: it need not report); and
    `chosen`: whether the hub may choose it at all. `duty`: the law asks for it, so that a referral by it goes
    on without the person's consent.
    """

    receiver: Agency
    name: str = Field(default="", pattern=r"^[a-z0-9_]{0,64}$")
    services: frozenset[str] = Field(min_length=1)
    purpose: str = "support"
    channel: str = CONNECTED
    serves: frozenset[str] = Field(default=AGE_GROUPS.codes, min_length=1)
    sexes: frozenset[str] = frozenset()
    languages: frozenset[Language] = frozenset()
    residence: frozenset[str] = frozenset()
    report_hours: int | None = Field(default=None, gt=0)
    chosen: bool = True
    duty: bool = False

    @model_validator(mode="after")
    def _says_what_is_known(self) -> Self:
        unknown = [{self.receiver} & {UNKNOWN, CONNECTED}, self.services - SERVICES.codes]
        unknown += [{self.purpose} - CONTENT_PURPOSES, {self.channel} - CHANNELS.codes]
        unknown += [self.serves - AGE_GROUPS.codes, self.sexes - SEXES.codes - {UNKNOWN}]
        unknown += [self.residence - RESIDENCE.codes - {UNKNOWN}]
        if any(unknown):
            raise ValueError(f"no such code: {', '.join(each for some in unknown for each in sorted(some))}")
        return self

    def admits(self, ask: Ask) -> bool:
        """Say whether the receiver takes people of this age; an age that nobody knows keeps nobody out."""
        return ask.age_group not in AGE_GROUPS.codes or ask.age_group in self.serves

    def suits(self, ask: Ask) -> bool:
        """Say whether the hub may choose the receiver: for this sex and right to stay, and in this language.

        Whoever needs an interpreter is sent where their language is spoken, or where all are arranged for.
        """
        return (
            self.chosen
            and (not self.sexes or ask.sex in self.sexes)
            and (not self.residence or ask.residence in self.residence)
            and (not self.languages or not ask.interpreter or ask.language in self.languages)
        )


class Rules(Strict):
    """The routing rules of one version; what no rule allows is refused.

    `coordinator` is the agency that gets what nobody has room for, and what nobody answers.
    """

    version: str = Field(min_length=1)
    coordinator: Agency | None = None
    rules: tuple[Rule, ...]
    status_only: tuple[StatusOnly, ...] = ()

    @model_validator(mode="after")
    def _tells_its_rules_apart(self) -> Self:
        names = [each.name for each in self.rules if each.name]
        twice = sorted({each for each in names if names.count(each) > 1})
        if twice:
            raise ValueError(f"more than one rule is named {', '.join(twice)}")
        return self

    def about(self, receiver: str, service: str) -> tuple[Rule, ...]:
        """Return every rule by which a receiver is, was or will be asked for a service."""
        return tuple(each for each in self.rules if each.receiver == receiver and service in each.services)

    def purpose(self, receiver: str, service: str, on: date) -> str | None:
        """Say what a referral's content may leave for; None if the agency may be sent no such referral."""
        return next((each.purpose for each in self.about(receiver, service) if each.holds(on)), None)

    def channel(self, receiver: str, on: date) -> str:
        """Say how a receiver is reached on a day: `hub` if it is connected or no rule says otherwise."""
        channels = {each.channel for each in self.rules if each.receiver == receiver and each.holds(on)}
        return CONNECTED if CONNECTED in channels else min(channels, default=CONNECTED)

    def tells_only_status(self, sender: str, on: date) -> bool:
        """Say whether a sender is not to be told why a referral ended."""
        return any(each.sender == sender and each.holds(on) for each in self.status_only)

    def named(self, rule: Rule | None) -> str:
        """Word what something was decided by: the version, and the rule of it."""
        return f"{self.version}/{rule.name}" if rule is not None and rule.name else self.version


parse_rules: Final = partial(parse, Rules, "routing rules")
