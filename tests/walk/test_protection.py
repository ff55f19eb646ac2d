"""A referral to the police for somebody's protection, all the way on the real hub, and what must not get far.

No other agency refers to the police yet: one district of theirs asks another.
"""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from stafet_connectors.police.fields import NAMESPACE
from stafet_connectors.police.messages import SEND_ACTION, Context, send_request
from stafet_connectors.police.simulator_forms import fill_form
from stafet_connectors.police.simulator_messages import Office, client_identity, headers, message, read_answer
from stafet_sdk.simulator import SimulatorOptions, read_identifiers, trusting_client
from stafet_sdk.soap import signed_envelope
from tests.walk.police_desk import desk, planned
from tests.walk.whole_hub import WholeHub

MINE = planned(seed=5)[0]


@pytest.fixture(autouse=True)
def knows_itself(hub: WholeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the police be a receiver behind the hub, and accept what they are asked."""
    monkeypatch.setattr("stafet_connectors.police.simulator_decisions.REJECTED_SHARE", 0.0)
    uuid = read_identifiers(options(hub))["uuid"]
    with (hub.home / "partners" / "police" / "partner.toml").open("a", encoding="utf-8") as file:
        file.write(f'agency_police = "{uuid}"\n')


def options(hub: WholeHub) -> SimulatorOptions:
    """Say where the police's files are."""
    return SimulatorOptions("police", hub.home, hub.gateway, 0)


async def ask_for_protection(hub: WholeHub) -> str:
    """Refer a person to the police themselves; return the hub's receipt."""
    office = Office.of(options(hub))
    hub.values += [*MINE.person.values(), MINE.reference]
    form = fill_form(MINE.reference, MINE.person, MINE.profile, random.Random(1))
    next(form.iter(f"{{{NAMESPACE}}}Ydelse")).text = "Beskyttelse"
    own = office.identifiers
    context = Context(MINE.transaction, own["cvr"], own["hub_cvr"], own["uuid"])
    request = send_request(context, MINE.transaction, "00.00.07", form)
    now = datetime.now(UTC)
    body = signed_envelope(request, office.credentials, now, office.addressed(SEND_ACTION, MINE.transaction))
    async with trusting_client(hub.home, identity=client_identity(options(hub))) as client:
        answer = await client.post(office.inbox, content=body, headers=headers(None))
    code, receipt = read_answer(answer.content, office, now)
    assert code == "MODTAGET"
    return receipt


def refused_lines(hub: WholeHub) -> list[str]:
    """Read the codes of what the hub's log says was refused."""
    lines = (hub.home / "logs" / "hub.jsonl").read_text(encoding="utf-8").splitlines()
    return [each["code"] for each in map(json.loads, lines) if each["event"] == "refused"]


class TestAReferralToThePolice:
    async def test_goes_all_the_way_and_closes_its_loop(self, hub: WholeHub) -> None:
        async with hub.up(), hub.agency("police"):
            receipt = await ask_for_protection(hub)
            await hub.until_state(receipt, "loop_closed")
            notice, content = await hub.recorded("police", "object", 2)
            told = await hub.recorded("police", "told", 3)
            statuses = await hub.recorded("police", "receipt", 3)
            assert await hub.leaks() == []
        assert (notice["part"], content["part"]) == ("notice", "content")
        assert [(each["code"], each["type"], each["status"]) for each in told] == [
            ("ACCEPTERET", "Forretning", 200),
            ("AFLEVERET", "Teknisk", 200),
            ("AFLEVERET", "Forretning", 200),
        ]
        assert [each["code"] for each in statuses] == ["MODTAGET", "ACCEPTERET", "AFLEVERET"]

    async def test_that_is_rejected_after_it_was_accepted_stays_accepted_and_the_police_are_told(
        self, hub: WholeHub
    ) -> None:
        async with hub.up(), hub.agency("police", faults=("afvist-after-accept:100",)):
            await ask_for_protection(hub)
            (rejection,) = await hub.recorded("police", "told", code="AFVIST")
            (refusal,) = await hub.recorded("police", "receipt", code="AFVIST")
            await hub.recorded("police", "told", code="AFLEVERET", type="Forretning")
        assert (rejection["status"], refusal["reason"]) == (200, "out_of_order")
        assert refusal["transaction"] == rejection["receipt"]

    async def test_that_is_taken_with_a_warning_says_so_in_the_trace(self, hub: WholeHub) -> None:
        async with hub.up(), hub.agency("police", faults=("advarsel:100",)):
            receipt = await ask_for_protection(hub)
            case = await hub.until_state(receipt, "loop_closed")
        assert "manuel_kontrol" in json.dumps(case)


class TestWhatMayNotBePassedOn:
    async def test_goes_no_further_than_the_sealed_message(self, hub: WholeHub) -> None:
        marked = replace(MINE, fault="h2_forward")
        async with hub.up(), hub.agencies(), desk(hub) as clerk:
            answer = await clerk.send(marked)
            (failed,) = await hub.recorded("police", "receipt", code="FEJLET")
            assert await hub.rows("select * from vault.records") == []
            assert await hub.rows("select * from gateway.referrals") == []
        assert answer.code == "MODTAGET"
        assert (failed["transaction"], failed["fields"]) == (marked.transaction, "Haandteringskode")
        assert hub.record("redcross", "received") == []


class TestAtTheDoor:
    async def test_a_client_without_the_agreed_certificate_is_told_and_logged(self, hub: WholeHub) -> None:
        office, now = Office.of(options(hub)), datetime.now(UTC)
        own = options(hub).own
        other = own / "tls_certificate.pem", own / "tls_key.pem"
        async with hub.up():
            codes: list[tuple[int, str]] = []
            for identity in (None, other, client_identity(options(hub))):
                async with trusting_client(hub.home, identity=identity) as client:
                    body = message(replace(MINE, fault=None), office, now)
                    answer = await client.post(office.inbox, content=body, headers=headers(None))
                codes.append((answer.status_code, read_answer(answer.content, office, now)[0]))
        assert codes == [
            (401, "client_certificate_missing"),
            (403, "client_certificate_unknown"),
            (200, "MODTAGET"),
        ]
        assert refused_lines(hub) == ["client_certificate_missing", "client_certificate_unknown"]

    async def test_a_certificate_of_nobody_we_trust_ends_the_handshake_and_is_logged(
        self, hub: WholeHub, stranger: httpx.AsyncClient
    ) -> None:
        async with hub.up():
            with pytest.raises(httpx.TransportError):
                await stranger.post(f"{hub.gateway}/agencies/police/inbox")
        assert refused_lines(hub) == ["client_certificate_untrusted"]
