"""Certification's reception, held against the real gateway: both take the same for a repetition."""

import json
from collections.abc import Sequence

import pytest

from stafet_runtime.database import Database
from stafet_sdk.certification.reception import Reception
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Accepted, Answered, Outcome, Request
from stafet_sdk.errors import InboundRefused
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.fakes.vault import FakeVault
from tests.sdk.hotline import connector
from tests.sdk.hotline.samples import OLD, partner, samples
from tests.services.gateway.serving import Gateway

COPIES = samples.copies()
MATRIX = {
    "first": COPIES.first,
    "again": COPIES.again,
    "fresh": COPIES.fresh,
    "other": COPIES.other,
    "enveloped": COPIES.enveloped or COPIES.again,
    "reused": COPIES.reused or COPIES.other,
}
ORDERS = [
    ("first", "again", "enveloped", "fresh", "other", "first"),
    ("other", "first", "again", "fresh"),
    ("enveloped", "other", "first"),
    ("first", "reused", "again", "fresh"),
    ("reused", "first", "enveloped", "other"),
]


class TestReception:
    @pytest.mark.parametrize("names", ORDERS, ids="-".join)
    async def test_decides_as_the_gateway_does(self, names: tuple[str, ...], database: Database) -> None:
        requests = [MATRIX[name] for name in names]
        assert decided_here(requests) == await decided_by_the_gateway(requests, database)


def decided_here(requests: Sequence[Request]) -> list[tuple[int, int]]:
    """Accept in memory; each outcome as (status, which receipt it is, counted from the first one)."""
    reception = Reception(connector, partner(OLD))
    return numbered([_told(reception.accept(each, NOW)) for each in requests])


async def decided_by_the_gateway(requests: Sequence[Request], database: Database) -> list[tuple[int, int]]:
    """Post over a socket to the gateway on a real database; outcomes as above."""
    gateway = Gateway(
        database, FakeClock(NOW), FakeIds(), FakeVault(),
        partners={"hotline": partner(OLD)}, connectors={"hotline": connector},
    )  # fmt: skip
    async with gateway.serving():
        answers = [await gateway.post(each) for each in requests]
    return numbered([(each.status_code, str(json.loads(each.text).get("receipt", ""))) for each in answers])


def numbered(told: Sequence[tuple[int, str]]) -> list[tuple[int, int]]:
    """Name receipts by the order in which they were first seen; 0 is none."""
    order = list(dict.fromkeys(receipt for _, receipt in told if receipt))
    return [(status, order.index(receipt) + 1 if receipt else 0) for status, receipt in told]


def _told(outcome: Outcome | Answered) -> tuple[int, str]:
    if isinstance(outcome, Accepted):
        return 202, outcome.receipt
    assert isinstance(outcome, InboundRefused)
    return outcome.status, ""
