"""The steps that can be reported: `steps.toml` beside this module, read into `StepKind`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Names = frozenset[str]


class StepKind(BaseModel):
    """One kind of step: which service decides on it, what it is about, which fields it needs and may have.

    `begins` says that it makes its subject; else the subject must be named where `subject` is not `case`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    service: str
    subject: str
    begins: bool = False
    needs: Names = frozenset()
    may: Names = frozenset()
    description: Annotated[str, Field(min_length=5)]


@cache
def steps() -> Mapping[str, StepKind]:
    """Read the file, by name."""
    text = (resources.files(__package__ or __name__) / "steps.toml").read_text(encoding="utf-8")
    read = [StepKind(name=name, **each) for name, each in tomllib.loads(text).items()]
    return {each.name: each for each in read}


def lacking(said: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Say which fields of a step cannot stand, as (field, what is wrong); `said` holds those that are set."""
    kind = steps().get(said.get("step", ""))
    if kind is None:
        return (("step", "unknown"),)
    needed = kind.needs if kind.begins or kind.subject == "case" else kind.needs | {"subject"}
    known = needed | kind.may | COMMON
    wrong = [(field, "missing") for field in sorted(needed - said.keys())]
    return tuple(wrong + [(field, "not of this step") for field in sorted(said.keys() - known)])


COMMON: Names = frozenset({"case", "agency", "message", "at", "step", "behalf", "connected"})
"""Fields that every step has, or may have."""
