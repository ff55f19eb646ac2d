"""Referrals that do not go all the way: declined by the receiver, and messages that cannot be used."""

import json

import pytest

from stafet_connectors.police.simulator_plan import FAULTS
from tests.walk.police_desk import desk, planned
from tests.walk.proofs import CONTENT_NAMES, names_seen, printed_trace
from tests.walk.whole_hub import WholeHub

MINE = planned()[0]
AT_ONCE = {fault: code or "MODTAGET" for fault, code in FAULTS.items()}
LATER = {"missing_field": "Foedselsdato", "malformed_field": "Foedselsdato", "unknown_code": "Ydelse"}


class TestARejectedReferral:
    async def test_ends_with_its_reason_at_the_police_and_without_content(
        self, hub: WholeHub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("stafet_connectors.redcross.simulator_answers.REJECTED_SHARE", 1.0)
        async with hub.up(), hub.agencies(referrals=1):
            judgement = await hub.judged(1)
            case = await hub.until_state(MINE.transaction, "loop_closed")

        assert judgement.ok, judgement.problems
        (answered,) = hub.record("redcross", "answered")
        receipts = hub.record("police", "receipt")
        assert [each["code"] for each in receipts] == ["MODTAGET", "AFVIST"]
        assert receipts[1]["reason"] == answered["reason"] == case["referrals"][0]["reason"]
        (notice,) = hub.record("redcross", "received")
        assert names_seen(notice).isdisjoint(CONTENT_NAMES)


class TestAnUnusableMessage:
    async def test_is_refused_at_once_or_told_by_its_fields_and_never_by_its_values(
        self, hub: WholeHub
    ) -> None:
        spoilt = {fault: planned(number, fault=fault)[0] for number, fault in enumerate(AT_ONCE, 1)}
        async with hub.up(), hub.agencies(), desk(hub) as clerk:
            answers = {fault: await clerk.send(each) for fault, each in spoilt.items()}
            receipts = await hub.recorded("police", "receipt", count=len(LATER))
            case = await hub.until_state(spoilt["missing_field"].transaction, "sender_told")
            trace = await printed_trace(hub, spoilt["missing_field"].transaction)
            told = json.dumps([receipts, case, trace, *(repr(each.body) for each in answers.values())])
            leaks = await hub.leaks()

        assert {fault: each.code for fault, each in answers.items()} == AT_ONCE
        assert {each["transaction"]: (each["code"], each["fields"]) for each in receipts} == {
            spoilt[fault].transaction: ("FEJLET", field) for fault, field in LATER.items()
        }
        assert "Foedselsdato: missing" in trace
        assert [value for value in hub.values if value in told] == []
        assert leaks == []
        kept = await hub.rows("select message from gateway.messages")
        assert {each["message"] for each in kept} == {spoilt[fault].transaction for fault in LATER}
        assert await hub.rows("select from vault.cases") == []
        assert hub.record("redcross", "received") == []
