"""The clocks as data: what starts one, what ends it, how long it may run, who must act and who is told."""

from functools import cached_property, partial
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from stafet.deadlines.domain.days import Closed
from stafet.deadlines.domain.spans import Hours, Limit, Name, Warn
from stafet_runtime.dated import Dated, Strict, parse
from stafet_schemas.codec import data_class
from stafet_schemas.event import Event
from stafet_schemas.registry import EVENTS

Text = Annotated[str, Field(min_length=5)]
Who = Annotated[str, Field(pattern=r"^\$?[a-z][a-z0-9_]{0,63}$")]
"""An agency's code, or `$` and the field of the event that says it."""

KINDS: Final = {each.short_name(): each for each in EVENTS.values()}


class Trigger(Strict):
    """An event of a type, named `subject.past_tense`; `when` says which values its fields must have."""

    event: str
    when: dict[str, str | bool] = Field(default_factory=dict)

    @property
    def kind(self) -> type[Event]:
        """The class of the event."""
        return KINDS[self.event]

    def fits(self, event: Event) -> bool:
        """Say whether it is one of these."""
        return type(event) is self.kind and all(
            getattr(event.data, name) == value for name, value in self.when.items()
        )

    def lacking(self, fields: set[str]) -> list[str]:
        """Name the event if it is unknown, or the fields that it does not have."""
        if self.event not in KINDS:
            return [f"no event {self.event}"]
        has = set(data_class(KINDS[self.event]).model_fields)
        return [f"{self.event} has no field {name}" for name in sorted((fields | self.when.keys()) - has)]


class Start(Trigger):
    """Starts a clock. With `restarts` it ends one that runs for the subject; without, that one runs on."""

    restarts: bool = False
    warnings: tuple[Warn, ...] | None = None


class Stop(Trigger):
    """Ends the clock of its subject, or with `match = "matter"` all of that kind in the case or contact."""

    match: Literal["subject", "matter"] = "subject"


class Memory(Trigger):
    """Fields that clocks of the `subject` may be counted `by` later; `like` names whose it inherits."""

    subject: Name
    fields: tuple[Name, ...]
    like: Name | None = None


def _table(said: object) -> object:
    return {"event": said} if isinstance(said, str) else said


class Clock(Dated):
    """One kind of clock, from a day to the day before another.

    `force` says whether a `statute`, a `practice` that is written down, or only a `target` of the operator
    sets the limit. `limits` are for values of the field `by`. `first` names the field with the first day, for
    warnings by day. `final`: when it is over there is nothing left to do, the breach ends it. `renews` are
    events that say anew whom else to warn, and change nothing more. `tells`: the hub tells the systems of
    owner and notified of warnings and breach, as far as they take part in the case; else the coordinator has
    them.
    """

    clock: Name
    title: Text
    subject: Name
    starts: tuple[Annotated[Start, BeforeValidator(_table)], ...] = Field(min_length=1)
    stops: tuple[Annotated[Stop, BeforeValidator(_table)], ...] = Field(min_length=1)
    renews: tuple[Annotated[Trigger, BeforeValidator(_table)], ...] = ()
    limit: Limit
    by: Name | None = None
    limits: dict[str, Limit] = Field(default_factory=dict)
    first: Name | None = None
    warnings: tuple[Warn, ...] = ()
    final: bool = False
    owner: tuple[Who, ...] = Field(min_length=1)
    notify: tuple[Who, ...] = ()
    tells: bool = False
    force: Literal["statute", "practice", "target"]
    citation: Text

    @property
    def lacking(self) -> list[str]:
        """Name events that do not exist, and fields that they do not have."""
        until = {each.until for each in (self.limit, *self.limits.values()) if each.until}
        needed = until | {self.subject, self.first or self.subject}
        found = [said for each in self.starts for said in each.lacking(needed)]
        found += [said for each in self.renews for said in each.lacking({self.subject})]
        ends = ((each, {self.subject} if each.match == "subject" else set[str]()) for each in self.stops)
        return found + [said for each, fields in ends for said in each.lacking(fields)]


class Clocks(Strict):
    """The clocks of one version, and what they are counted by. `ends` are events that end all of a matter."""

    version: Annotated[str, Field(min_length=1)]
    ends: tuple[Annotated[Stop, BeforeValidator(_table)], ...]
    closed: tuple[Closed, ...]
    hours: tuple[Hours, ...]
    memories: tuple[Memory, ...]
    clocks: tuple[Clock, ...]

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Self:
        wrong = [f"{each.clock}: {said}" for each in self.clocks for said in each.lacking]
        wrong += [said for each in self.ends for said in each.lacking(set())]
        for each in self.memories:
            wrong += each.lacking({each.subject, *([each.like] if each.like else each.fields)})
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    @cached_property
    def triggers(self) -> frozenset[type[Event]]:
        """Every event that matters to a clock."""
        of_clocks = (trigger for each in self.clocks for trigger in (*each.starts, *each.stops, *each.renews))
        return frozenset(each.kind for each in (*of_clocks, *self.ends, *self.memories))

    @cached_property
    def starting(self) -> dict[type[Event], list[tuple[Clock, Start]]]:
        """By event, the clocks it may start."""
        return {
            kind: [(c, each) for c in self.clocks for each in c.starts if each.kind is kind]
            for kind in self.triggers
        }

    @cached_property
    def renewing(self) -> dict[type[Event], list[tuple[Clock, Trigger]]]:
        """By event, the clocks of which it says anew whom else to warn."""
        return {
            kind: [(c, each) for c in self.clocks for each in c.renews if each.kind is kind]
            for kind in self.triggers
        }

    @cached_property
    def stopping(self) -> dict[type[Event], list[tuple[Clock, Stop]]]:
        """By event, the clocks it may end."""
        return {
            kind: [(c, each) for c in self.clocks for each in (*c.stops, *self.ends) if each.kind is kind]
            for kind in self.triggers
        }


parse_clocks: Final = partial(parse, Clocks, "clocks")
