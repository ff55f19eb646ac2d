"""How long a period may be: days by the law in force, and what cannot be."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from stafet.identification.domain.days import day_of
from stafet.identification.domain.decision import RefusalError
from stafet.identification.domain.rules import Limit, Rules
from stafet_runtime.thing import Thing


@dataclass(frozen=True, slots=True)
class Length:
    """A period's first and last day (both count), and the last day that the law lets it reach."""

    starts: date
    until: date
    cap: date

    @classmethod
    def granted(cls, limit: Limit, on: date, starts: date | None, until: date | None) -> Self:
        """Give the length that was granted on a day; without days it is the usual one from that day.

        Raises:
            RefusalError: it begins too far ahead, ends before it begins, or beyond the cap.
        """
        first = starts or on
        if first - on > timedelta(days=limit.ahead_days):
            raise RefusalError("impossible", "starts")
        last = until or _nth(first, limit.days)
        if last < first:
            raise RefusalError("impossible", "until")
        return cls(first, last, _nth(first, limit.cap_days)).within(overridden=False)

    @classmethod
    def of(cls, period: Thing) -> Self:
        """Read it from a period that was granted."""
        told = [day_of(period.facts.get(name)) for name in ("starts", "until", "cap")]
        starts, until, cap = (each or date.min for each in told)
        return cls(starts, until, cap)

    def extended(self, limit: Limit, until: date, *, overridden: bool) -> Self:
        """Give it with a later end; the cap is that of the law on the day it is extended.

        Raises:
            RefusalError: the end is not later, or beyond the cap and no legal basis was recorded.
        """
        if until <= self.until:
            raise RefusalError("impossible", "until")
        longer = type(self)(self.starts, until, _nth(self.starts, limit.cap_days))
        return longer.within(overridden=overridden)

    def within(self, *, overridden: bool) -> Self:
        """Pass it if it ends by the cap, or may go beyond."""
        if self.until > self.cap and not overridden:
            raise RefusalError("over_cap", "until")
        return self

    def facts(self) -> dict[str, str]:
        """Give it as facts of a thing."""
        days = {"starts": self.starts, "until": self.until, "cap": self.cap}
        return {name: day.isoformat() for name, day in days.items()}


def limit_of(rules: Rules, kind: str, on: date, field: str = "kind") -> Limit:
    """Find the limits of a kind of period; `field` is what is wrong where there are none.

    Raises:
        RefusalError: the law of that day knows no such period.
    """
    found = rules.limit(kind, on)
    if found is None:
        raise RefusalError("impossible", field)
    return found


def _nth(first: date, days: int) -> date:
    try:
        return first + timedelta(days=days - 1)
    except OverflowError:
        raise RefusalError("impossible", "starts") from None
