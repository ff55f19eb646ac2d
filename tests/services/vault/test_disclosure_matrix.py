"""Every (event, receiver, state of consent, version of the policy): what leaves is what the matrix says."""

import re
from dataclasses import replace
from itertools import product
from typing import Final

import pytest

from stafet.dispatch.subscribers import subscription
from stafet.vault.policy import Cell
from stafet_schemas.codes import PARTS, RUNGS
from stafet_schemas.groups import Group
from stafet_sdk.draft import PARTS as SENT
from tests.services.vault.asking import EVENTS, SILENT, requests
from tests.services.vault.comparing import Comparison
from tests.services.vault.disclosing import states
from tests.services.vault.editions import Edition, edited, shipped
from tests.services.vault.leaving import CONNECTORS
from tests.services.vault.matrix import BEGIN
from tests.services.vault.talkative import TALKATIVE

STATES: Final = states()
FEW: Final = [
    each for each in STATES if each.name in {"nothing said", "consent to all", "consent to narrative"}
]
SERVED: Final = [each for each in STATES if each.name == "nothing said" or " of 0, " in each.name]
"""Nothing was said, for each service that an agency with a connector gives."""


class TestEvents:
    async def test_every_event_type_that_dispatch_listens_to_is_here(self) -> None:
        assert set(EVENTS) == set(subscription().routes)
        assert {kind for kind in EVENTS if not await requests(kind, "redcross")} == SILENT

    async def test_they_make_every_part_leave_by_every_rung(self) -> None:
        asked = [each for kind in EVENTS for each in await requests(kind, "redcross")]
        assert {each.part for each in asked} - {"all"} == PARTS.codes - {
            "reveal",
            "person",
            "report",
            "review",
        }
        assert {each.rung for each in asked if each.part == "status"} - {None} == RUNGS.codes


class TestEverything:
    @pytest.mark.parametrize("edition", [shipped(), edited()], ids=lambda each: each.name)
    async def test_leaves_as_the_matrix_says_and_not_otherwise(self, edition: Edition) -> None:
        assert {stay.row for stays in edition.stays.values() for stay in stays} == set(
            edition.policy.receivers
        )
        found = Comparison(edition)
        await found.run(STATES, edition.days())
        await found.run(FEW, edition.other_days())
        assert found.mismatches == []
        assert found.combinations > 40_000
        assert found.left > 15_000
        assert found.messages > 150
        assert found.spoken == set(product(CONNECTORS, SENT))


class TestTheComparison:
    """What it is there for, it finds."""

    @pytest.mark.parametrize("row", ["health", "statistics", "shelter"])
    async def test_a_cell_that_somebody_opened_is_found(self, row: str) -> None:
        edition = edited()
        receiver = edition.policy.receivers[row]
        opened = (Cell(mark="A", citation="nobody's", valid_from=BEGIN),)
        cells = {**receiver.cells, Group.NARRATIVE: opened}
        receivers = {**edition.policy.receivers, row: receiver.model_copy(update={"cells": cells})}
        policy = edition.policy.model_copy(update={"receivers": receivers})
        found = Comparison(replace(edition, policy=policy))
        await found.run(FEW[:1], [BEGIN])
        assert found.mismatches
        assert all("narrative" in each for each in found.mismatches)

    async def test_a_purpose_that_somebody_gave_a_row_is_found(self) -> None:
        edition = shipped()
        police = edition.policy.receivers["police"]
        wider = police.model_copy(update={"purposes": police.purposes | {"formal_assessment"}})
        receivers = {**edition.policy.receivers, "police": wider}
        found = Comparison(
            replace(edition, policy=edition.policy.model_copy(update={"receivers": receivers}))
        )
        await found.run(SERVED, [BEGIN])
        assert found.mismatches
        assert all(" to police, content for formal_assessment, " in each for each in found.mismatches)

    @pytest.mark.parametrize("agency", CONNECTORS)
    async def test_a_field_that_a_connector_adds_is_found(self, agency: str) -> None:
        found = Comparison(shipped(), {**CONNECTORS, agency: (TALKATIVE[agency], CONNECTORS[agency][1])})
        await found.run(SERVED, [BEGIN])
        assert found.mismatches
        assert all(f" to {agency}, content for " in each for each in found.mismatches)
        assert all(re.search("statistics[._]source", each) for each in found.mismatches)
