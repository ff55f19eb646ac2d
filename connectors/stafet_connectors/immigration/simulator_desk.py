"""The simulated immigration service at work: what it does with a request, what it shows of its changes."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from stafet_connectors.immigration.simulator_book import TAKEN, Book, Data, Item, Kept
from stafet_connectors.immigration.simulator_plan import Plan, facts_of, item_id
from stafet_connectors.immigration.wire import as_list, as_object, is_object
from stafet_sdk.faults import Faults

KNOWN: Final[Mapping[str, int]] = {
    "replay-412": 100,
    "401-mid-batch": 20,
    "certificate-mismatch": 100,
    "503-window": 20,
    "page-drift": 50,
    "decision-reversed": 100,
    "unknown-person": 100,
}
"""Fault scripts, and how many of a hundred each strikes if nothing is said."""
DRIFT: Final = "page-drift"
MISBOUND: Final = "certificate-mismatch"
STATUS: Final = "referralStatus"


class Desk:
    """Takes requests and shows changes; everything it must remember is in `book`."""

    def __init__(
        self, book: Book, plan: Plan, faults: Faults, seed: int, now: Callable[[], datetime]
    ) -> None:
        self.book = book
        self._plan = plan
        self._faults = faults
        self._seed = seed
        self._now = now
        self._struck = {(str(each["script"]), str(each["key"])) for each in book.record.of("fault")}
        self._latest = max((each.changed for each in book.changes(None)), default=None)

    def strikes(self, script: str, key: str) -> bool:
        """Say whether a script spoils this, which it does once; it is written down."""
        if (script, key) in self._struck or not self._faults.strikes(script, key, self._seed):
            return False
        self._struck.add((script, key))
        self.book.record.add("fault", script=script, key=key)
        return True

    def misbind(self, number: int) -> bool:
        """Say whether the token of a number is bound to another's certificate."""
        return self.strikes(MISBOUND, f"token/{number}/{self._generation()}")

    def issued(self, status: int, number: int) -> None:
        """Write down that a token was asked for."""
        self.book.record.add("token", status=status, number=number)

    def refused(self, code: int) -> None:
        """Write down that something was refused before it was looked at."""
        self.book.record.add("refused", code=code)

    def replayed(self, request: str) -> None:
        """Write down that a request came again."""
        self.book.record.add("replayed", request=request)

    def take(self, request: str, part: str, digest: str, body: Data) -> Kept:
        """Take a request, or refuse it by a code; the answer is kept under its id."""
        code = self._refusal(part, body)
        kept = Kept(digest, TAKEN if code is None else 404, code)
        self.book.keep(request, kept, part, **_said(part, body))
        if code is None and part in {"notice", "content"}:
            self._answer(part, str(body["referralId"]))
        return kept

    def refer(self, suspicion: str) -> None:
        """Put a person whom the service suspects to be a victim on the list."""
        self._add(suspicion, suspicion, "suspectedVictim", "suspected", {}, may_be_late=True)

    def page(self, since: datetime | None, skip: int, take: int) -> list[Data]:
        """Show what changed, oldest first; with the fault script, rows move and come late meanwhile."""
        self._reverse()
        listed = self.book.changes(since)
        rows = [each for each in listed if not each.late]
        page = rows[skip : skip + take]
        self.book.reveal([each for each in listed if each.late])
        self.book.show(page)
        shown = [self.book.row(each) for each in page]
        if len(rows) > skip + take:
            self._drift(page)
        return shown

    def _refusal(self, part: str, body: Data) -> int | None:
        if part != "content":
            return None
        facts = self.book.facts.get(str(body["referralId"]))
        if facts is None:
            return 60010
        return 60006 if self._faults.strikes("unknown-person", facts, self._seed) else None

    def _answer(self, part: str, referral: str) -> None:
        facts = self.book.facts[referral]
        case = f"US-{item_id(referral)[:8]}"
        if part == "content":
            decision = {
                "decisionId": f"AFG-{item_id(referral, 'decision')[:12]}",
                "outcome": self._plan.outcome(facts),
                "validFrom": self._plan.day(facts).isoformat(),
            }
            begun, done = ({"status": status, "caseNumber": case} for status in ("inProgress", "completed"))
            self._add(referral, facts, STATUS, "inProgress", begun)
            self._add(referral, facts, "decision", "decision", decision, may_be_late=True)
            self._add(referral, facts, STATUS, "completed", done)
        elif self._plan.takes(facts):
            said = {"status": "accepted", "caseNumber": case}
            self._add(referral, facts, STATUS, "answer", said, may_be_late=True)
        else:
            said = {"status": "rejected", "reason": self._plan.reason(facts)}
            self._add(referral, facts, STATUS, "answer", said, may_be_late=True)

    def _reverse(self) -> None:
        """Take back decisions that the hub has seen, those that the plan says."""
        for each in self.book.of("decision"):
            facts = self.book.facts.get(each.about, "")
            if each.shown and each.about not in self.book.erased and self._plan.reverses(facts):
                said = dict(each.facts)
                reversal = {
                    "decisionId": f"{said['decisionId']}-R",
                    "reverses": said["decisionId"],
                    "outcome": "not_victim" if said["outcome"] == "victim" else "victim",
                    "validFrom": (datetime.fromisoformat(said["validFrom"]) + timedelta(days=7))
                    .date()
                    .isoformat(),
                }
                self._add(each.about, facts, "decisionReversed", "reversal", reversal)

    def _drift(self, page: list[Item]) -> None:
        """Let a row of a page change while the next one is being asked for."""
        for each in page:
            if each.kind == STATUS and self.strikes(DRIFT, f"move/{each.id}"):
                self.book.move(each, self._tick())
                return

    def _add(
        self,
        about: str,
        facts: str,
        kind: str,
        what: str,
        data: Mapping[str, str],
        *,
        may_be_late: bool = False,
    ) -> None:
        late = may_be_late and self._faults.strikes(DRIFT, f"late/{facts}/{what}", self._seed)
        self.book.add(
            Item(item_id(about, what), 1, kind, about, self._tick(), tuple(data.items()), late=late)
        )

    def _tick(self) -> datetime:
        """Give the time of a change: no two have the same, whatever the clock says."""
        now = self._now()
        if self._latest is not None and now <= self._latest:
            now = self._latest + timedelta(microseconds=1)
        self._latest = now
        return now

    def _generation(self) -> int:
        return sum(1 for _ in self.book.record.of("listening"))


def _said(part: str, body: Data) -> dict[str, str | None]:
    """Name what may be written down of a request: ids and codes."""
    if part in {"notice", "content"}:
        facts = facts_of(body) if part == "notice" else None
        seen = " ".join(sorted(_paths(body)))
        return {"referral": str(body["referralId"]), "facts": facts, "groups_seen": seen}
    if part == "status":
        names = {"rung": "status", "about": "itemId", "receipt": "receipt", "reason": "reason"}
        return {ours: _text(body.get(theirs)) for ours, theirs in names.items()}
    return {"referrals": " ".join(map(str, as_list(body.get("referralIds"))))}


def _paths(body: Data) -> list[str]:
    found: list[str] = []
    for name, value in body.items():
        if is_object(value):
            found += [f"{name}.{inner}" for inner in as_object(value)]
        else:
            found.append(name)
    return found


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
