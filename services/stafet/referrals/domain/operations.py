"""Joint actions that bring many referrals at once: how many came, how many have no answer, when to say so."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from stafet_schemas.codes import UNKNOWN
from stafet_schemas.operation import OperationAnnouncedData, OperationOpenedData


@dataclass(frozen=True, slots=True)
class Operation:
    """A joint action. `agency` leads it; `referrals` were opened for it, `open` of them have no answer.

    One that was not announced has no leader and expects nobody: its referrals count all the same.
    """

    operation: str
    agency: str = UNKNOWN
    expected: int = 0
    agencies: tuple[str, ...] = ()
    at: datetime | None = None
    referrals: int = 0
    open: int = 0

    def announced(self, data: OperationAnnouncedData) -> Self:
        """Take an announcement in; the newest counts, whatever the order they come in."""
        if self.at is not None and self.at > data.at:
            return self
        return replace(self, agency=data.agency, expected=data.expected, agencies=data.agencies, at=data.at)

    def counted(self, at: datetime, *, opened: int, answered: int) -> tuple[Self, OperationOpenedData | None]:
        """Count a referral that was opened, or answered; return what is to be told now, if anything is.

        Told are the first, second, fourth, eighth ... and the last one that was expected, and that all have
        an answer: enough to follow a night by, and never one event a referral.
        """
        after = replace(self, referrals=self.referrals + opened, open=self.open + opened - answered)
        count = after.referrals
        reached = opened and (count & (count - 1) == 0 or count == after.expected)
        settled = answered and after.open == 0 and 0 < after.expected <= count
        if not (reached or settled):
            return after, None
        return after, OperationOpenedData(
            operation=self.operation, agency=self.agency, at=at, referrals=count, open=after.open
        )
