"""A lane in a few plain lines: what the lanes in the database must do, whatever comes and however it ends."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from stafet.dispatch.domain import Deferred, Delivered, Failed, Item, Outcome

PARTS = ("content", "content", "content", "withdrawal", "erasure")
OUTCOMES: tuple[Outcome, ...] = (
    Delivered(),
    Delivered(),
    Deferred("retriable", "http_503", 2.0),
    Deferred("throttled", "http_429", 7.0),
    Deferred("retriable", "connect", 600.0),
    Failed("refused", "http_400"),
    Failed("policy", "erased"),
)
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class Standing:
    """One item: how it stands, and when it may be tried."""

    item: Item
    state: str = "waiting"
    due: datetime | None = None
    cause: str = ""

    def ready(self, now: datetime) -> bool:
        """Say whether it may be tried."""
        return self.state != "failed" and (self.due is None or self.due <= now)


@dataclass
class LaneModel:
    """The items that are not done, in the order they came; `sending` is the one that is under way.

    `forgotten`: its case was erased meanwhile, so that whatever is first then is tried at once.
    """

    name: str
    open: list[Standing] = field(default_factory=list[Standing])
    sending: Standing | None = None
    forgotten: bool = False
    count: int = 0

    def add(self, part: str) -> Item:
        """Queue an item of a part."""
        self.count += 1
        item = Item(
            delivery=f"00000000-0000-4000-8000-{int(self.name):06x}{self.count:06x}",
            lane=self.name,
            recipient="redcross",
            case=self.name,
            referral=None,
            sender="stafet",
            placer="tx",
            part=part,
            purpose="support",
        )
        self.open.append(Standing(item))
        return item

    def begin(self, now: datetime) -> list[str]:
        """Begin what may be tried now, if anything; return its delivery."""
        head = self._head()
        if self.sending is not None or head is None or not (self.forgotten or head.ready(now)):
            return []
        self.sending, self.forgotten = head, False
        return [head.item.delivery]

    def settle(self, outcome: Outcome, now: datetime) -> None:
        """End what is being sent."""
        assert self.sending is not None
        standing, self.sending = self.sending, None
        standing.due, standing.cause = None, ""
        if isinstance(outcome, Deferred):
            standing.due, standing.cause = now + timedelta(seconds=outcome.wait_s), outcome.cause
        if isinstance(outcome, Delivered) or (isinstance(outcome, Failed) and outcome.ends):
            self.open.remove(standing)
        else:
            standing.state = "failed" if isinstance(outcome, Failed) else "waiting"

    def found(self, now: datetime) -> None:
        """Make due what waits because nobody was there: now somebody is."""
        head = self._head()
        if self.sending is None and head is not None and head.state == "waiting" and head.cause == "connect":
            head.due = min(head.due or now, now)

    def forget(self) -> None:
        """Make all that stands still or waits due at once."""
        self.forgotten = self.sending is not None
        for each in self.open:
            if each is not self.sending:
                each.state, each.due = "waiting", None

    def _head(self) -> Standing | None:
        recalls = [each for each in self.open if each.item.recall and each.state != "failed"]
        fresh = [each for each in recalls if each.due is None]
        tried = sorted((each for each in recalls if each not in fresh), key=lambda each: each.due or NEVER)
        return next(iter((*fresh, *tried, *self.open)), None)
