"""Counts and judges a demo from the partners' records, the hub's facts and the search for leaks. Pure.

The report holds nothing that a `kill -9` of the hub in the middle changes, but the three times.
"""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from stafet_cli.demo.expectations import surprises
from stafet_cli.demo.hub_facts import HubFacts
from stafet_cli.demo.leak_patterns import Leak
from stafet_cli.demo.order import doubles, inversions, repetitions
from stafet_cli.demo.records import FIRST, Answer, Done, Records, Submitted
from stafet_cli.demo.trail import REFUSED, Trail, missing, trails


@dataclass(frozen=True, slots=True)
class Report:
    """The numbers of a demo.

    `submitted`: distinct messages the police sent: faulty ones count, repetitions and conflicting copies not.
    `accepted`: those for which the police hold the hub's receipt (MODTAGET).
    `rejected`: those told no with a reason, by a fault at once or by a FEJLET receipt later.
    `delivered`: those whose notice stands in Red Cross's record.
    `answered`: those whose yes or no of Red Cross was taken by the hub (202) and is known to it.
    `closed`: those whose final receipt (AFVIST, AFLEVERET) the police hold and whose loop the hub has closed.
    `lost`: those of which something is missing that must be there by the end, at any step, or on which the
    police's record and the hub differ.
    `duplicates`: double effects: deliveries beyond the first of one part of a referral or of one receipt, and
    referrals beyond the first made of one message. A delivery that comes again under its id is none.
    `inversions`: parts, receipts and deliveries of a lane that came out of order at a partner.
    `leaks`: values found outside the vault, once per place.
    `p50_ms`, `p99_ms`: from message.received to delivery.delivered of the notice; None when nothing was.
    `seconds`: wall time of the demo.
    """

    submitted: int
    accepted: int
    rejected: int
    delivered: int
    answered: int
    closed: int
    lost: int
    duplicates: int
    inversions: int
    leaks: int
    p50_ms: float | None
    p99_ms: float | None
    seconds: float

    def write(self, path: Path) -> None:
        """Write the report as a JSON object with exactly these keys."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A report with what makes the demo fail (`problems`, one line each), and what the table tells besides.

    `repeated`: deliveries that came again and were dropped; `reasons`: why messages were rejected, by code.
    """

    report: Report
    problems: tuple[str, ...]
    repeated: int
    reasons: Mapping[str, int]

    @property
    def ok(self) -> bool:
        """Say whether nothing was lost, doubled, out of order, leaked or answered otherwise than planned."""
        return not self.problems


def outstanding(records: Records, hub: HubFacts, referrals: int) -> dict[str, int]:
    """Count what must still happen after `referrals` were ordered, by what is missing; empty: finished."""
    found = trails(records, hub)
    copies = {
        (each.transaction, each.copy)
        for each in records.police
        if isinstance(each, Submitted) and each.copy != FIRST
    }
    answers = {(each.transaction, each.copy) for each in records.police if isinstance(each, Answer)}
    done = any(isinstance(each, Done) for each in records.police)
    steps = Counter(step for step in map(missing, found) if step is not None)
    counts = {
        "messages to be sent": referrals - len(found),
        "answers to copies": len(copies - answers),
        "the police's word that all is sent": int(not done),
        **steps,
        "deliveries in lanes": hub.waiting(),
    }
    return {what: count for what, count in counts.items() if count}


def progress_line(waiting: Mapping[str, int]) -> str:
    """Say in one line what is outstanding, most first; for the progress and for the error at time-out."""
    most_first = sorted(waiting.items(), key=lambda each: -each[1])
    return ", ".join(f"{count} x {what}" for what, count in most_first) or "nothing is outstanding"


def judge(
    records: Records, hub: HubFacts, leaks: Sequence[Leak], seconds: float, referrals: int
) -> Judgement:
    """Count and judge a demo that was to send `referrals` and took `seconds`."""
    found = trails(records, hub)
    twice, early = doubles(records, hub), inversions(records, hub)
    times = sorted(_latencies(hub))
    report = Report(
        submitted=len(found),
        accepted=sum(trail.accepted for trail in found),
        rejected=sum(trail.rejected for trail in found),
        delivered=sum("notice" in trail.parts for trail in found),
        answered=sum(trail.answered for trail in found),
        closed=sum(trail.looped for trail in found),
        lost=sum(missing(trail) is not None for trail in found),
        duplicates=sum(twice.values()),
        inversions=sum(early.values()),
        leaks=sum(leak.values for leak in leaks),
        p50_ms=percentile(times, 50),
        p99_ms=percentile(times, 99),
        seconds=round(seconds, 1),
    )
    problems = (
        *_lines("missing: ", outstanding(records, hub, referrals)),
        *_lines("doubled: ", twice),
        *_lines("out of order: ", early),
        *(f"leaked: {leak.values} values at {leak.place}" for leak in leaks),
        *(f"unexpected: {line}" for line in surprises(found, records, hub)),
    )
    return Judgement(report, problems, repetitions(records), _reasons(found))


def percentile(ordered: Sequence[float], share: int) -> float | None:
    """Return the nearest-rank percentile (`share` in percent) of ascending numbers, to one decimal."""
    if not ordered:
        return None
    return round(ordered[math.ceil(len(ordered) * share / 100) - 1], 1)


def _latencies(hub: HubFacts) -> list[float]:
    accepted = {
        referral: hub.received[message]
        for message, several in hub.referrals.items()
        for referral in several
        if message in hub.received
    }
    return [
        (at - accepted[referral]).total_seconds() * 1000
        for referral, at in hub.notices.items()
        if referral in accepted
    ]


def _lines(kind: str, counts: Mapping[str, int]) -> list[str]:
    return [f"{kind}{count} x {what}" for what, count in counts.items() if count]


def _reasons(found: Sequence[Trail]) -> dict[str, int]:
    reasons = Counter(
        trail.answer.code if trail.answer is not None and not trail.accepted else REFUSED
        for trail in found
        if trail.rejected
    )
    return dict(sorted(reasons.items()))
