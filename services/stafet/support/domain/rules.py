"""Who may say what, who gives which service, which law a duty stands on, how long support lasts: as data."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Annotated, Final, Self, TypeVar

from pydantic import Field, model_validator

from stafet.support.domain.machines import OWN
from stafet_runtime.dated import Dated, Strict, parse
from stafet_schemas.codes import CHANNELS, SERVICES

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
CONNECTED: Final = "hub"


D = TypeVar("D", bound=Dated)


class Channel(Dated):
    """How an agency is reached; `hub` says that it is connected and speaks for itself."""

    agency: Code
    channel: Code


class Provider(Dated):
    """An agency gives some services."""

    agency: Code
    services: frozenset[Code] = Field(min_length=1)


class Mandate(Dated):
    """Who may say some steps: the `agencies`, `anyone`, and with `party` the agency a thing is with."""

    steps: frozenset[Code] = Field(min_length=1)
    agencies: frozenset[Code] = frozenset()
    party: bool = False
    anyone: bool = False


class Duty(Dated):
    """The code of the law by which some steps are owed, whoever consents."""

    steps: frozenset[Code] = Field(min_length=1)
    law: Code


class Reintegration(Dated):
    """For how many months after the departure a returned person is supported."""

    months: int = Field(ge=1)


class Rules(Strict):
    """The rules of one version; what no mandate allows is refused.

    `coordinator` may speak for agencies that are not connected; `disappeared` are reasons of a failed
    referral that say that nobody knows where the person is.
    """

    version: str = Field(min_length=1)
    coordinator: Code
    disappeared: frozenset[Code]
    channels: tuple[Channel, ...]
    providers: tuple[Provider, ...]
    mandates: tuple[Mandate, ...]
    duties: tuple[Duty, ...]
    reintegration: tuple[Reintegration, ...]

    @model_validator(mode="after")
    def _says_what_is_known(self) -> Self:
        named = [each for rule in self.mandates for each in rule.steps]
        named += [each for rule in self.duties for each in rule.steps]
        wrong = sorted({*named} - OWN)
        wrong += sorted({each for rule in self.providers for each in rule.services} - SERVICES.codes)
        wrong += sorted({each.channel for each in self.channels} - CHANNELS.codes)
        if wrong:
            raise ValueError(f"no such code: {', '.join(wrong)}")
        silent = sorted(OWN - {each for rule in self.mandates for each in rule.steps})
        if silent:
            raise ValueError(f"nobody may say: {', '.join(silent)}")
        return self

    def connected(self, agency: str, on: date) -> bool:
        """Say whether an agency speaks for itself at the hub."""
        return any(each.agency == agency and each.channel == CONNECTED for each in _held(self.channels, on))

    def gives(self, agency: str, service: str, on: date) -> bool:
        """Say whether an agency gives a service; one that is on no list, by whoever gives anything."""
        given = [each.services for each in _held(self.providers, on) if each.agency == agency]
        return bool(given) if not SERVICES.known(service) else any(service in each for each in given)

    def giver(self, service: str, on: date) -> str | None:
        """Name the first agency that gives a service."""
        held = _held(self.providers, on)
        return next((each.agency for each in held if service in each.services), None)

    def may_say(self, step: str, agency: str, party: str | None, on: date) -> bool:
        """Say whether an agency may say a step of a thing that is with `party`."""
        return any(
            step in each.steps
            and (each.anyone or agency in each.agencies or (each.party and agency == party))
            for each in _held(self.mandates, on)
        )

    def of_party(self, step: str, on: date) -> bool:
        """Say whether it matters for a step whom the thing is with."""
        return any(step in each.steps and each.party for each in _held(self.mandates, on))

    def law(self, step: str, on: date) -> str | None:
        """Name the law by which a step is owed."""
        return next((each.law for each in _held(self.duties, on) if step in each.steps), None)

    def months(self, on: date) -> int | None:
        """Say how many months a returned person is supported."""
        return next((each.months for each in _held(self.reintegration, on)), None)


def _held(rules: Iterable[D], on: date) -> list[D]:
    return [each for each in rules if each.holds(on)]


parse_rules: Final = partial(parse, Rules, "rules of support")
