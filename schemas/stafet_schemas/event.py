"""What every event carries: the CloudEvents 1.0 attributes and the extensions Stafet adds.

Times are UTC and timezone-aware. Ids are UUIDv7 as text. No attribute holds a value of a person.
"""

from functools import cache
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from stafet_schemas.groups import ROUTING

PREFIX = "dk.cmm.stafet."


class EventData(BaseModel):
    """One past fact. Readers ignore what they do not know; writers are checked closed by types and tests."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class CaseData(EventData):
    """A fact about one case; `case` is the random pseudonym under which the hub keeps the case in order."""

    case: Annotated[str, ROUTING]


class Event(BaseModel):
    """A CloudEvent (https://github.com/cloudevents/spec, 1.0.2); subclasses fix `type` and `data`.

    `correlationid` follows one matter through the hub (a message's receipt until a case is known, then that);
    `causationid` is the id of the event that led to this one; `recordedtime` is when the hub wrote it down.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    topic: ClassVar[str]
    key_field: ClassVar[str]
    """The data field whose value is the record's key (and so the order)."""
    correlation_field: ClassVar[str]
    """The data field that names the matter this event belongs to."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: str
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    correlationid: str
    causationid: str | None = None
    partitionkey: str
    recordedtime: AwareDatetime
    traceparent: str | None = None
    data: EventData

    @classmethod
    @cache
    def type_name(cls) -> str:
        """The value of `type` that this class stands for."""
        return str(cls.model_fields["type"].default)

    @classmethod
    @cache
    def short_name(cls) -> str:
        """`subject.past_tense`, e.g. `referral.submitted`."""
        return cls.type_name().removeprefix(PREFIX).rpartition(".")[0]
