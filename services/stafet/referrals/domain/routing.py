"""Who may be sent which referrals: dated rules, read from data, default deny."""

import tomllib
from datetime import date
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stafet_schemas.codes import SERVICES, UNKNOWN

CONTENT_PURPOSES: Final = frozenset({"support", "formal_assessment", "investigation"})


class RulesError(ValueError):
    """A rules file that is none; the text says what is wrong with it."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Strict):
    """A receiver may be sent referrals for some services, from a day to the day before another, and why.

    The receiver need not be on the list of agencies: that of a private connector is not. `purpose` is what
    the content leaves for once the referral is accepted.
    """

    receiver: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    services: frozenset[str] = Field(min_length=1)
    purpose: str = "support"
    valid_from: date
    valid_to: date | None = None
    citation: str = Field(min_length=1)
    reason: str = Field(min_length=1)

    @model_validator(mode="after")
    def _says_what_is_known(self) -> Self:
        unknown = sorted({self.receiver} & {UNKNOWN}) + sorted(self.services - SERVICES.codes)
        unknown += sorted({self.purpose} - CONTENT_PURPOSES)
        if unknown:
            raise ValueError(f"no such code: {', '.join(unknown)}")
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise ValueError("valid_to is not after valid_from")
        return self

    def holds(self, on: date) -> bool:
        """Say whether the rule is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


class Rules(_Strict):
    """The routing rules of one version; what no rule allows is refused."""

    version: str = Field(min_length=1)
    rules: tuple[Rule, ...]

    def purpose(self, receiver: str, service: str, on: date) -> str | None:
        """Say what a referral's content may leave for; None if the agency may be sent no such referral."""
        for rule in self.rules:
            if rule.receiver == receiver and service in rule.services and rule.holds(on):
                return rule.purpose
        return None


def parse_rules(name: str, text: str) -> Rules:
    """Read and check the text of a rules file; `name` is for the error.

    Raises:
        RulesError: it is not TOML, or does not say what rules must say.
    """
    try:
        return Rules.model_validate(tomllib.loads(text))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise RulesError(f"{name} holds no routing rules: {wrong}") from None
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"{name} is no TOML: {error}") from None
