"""Connectors that send something that was not released to them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from stafet_connectors.immigration import ImmigrationConnector
from stafet_connectors.police import PoliceConnector, connector
from stafet_connectors.redcross import RedcrossConnector
from stafet_connectors.shelter import ShelterConnector
from stafet_schemas.groups import Group
from stafet_sdk.contract import Connector, Fetch, Outbound, Partner, Reply, Request
from stafet_sdk.draft import Release


def _more(release: Release) -> Release:
    """Add the sender's own id to the values that were released as content."""
    values = {**release.values, Group.STATISTICS: {"source": release.placer}}
    return replace(release, values=values) if release.part == "content" else release


class TalkativePolice(PoliceConnector):
    """The police's."""

    def from_hub(self, release: Release, partner: Partner, now: datetime, /) -> Outbound:
        """Say more."""
        return super().from_hub(_more(release), partner, now)


class TalkativeRedcross(RedcrossConnector):
    """Red Cross's, which hands contents over to who fetches them."""

    def hand_over(
        self, release: Release, fetch: Fetch, request: Request, partner: Partner, now: datetime, /
    ) -> Reply:
        """Say more."""
        return super().hand_over(_more(release), fetch, request, partner, now)


class TalkativeShelter(ShelterConnector):
    """The shelters'."""

    def from_hub(self, release: Release, partner: Partner, now: datetime, /) -> Outbound:
        """Say more."""
        return super().from_hub(_more(release), partner, now)


class TalkativeImmigration(ImmigrationConnector):
    """The immigration service's."""

    def from_hub(self, release: Release, partner: Partner, now: datetime, /) -> Outbound:
        """Say more."""
        return super().from_hub(_more(release), partner, now)


TALKATIVE: Final[Mapping[str, Connector]] = {
    "police": TalkativePolice(connector.manifest),
    "redcross": TalkativeRedcross(),
    "shelter": TalkativeShelter(),
    "immigration": TalkativeImmigration(),
}
