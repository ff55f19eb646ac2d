"""Law, mandates and limits as data: texts in TOML that are read strictly, and what is in force on a day."""

import tomllib
from datetime import date
from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

Citation = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class DataError(ValueError):
    """A file of data that is none; the text says what is wrong with it."""


class Strict(BaseModel):
    """Data of a file: nothing in it may be unknown here."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Dated(Strict):
    """In force from `valid_from` to the day before `valid_to` (Danish days), by `citation`."""

    valid_from: date
    valid_to: date | None = None
    citation: Citation

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise ValueError("valid_to is not after valid_from")
        return self

    def holds(self, on: date) -> bool:
        """Say whether it is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


M = TypeVar("M", bound=Strict)


def parse(kind: type[M], what: str, name: str, text: str) -> M:
    """Read and check the text of a file; `name` is the file's, `what` what it holds, both for the error.

    Raises:
        DataError: it is not TOML (a day that no calendar has is none), or does not say what it must say.
    """
    try:
        return kind.model_validate(tomllib.loads(text))
    except ValidationError as error:
        raise DataError(f"{name} holds no {what}: {wrong(error)}") from None
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{name} is no TOML: {error}") from None


def wrong(error: ValidationError) -> str:
    """Say where a text is wrong and how, each in one breath."""
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
