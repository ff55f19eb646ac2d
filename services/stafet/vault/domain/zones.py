"""Zones: which of a case's keys a group's values live under."""

from typing import Final

from stafet_schemas.groups import Group

GDPR: Final = "gdpr"
LED: Final = "led"
ZONES: Final = (GDPR, LED)
"""Each zone of a case has its own key: personal data under GDPR, and what serves a criminal matter (LED)."""

LED_GROUPS: Final = frozenset({Group.PERPETRATOR})


def zone_of(group: Group) -> str:
    """Name the zone of a group's values."""
    return LED if group in LED_GROUPS else GDPR
