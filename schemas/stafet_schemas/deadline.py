"""Subject `deadline`: every clock that was set, warned of, met or missed. Dates and codes only."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime

from stafet_schemas.event import Event, EventData
from stafet_schemas.groups import ROUTING, Group, mark

AGENCY = mark(Group.ROUTING, codelist="agency")


class DeadlineData(EventData):
    """`deadline` is one running of the `clock` for a `subject` of the `matter` (a case, or a contact).

    `due` is when it is breached; `owner` the agency that must act, `notify` those that are warned as well;
    `rule` the version of the clocks. The id follows from clock, subject and the event that set it. `tells`:
    the systems of those that have to do with the case are told by the hub; else only the coordinator is.
    """

    deadline: Annotated[str, ROUTING]
    clock: Annotated[str, ROUTING]
    rule: Annotated[str, ROUTING]
    matter: Annotated[str, ROUTING]
    subject: Annotated[str, ROUTING]
    owner: Annotated[str, AGENCY]
    notify: Annotated[tuple[str, ...], AGENCY] = ()
    due: Annotated[AwareDatetime, ROUTING]
    tells: Annotated[bool, ROUTING] = False


class DeadlineWarnedData(DeadlineData):
    """`stage` names the warning, e.g. `day_20`."""

    stage: Annotated[str, ROUTING]


class DeadlineMetData(DeadlineData):
    """`by` is the event that ended it, `late` says that the deadline was over by then."""

    by: Annotated[str, ROUTING]
    late: Annotated[bool, ROUTING] = False


class DeadlineThreatenedData(DeadlineData):
    """`cause` says what stands in the way: `recipient` does not get what it must act on."""

    cause: Annotated[str, ROUTING]
    recipient: Annotated[str, AGENCY]


class DeadlineEvent(Event):
    """An event of the deadline topic; its key is the matter."""

    topic: ClassVar[str] = "stafet-deadline-v1"
    key_field: ClassVar[str] = "matter"
    correlation_field: ClassVar[str] = "matter"
    data: DeadlineData


class DeadlineSet(DeadlineEvent):
    """A clock runs."""

    type: Literal["dk.cmm.stafet.deadline.set.v1"] = "dk.cmm.stafet.deadline.set.v1"
    data: DeadlineData


class DeadlineWarned(DeadlineEvent):
    """The deadline comes near."""

    type: Literal["dk.cmm.stafet.deadline.warned.v1"] = "dk.cmm.stafet.deadline.warned.v1"
    data: DeadlineWarnedData


class DeadlineThreatened(DeadlineEvent):
    """Something that does not move puts the deadline at risk."""

    type: Literal["dk.cmm.stafet.deadline.threatened.v1"] = "dk.cmm.stafet.deadline.threatened.v1"
    data: DeadlineThreatenedData


class DeadlineBreached(DeadlineEvent):
    """The deadline is over, and what was due has not been done."""

    type: Literal["dk.cmm.stafet.deadline.breached.v1"] = "dk.cmm.stafet.deadline.breached.v1"
    data: DeadlineData


class DeadlineMet(DeadlineEvent):
    """What was due has been done, or is due no longer."""

    type: Literal["dk.cmm.stafet.deadline.met.v1"] = "dk.cmm.stafet.deadline.met.v1"
    data: DeadlineMetData
