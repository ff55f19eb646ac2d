"""The disclosure policy as data: who may see which field group and which of its fields. Unwritten is denied.

The matrix is `policy.toml`: marks A (always, once accepted), c (only with consent), l (only on a legal duty
that a named human has recorded) and - (never). Only A releases anything: consents and duties are not recorded
yet.
"""

import tomllib
from datetime import date
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from stafet_schemas.groups import Group

ALWAYS: Final = "A"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Cell(_Strict):
    """One mark of the matrix with its citation; in force from `valid_from` to the day before `valid_to`."""

    mark: Literal["A", "c", "l", "-"]
    citation: str
    valid_from: date
    valid_to: date | None = None

    def holds(self, on: date) -> bool:
        """Say whether the mark is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


class Receiver(_Strict):
    """One row of the matrix, by its name there; a group may have several cells (`c/l`, or in succession)."""

    row: str
    cells: dict[Group, tuple[Cell, ...]]

    @model_validator(mode="after")
    def _every_group_is_decided(self) -> Self:
        missing = sorted(group for group in Group if not self.cells.get(group))
        if missing:
            raise ValueError(
                f"no cell for {', '.join(missing)}: write each group, '-' where nothing is released"
            )
        return self


class Policy(_Strict):
    """The whole policy. `fields` is the allow-list per group; `status` is the row "sender: status only"."""

    version: str
    fields: dict[Group, frozenset[str]]
    status: Cell
    receivers: dict[str, Receiver]

    def released(self, recipient: str, on: date) -> dict[Group, frozenset[str]]:
        """Return the groups, with their fields, that a receiver may see after accepting; empty if unknown."""
        receiver = self.receivers.get(recipient)
        cells = receiver.cells if receiver else {}
        return {
            group: self.fields.get(group, frozenset()) for group in cells if _only_always(cells[group], on)
        }


def parse_policy(name: str, text: str) -> Policy:
    """Read and check the text of a policy file; `name` is for the error.

    Raises:
        ValueError: it is not TOML, or does not say what a policy must say.
    """
    try:
        return Policy.model_validate(tomllib.loads(text))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise ValueError(f"{name} is no policy: {wrong}") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name} is no TOML: {error}") from None


def _only_always(cells: tuple[Cell, ...], on: date) -> bool:
    marks = {cell.mark for cell in cells if cell.holds(on)}
    return marks == {ALWAYS}
