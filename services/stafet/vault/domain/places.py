"""Places: what a ciphertext is bound to, so that it opens nowhere else."""

from dataclasses import dataclass

from stafet.vault.domain.zones import GDPR, zone_of
from stafet_schemas.groups import Group


@dataclass(frozen=True, slots=True)
class Place:
    """A place: the zone whose key opens it, and what names it there."""

    zone: str
    names: tuple[str, ...]


def value_place(record: str, version: int, case: str, group: Group) -> Place:
    """Name the place of one group's values in one version of a record."""
    return Place(zone_of(group), ("value", record, str(version), case, group))


def message_place(record: str, case: str) -> Place:
    """Name the place of the raw message that a record was made from."""
    return Place(GDPR, ("message", record, case))


def placer_place(record: str, case: str, agency: str) -> Place:
    """Name the place of the id that an agency gave the message that a record was made from."""
    return Place(GDPR, ("placer", record, case, agency))


def alias_place(case: str, agency: str) -> Place:
    """Name the place of an agency's reference of a case."""
    return Place(GDPR, ("alias", case, agency))


def reason_place(reveal: str, case: str) -> Place:
    """Name the place of the words why somebody was shown something of a case."""
    return Place(GDPR, ("reason", reveal, case))


def key_place(case: str, zone: str) -> Place:
    """Name the place of a case's wrapped key."""
    return Place(zone, ("key", case))
