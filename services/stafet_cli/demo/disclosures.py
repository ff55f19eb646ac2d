"""Consent and disclosures: what the vault let go, by its events, against what Red Cross wrote down. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from stafet_cli.demo.hub_facts import HubFacts
from stafet_cli.demo.records import TAKEN, Answering, Received, Records, Withdrawn
from stafet_connectors.redcross import mapping
from stafet_schemas.case import DisclosureBlocked, DisclosureMade, DisclosureMadeData
from stafet_schemas.consent import (
    ConsentData,
    ConsentExpired,
    ConsentGiven,
    ConsentGivenData,
    ConsentNarrowed,
    ConsentWithdrawn,
)
from stafet_schemas.event import Event
from stafet_schemas.groups import Group

RECIPIENT: Final = "redcross"
CONSENT: Final = "consent"
CARRYING: Final = frozenset({"notice", "content"})
"""The parts that carry values of a person."""

# Fields of Red Cross's events, by the group that they come from: enough of each group to know it by.
_GROUPS: Final[Mapping[str, str]] = {
    field: group.value for (group, _), field in (*mapping.NAMES.items(), *mapping.LISTS.items())
} | {picklist.field: group.value for (group, _), picklist in mapping.PICKLISTS.items()}
_OWN: Final = {f"stafet_{group.value}_": group.value for group in Group}


def groups_of(fields: str) -> frozenset[str]:
    """Name the field groups that values with these field names (blanks between) are of."""
    names = fields.split()
    own = (group for start, group in _OWN.items() if any(name.startswith(start) for name in names))
    return frozenset((*own, *(_GROUPS[name] for name in names if name in _GROUPS)))


def opened_by_consent(hub: HubFacts, referral: str) -> frozenset[str]:
    """Name the groups of a referral's case that consent has ever opened for Red Cross."""
    return frozenset(group for each in _given(hub, referral) for group in each.groups)


def made(hub: HubFacts) -> set[tuple[str, str, str]]:
    """Name what was disclosed with values in it, as (recipient, referral, part); attempts count once."""
    return {(each.recipient, each.referral, each.part) for each in _released(hub) if each.part in CARRYING}


def blocked(hub: HubFacts) -> dict[str, int]:
    """Count what the vault refused, by its reason; attempts count once."""
    found = {
        (event.data.recipient, event.data.referral, event.data.part, event.data.reason)
        for events in hub.disclosing.values()
        for event in events
        if isinstance(event, DisclosureBlocked)
    }
    return dict(sorted(Counter(reason for *_, reason in found).items()))


def effects_ms(hub: HubFacts) -> list[float]:
    """Take the times from message.received to consent.withdrawn, in milliseconds, ascending."""
    return sorted(
        (event.time - hub.heard[event.causationid]).total_seconds() * 1000
        for events in hub.disclosing.values()
        for event in events
        if isinstance(event, ConsentWithdrawn) and event.causationid in hub.heard
    )


def unlawful(records: Records, hub: HubFacts) -> dict[str, int]:
    """Count what should never be: values that left after a withdrawal, or arrived without a release.

    A case's consents and releases stand in the order of their commits. Each arrival needs a release of its
    own: what was kept from an earlier attempt and sent again would be one too many.
    """
    released = Counter(
        (each.referral, each.part, group)
        for each in _released(hub)
        if each.recipient == RECIPIENT
        for group in each.groups
    )
    came = Counter(
        (each.referral, each.part, group)
        for each in records.redcross
        if isinstance(each, Received)
        for group in groups_of(each.groups_seen)
    )
    late = sum(bool(groups) for events in hub.disclosing.values() for groups in _after_the_end(events))
    return {
        "release of what was withdrawn before": late,
        "content with what was withdrawn before Red Cross said yes": len(_against_the_word(records, hub)),
        "arrival at Red Cross without a release of its own": len({key[:2] for key in came - released}),
    }


def _given(hub: HubFacts, referral: str) -> list[ConsentGivenData]:
    """List the consents of a referral's case that name Red Cross."""
    return [
        event.data
        for event in hub.disclosing[hub.cases.get(referral, "")]
        if isinstance(event, ConsentGiven) and event.data.basis == CONSENT and RECIPIENT in event.data.named
    ]


def _against_the_word(records: Records, hub: HubFacts) -> set[str]:
    """Name the referrals of which too much came by Red Cross's own record, unless consent was given again."""
    withdrawn, early, found = set[str](), set[str](), set[str]()
    for line in records.redcross:
        match line:
            case Withdrawn(status=status) if status == TAKEN:
                withdrawn.add(line.referral)
            case Answering(rung="accepted"):
                early |= {line.referral} & withdrawn
            case Received(part="content") if line.referral in early:
                given = _given(hub, line.referral)
                if len(given) == 1 and groups_of(line.groups_seen) & set(given[0].groups):
                    found.add(line.referral)
            case _:
                pass
    return found


def _released(hub: HubFacts) -> Iterator[DisclosureMadeData]:
    for events in hub.disclosing.values():
        yield from (event.data for event in events if isinstance(event, DisclosureMade))


def _after_the_end(events: list[Event]) -> Iterator[frozenset[str]]:
    """Give, for each release of a case, the groups in it that only a basis opened that had ended before."""
    standing, ended = dict[str, ConsentData](), list[ConsentData]()
    for event in events:
        match event:
            case ConsentGiven(data=data) | ConsentNarrowed(data=data):
                ended += [standing[data.consent]] if data.consent in standing else []
                standing[data.consent] = data
            case ConsentWithdrawn(data=data) | ConsentExpired(data=data):
                ended.append(standing.pop(data.consent, data))
            case DisclosureMade(data=data):
                yield frozenset(data.groups) & _opened(ended, data) - _opened(standing.values(), data)
            case _:
                pass


def _opened(bases: Iterable[ConsentData], to: DisclosureMadeData) -> frozenset[str]:
    meant = (each for each in bases if to.recipient in each.named and to.purpose in each.purposes)
    return frozenset[str]().union(*(each.groups for each in meant))
