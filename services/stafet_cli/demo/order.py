"""What came twice or too early at the partners, by their own records. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Final

from stafet_cli.demo.hub_facts import HubFacts
from stafet_cli.demo.records import Answering, Inversion, Receipt, Received, Records, Taken
from stafet_cli.demo.trail import DECLINED, DONE, REFUSED

# Receipts come in the order of one of these; a missing one is a loss, a swapped or foreign one an inversion.
LADDERS: Final = (
    ("MODTAGET", "ACCEPTERET", DONE),
    ("MODTAGET", DECLINED),
    # After a yes, when the person has withdrawn consent.
    ("MODTAGET", "ACCEPTERET", DECLINED),
    (REFUSED,),
)


def doubles(records: Records, hub: HubFacts) -> dict[str, int]:
    """Count double effects by kind: each delivery or referral beyond the first that says the same thing.

    The same delivery coming again is no double: the partner drops it (see `repetitions`).
    """
    parts = (
        ((each.referral, each.part), each.delivery) for each in records.redcross if isinstance(each, Received)
    )
    others = (
        ((each.referral, each.part), each.delivery)
        for _, each in _taken(records)
        if each.referral is not None
    )
    receipts = (
        ((each.transaction, each.code), each.delivery)
        for each in records.police
        if isinstance(each, Receipt) and each.delivery not in hub.told_again
    )
    made = ((message, referral) for message, several in hub.referrals.items() for referral in several)
    return {
        "part of a referral at Red Cross": _surplus(parts),
        "part of a referral at another agency": _surplus(others),
        "receipt at the police": _surplus(receipts),
        "referral made of a message": _surplus(made),
    }


def repetitions(records: Records) -> int:
    """Count deliveries that came again under the same id, at all partners."""
    known = (each for each in (*records.police, *records.redcross) if isinstance(each, Receipt | Received))
    return sum(each.repeated for each in (*known, *(each for _, each in _taken(records))))


def inversions(records: Records, hub: HubFacts) -> dict[str, int]:
    """Count what came out of order, by kind: each part, receipt ladder or delivery of a lane that did."""
    return {
        "content before the notice or the yes": len(_early_parts(records)),
        "receipts against the ladder": sum(not _climbs(each) for each in _ladders(records)),
        "deliveries against their lane": sum(_overtaken(*each) for each in _lanes(records, hub)),
    }


def _taken(records: Records) -> Iterator[tuple[str, Taken]]:
    for agency, lines in records.others.items():
        yield from ((agency, each) for each in lines if isinstance(each, Taken) and each.held)


def _surplus(pairs: Iterable[tuple[Hashable, str]]) -> int:
    found: dict[Hashable, set[str]] = defaultdict(set)
    for thing, identity in pairs:
        found[thing].add(identity)
    return sum(len(identities) - 1 for identities in found.values())


def _early_parts(records: Records) -> set[str]:
    early: set[str] = set()
    noticed: set[str] = set()
    agreed: set[str] = set()
    for line in (*records.redcross, *(each for lines in records.others.values() for each in lines)):
        match line:
            case Inversion():
                early.add(line.referral)
            case Answering(rung="accepted"):
                agreed.add(line.referral)
            case Received(part="notice"):
                noticed.add(line.referral)
            case Received(part="content") if line.referral not in noticed & agreed:
                early.add(line.referral)
            case _:
                pass
    return early


def _ladders(records: Records) -> list[list[str]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for each in records.police:
        if isinstance(each, Receipt):
            found[each.transaction].setdefault(each.code)
    return [list(codes) for codes in found.values()]


def _climbs(codes: Sequence[str]) -> bool:
    """Say whether the codes are one ladder with steps left out."""
    return any([each for each in ladder if each in codes] == list(codes) for ladder in LADDERS)


def _lanes(records: Records, hub: HubFacts) -> list[tuple[list[str], list[str]]]:
    """Pair each lane's deliveries as queued with the same as they first arrived."""
    arrivals = {
        "police": [each.delivery for each in records.police if isinstance(each, Receipt)],
        "redcross": [each.delivery for each in records.redcross if isinstance(each, Received)],
    }
    for agency, each in _taken(records):
        arrivals.setdefault(agency, []).append(each.delivery)
    places = {
        recipient: {delivery: place for place, delivery in reversed(list(enumerate(came)))}
        for recipient, came in arrivals.items()
    }
    found: list[tuple[list[str], list[str]]] = []
    for (_, recipient), queued in hub.lanes.items():
        place = places.get(recipient, {})
        came = sorted((each for each in queued if each in place), key=place.__getitem__)
        found.append((queued, came))
    return found


def _overtaken(queued: Sequence[str], came: Sequence[str]) -> int:
    """Count what arrived after something that was queued behind it."""
    rank = {delivery: number for number, delivery in enumerate(queued)}
    furthest = -1
    late = 0
    for each in came:
        late += rank[each] < furthest
        furthest = max(furthest, rank[each])
    return late
