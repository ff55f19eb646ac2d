"""What the simulators wrote down, as typed facts: the partners' own view, which the hub cannot colour.

Files: `<home>/police/record.jsonl` and `<home>/redcross/record.jsonl`, one JSON object a line, `kind` first.
Written by the simulators of `stafet_connectors`; kinds that say nothing to the judge are left out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

FIRST: Final = 1
REPETITION: Final = 2
CONFLICTING: Final = 3
ACCEPTED: Final = "MODTAGET"


class RecordError(Exception):
    """A line of a record cannot be used; the message names file and line, never what stands there."""


class Line(BaseModel):
    """One line; `number` is its place in the file, so that lines of different kinds can be put in order."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: int


class Submitted(Line):
    """The police were about to send; copy 1 is the message, 2 its repetition, 3 other content under its id."""

    kind: Literal["submitted"]
    transaction: str
    copy_: int
    fault: str | None

    def __init_subclass__(cls) -> None:  # pragma: no cover
        raise NotImplementedError
