"""Counts and judges a demo from the partners' records, the hub's facts and the search for leaks. Pure.

The report holds nothing that a `kill -9` of the hub in the middle changes, but the times, and the rows of the
ledger: it has one for each attempt.
"""

import json
import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from stafet_cli.demo.disclosures import blocked, effects_ms, made, unlawful
from stafet_cli.demo.expectations import surprises
from stafet_cli.demo.hub_facts import HubFacts
from stafet_cli.demo.leak_patterns import Leak
from stafet_cli.demo.order import doubles, inversions, repetitions
from stafet_cli.demo.records import FIRST, OTHERS, Answer, Done, Records, Submitted
from stafet_cli.demo.trail import REDCROSS, REFUSED, SHELTER, Trail, missing, trails


@dataclass(frozen=True, slots=True)
class Report:
    """The numbers of a demo.

    `submitted`: distinct messages the police sent: faulty ones count, repetitions and conflicting copies not.
    `accepted`: those for which the police hold the hub's receipt (MODTAGET).
    `rejected`: those told no with a reason, by a fault at once or by a FEJLET receipt later.
    `delivered`: those whose notice stands in their receiver's record.
    `answered`: those whose receiver's yes or no is known to the hub (Red Cross's: taken by it with 202, too).
    `closed`: those whose final receipt (AFVIST, AFLEVERET) the police hold and whose loop the hub has closed.
    `lost`: those of which something is missing that must be there by the end, at any step, or on which the
    police's record and the hub differ.
    `duplicates`: double effects: deliveries beyond the first of one part of a referral or of one receipt, and
    referrals beyond the first made of one message. A delivery that comes again under its id is none.
    `inversions`: parts, receipts and deliveries of a lane that came out of order at a partner.
    `leaks`: values found outside the vault, once per place.
    `p50_ms`, `p99_ms`: from message.received to delivery.delivered of the notice; None when nothing was.
    `seconds`: wall time of the demo.
    `disclosures_made`: parts (notice, content) of referrals that the vault released values for; attempts
    count once, and a status carries none. `disclosures_blocked`: what it refused, of any part.
    `withdrawn_before_sending`: contents that Red Cross did not get, or from which it got nothing that only
    consent opens, because the person had withdrawn it. People who are referred twice are not counted: they
    say again that they consent.
    `ledger_verified`: rows of the ledger that were audited and stand in the signed tree, or 0 if any is not
    as it was written; None where nobody looked.
    `effect_p50_ms`, `effect_p99_ms`: from the gateway's receipt of a withdrawal (message.received) to the
    vault's record of it (consent.withdrawn); None when there was none.
    `agencies`: the same by receiver: referred, delivered, accepted, rejected, completed; reports of places
    (`capacities`), formal decisions (`decided`) and those that were taken back (`reversed`).
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
    disclosures_made: int
    disclosures_blocked: int
    withdrawn_before_sending: int
    ledger_verified: int | None
    effect_p50_ms: float | None
    effect_p99_ms: float | None
    agencies: Mapping[str, Mapping[str, int]]

    def write(self, path: Path) -> None:
        """Write the report as a JSON object with exactly these keys."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class LedgerFound:
    """What an audit of the ledger found: how many rows there are, and what is wrong, one line each."""

    rows: int
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """A report with what makes the demo fail (`problems`, one line each), and what the table tells besides.

    `repeated`: deliveries that came again and were dropped; `reasons`: why messages were rejected, by code;
    `recalled`: referrals that Red Cross had been served and was told to use no more; `blocked`: why the vault
    refused, by code.
    """

    report: Report
    problems: tuple[str, ...]
    repeated: int
    reasons: Mapping[str, int]
    recalled: int
    blocked: Mapping[str, int]

    @property
    def ok(self) -> bool:
        """Say whether all is well: nothing lost, doubled, out of order, leaked, unlawful or unexpected."""
        return not self.problems


def outstanding(
    records: Records, hub: HubFacts, referrals: int, *, receivers: Collection[str]
) -> dict[str, int]:
    """Count what must still happen after `referrals` were ordered, by what is missing; empty: finished.

    `receivers`: the agencies that run besides the police; who does not run reports nothing of its own.
    """
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
        "the shelters' places": int(SHELTER in receivers and not hub.capacities.get(SHELTER)),
        **steps,
        "deliveries in lanes": hub.waiting(),
    }
    return {what: count for what, count in counts.items() if count}


def progress_line(waiting: Mapping[str, int]) -> str:
    """Say in one line what is outstanding, most first; for the progress and for the error at time-out."""
    most_first = sorted(waiting.items(), key=lambda each: -each[1])
    return ", ".join(f"{count} x {what}" for what, count in most_first) or "nothing is outstanding"


def judge(
    records: Records,
    hub: HubFacts,
    leaks: Sequence[Leak],
    seconds: float,
    referrals: int,
    *,
    receivers: Collection[str],
    ledger: LedgerFound | None = None,
) -> Judgement:
    """Count and judge a demo that was to send `referrals` to `receivers` and took `seconds`.

    `ledger`: its audit, if any.
    """
    found = trails(records, hub)
    twice, early = doubles(records, hub), inversions(records, hub)
    times, effects, refused = sorted(_latencies(hub)), effects_ms(hub), blocked(hub)
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
        disclosures_made=len(made(hub)),
        disclosures_blocked=sum(refused.values()),
        withdrawn_before_sending=sum(_withheld(trail, hub) for trail in found),
        ledger_verified=None if ledger is None else 0 if ledger.faults else ledger.rows,
        effect_p50_ms=percentile(effects, 50),
        effect_p99_ms=percentile(effects, 99),
        agencies={agency: _of_agency(agency, found, hub) for agency in (REDCROSS, *OTHERS)},
    )
    problems = (
        *_lines("missing: ", outstanding(records, hub, referrals, receivers=receivers)),
        *_lines("doubled: ", twice),
        *_lines("out of order: ", early),
        *(f"leaked: {leak.values} values at {leak.place}" for leak in leaks),
        *_lines("unlawful: ", unlawful(records, hub)),
        *(f"ledger: {line}" for line in (ledger.faults if ledger else ())),
        *(f"unexpected: {line}" for line in surprises(found, records, hub)),
    )
    return Judgement(
        report=report,
        problems=problems,
        repeated=repetitions(records),
        reasons=_reasons(found),
        recalled=sum(trail.served and trail.recalled for trail in found),
        blocked=refused,
    )


def _of_agency(agency: str, found: Sequence[Trail], hub: HubFacts) -> dict[str, int]:
    """Count what became of the referrals to an agency, and what it reported of its own."""
    own = [trail for trail in found if trail.referral is not None and trail.receiver == agency]
    return {
        "referred": len(own),
        "delivered": sum("notice" in trail.parts for trail in own),
        **{rung: sum(rung in trail.known for trail in own) for rung in ("accepted", "rejected", "completed")},
        "capacities": hub.capacities.get(agency, 0),
        "decided": sum(trail.referral in hub.decided for trail in own),
        "reversed": sum(trail.referral in hub.reversed for trail in own),
    }


def percentile(ordered: Sequence[float], share: int) -> float | None:
    """Return the nearest-rank percentile (`share` in percent) of ascending numbers, to one decimal."""
    if not ordered:
        return None
    return round(ordered[math.ceil(len(ordered) * share / 100) - 1], 1)


def _withheld(trail: Trail, hub: HubFacts) -> bool:
    """Say whether, as consent was withdrawn before, a content came without what it had opened, or never."""
    case = hub.cases.get(trail.referral or "")
    alone = sum(each == case for each in hub.cases.values()) == 1
    told = trail.consented and trail.withdrew and trail.withdrawn
    ended = trail.cancelled or "content" in trail.parts
    return alone and told and ended and not trail.opened


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
