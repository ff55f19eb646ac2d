"""An agency whose messages are fetched: batches by cursor, and what its messages are worth."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from stafet_sdk.contract import Accepted, Answered, Outcome, Request, Unavailable
from stafet_sdk.errors import InboundRefused
from stafet_sdk.source import Batch

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)


def item(name: str) -> Request:
    """Make a message that says its own name."""
    return Request("GET", "/changes", {}, name.encode())


@dataclass
class FakeSource:
    """`Source`: `batches` by the cursor they come after (requests, next cursor, more), or an error."""

    batches: dict[str, tuple[Sequence[str], str, bool] | Exception]
    agency: str = "immigration"
    interval_s: float = 60.0
    asked: list[str] = field(default_factory=list[str])
    settled: list[list[Outcome | Answered]] = field(default_factory=list[list[Outcome | Answered]])

    async def fetch(self, cursor: str, /) -> Batch:
        """Give the batch after a cursor; nothing new where there is none."""
        self.asked.append(cursor)
        found = self.batches.get(cursor, ((), cursor, False))
        if isinstance(found, Exception):
            raise found
        names, after, more = found
        return Batch(tuple(item(each) for each in names), after, more, self._settle)

    async def _settle(self, outcomes: Sequence[Outcome | Answered], /) -> None:
        self.settled.append(list(outcomes))


@dataclass
class FakeTaking:
    """`Take`: keeps the names of messages; `bad` ones are refused, and `away` says that nothing is taken."""

    bad: frozenset[str] = frozenset()
    away: bool = False
    taken: list[str] = field(default_factory=list[str])

    async def __call__(self, request: Request) -> Outcome:
        """Accept, refuse, or be away."""
        name = request.body.decode()
        if self.away:
            return Unavailable(5)
        if name in self.bad:
            return InboundRefused("bad", "no good")
        again = name in self.taken
        self.taken.append(name)
        return Accepted(name, f"r-{name}", AT, again)
