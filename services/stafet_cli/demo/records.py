"""What the simulators wrote down, as typed facts: the partners' own view, which the hub cannot colour.

Files: `<home>/<agency>/record.jsonl`, one JSON object a line. Written by the
simulators of `stafet_connectors`; lines of kinds that say nothing to the judge are passed over.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AliasChoices, Field, Json, TypeAdapter, ValidationError

FIRST: Final = 1
REPETITION: Final = 2
CONFLICTING: Final = 3
ACCEPTED: Final = "MODTAGET"
TAKEN: Final = 202
CREATED: Final = 201


class RecordError(Exception):
    """A line of a record cannot be used; the message names file and line, never what stands there."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """The police were about to send; copy 1 is the message, 2 its repetition, 3 other content, same id.

    `consented`: its form says that the person consents to more being seen than what always is.
    """

    transaction: str
    copy: int
    fault: str | None
    consented: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub answered to one copy: MODTAGET with its receipt, or a fault's code."""

    transaction: str
    copy: int
    code: str
    receipt: str

    @property
    def accepted(self) -> bool:
        """Say whether the police hold the hub's receipt."""
        return self.code == ACCEPTED


@dataclass(frozen=True, slots=True)
class Receipt:
    """A Forretningskvittering at the police; `delivery` is the hub's id of it, `code` the rung in SF2900."""

    transaction: str
    delivery: str
    code: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """A partner refused what the hub sent, with a code."""

    code: str | int


@dataclass(frozen=True, slots=True)
class Done:
    """The police have sent all that the plan has, and every copy is answered."""


@dataclass(frozen=True, slots=True)
class Received:
    """Red Cross took a part (notice or content) of a referral; `repeated`: it had this delivery already.

    `groups_seen` names the fields that were in it, with blanks between.
    """

    delivery: str
    part: str
    referral: str
    repeated: bool
    groups_seen: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Answering:
    """Red Cross is about to send an answer."""

    referral: str
    rung: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Red Cross's answer was taken (202) or refused for good by the hub."""

    referral: str
    rung: str
    status: int


@dataclass(frozen=True, slots=True)
class AnsweredAgain:
    """Red Cross sent the same answer again; `same_receipt`: the hub gave its first receipt again."""

    referral: str
    same_receipt: bool


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Red Cross said that a person withdraws consent: taken (202), or refused for good by the hub."""

    referral: str
    status: int


@dataclass(frozen=True, slots=True)
class Recalled:
    """Red Cross was told of a withdrawal: what it has of these referrals may not be used as before."""

    delivery: str
    referrals: Json[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Inversion:
    """Red Cross itself saw a part too early."""

    referral: str
    part: str


@dataclass(frozen=True, slots=True)
class Taken:
    """Shelters or the immigration service took a part of a referral; `delivery` is the hub's id of it."""

    part: str
    delivery: Annotated[str, Field(validation_alias=AliasChoices("delivery", "request"))]
    referral: str | None = None
    repeated: bool = False
    status: int = 201

    @property
    def held(self) -> bool:
        """Say whether it was not refused."""
        return self.status == CREATED


@dataclass(frozen=True, slots=True)
class Listed:
    """The immigration service put something on its list of changes, `about` a referral."""

    type: str
    about: str


PoliceLine = Submitted | Answer | Receipt | Refusal | Done
OtherLine = Taken | Listed | Refusal | Inversion
RedcrossLine = Received | Answering | Answered | AnsweredAgain | Withdrawn | Recalled | Inversion | Refusal

_POLICE: Final[Mapping[str, TypeAdapter[Any]]] = {
    "submitted": TypeAdapter(Submitted),
    "answer": TypeAdapter(Answer),
    "receipt": TypeAdapter(Receipt),
    "refused_receipt": TypeAdapter(Refusal),
    "done_sending": TypeAdapter(Done),
}
_REDCROSS: Final[Mapping[str, TypeAdapter[Any]]] = {
    "received": TypeAdapter(Received),
    "answering": TypeAdapter(Answering),
    "answered": TypeAdapter(Answered),
    "answered_again": TypeAdapter(AnsweredAgain),
    "withdrawn": TypeAdapter(Withdrawn),
    "withdrawal": TypeAdapter(Recalled),
    "inversion": TypeAdapter(Inversion),
    "refused": TypeAdapter(Refusal),
}


_OTHERS: Final[Mapping[str, TypeAdapter[Any]]] = {
    "received": TypeAdapter(Taken),
    "item": TypeAdapter(Listed),
    "inversion": TypeAdapter(Inversion),
    "refused": TypeAdapter(Refusal),
}
OTHERS: Final = ("shelter", "immigration")


@dataclass(frozen=True, slots=True)
class Records:
    """The partners' lines, oldest first; `others` by agency."""

    police: tuple[PoliceLine, ...] = field(default=())
    redcross: tuple[RedcrossLine, ...] = field(default=())
    others: Mapping[str, tuple[OtherLine, ...]] = field(default_factory=dict[str, tuple["OtherLine", ...]])


def read_records(home: Path) -> Records:
    """Read all records below `home`; what is not there yet is empty, a last line still being written waits.

    Raises:
        RecordError: a whole line is no JSON object or lacks a field of its kind.
    """
    return Records(
        police=_read(home / "police" / "record.jsonl", _POLICE),
        redcross=_read(home / "redcross" / "record.jsonl", _REDCROSS),
        others={agency: _read(home / agency / "record.jsonl", _OTHERS) for agency in OTHERS},
    )


def _read(path: Path, kinds: Mapping[str, TypeAdapter[Any]]) -> tuple[Any, ...]:
    whole = path.read_bytes() if path.exists() else b""
    found = (
        _line(path, number, line, kinds)
        for number, line in enumerate(whole[: whole.rfind(b"\n") + 1].splitlines(), 1)
    )
    return tuple(each for each in found if each is not None)


def _line(path: Path, number: int, line: bytes, kinds: Mapping[str, TypeAdapter[Any]]) -> object:
    try:
        entry = json.loads(line)
        kind = kinds.get(entry["kind"])
        return None if kind is None else kind.validate_python(entry)
    except (ValueError, TypeError, KeyError) as error:
        what = "lacks a field" if isinstance(error, ValidationError | KeyError) else "is no JSON object"
        raise RecordError(f"{path.parent.name}/{path.name}, line {number} {what}") from None
