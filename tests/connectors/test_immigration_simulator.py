"""The immigration service's simulator over real sockets: tokens, decisions, faults, restarts."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from stafet_connectors.immigration import connector
from stafet_connectors.immigration.samples import release, samples
from stafet_connectors.immigration.simulator_desk import KNOWN
from stafet_sdk.certification.samples import NOW
from stafet_sdk.draft import AnswerDraft, DecisionDraft, ReferralDraft
from stafet_sdk.errors import ContractBroken, NeedsAction, Refused, Retriable, Unknown
from stafet_sdk.transport import HttpPush
from tests.fakes.immigration_hub import ImmigrationHub, furnished, immigration, referral, sample


@pytest.fixture
def hub(tmp_path: Path) -> ImmigrationHub:
    return furnished(tmp_path)


async def noticed(hub: ImmigrationHub, push: HttpPush, count: int) -> list[int]:
    """Send notices and fetch the answers; return the numbers that were taken."""
    for number in range(count):
        await hub.send(sample("notice", number), push)
    await hub.poll(push)
    answers = {each.referral: each.rung for each in hub.drafts if isinstance(each, AnswerDraft)}
    return [number for number in range(count) if answers.get(referral(number)) == "accepted"]


async def assessed(hub: ImmigrationHub, push: HttpPush, count: int) -> list[int]:
    """Bring referrals as far as a decision; return the numbers that were taken."""
    taken = await noticed(hub, push, count)
    for number in taken:
        await hub.send(sample("content", number), push)
    await hub.poll(push)
    return taken


def decisions(hub: ImmigrationHub) -> list[DecisionDraft]:
    return [each for each in hub.drafts if isinstance(each, DecisionDraft)]


class TestReferrals:
    async def test_takes_every_part_and_writes_it_down(self, hub: ImmigrationHub) -> None:
        async with immigration(hub) as push:
            for each in samples.releases():
                await hub.send(each, push)
        assert [line["part"] for line in hub.record("received")] == [each.part for each in samples.releases()]
        assert not hub.record("refused")

    async def test_answers_every_notice_and_decides_on_every_content(self, hub: ImmigrationHub) -> None:
        async with immigration(hub) as push:
            taken = await assessed(hub, push, 40)
        assert 20 < len(taken) < 40
        decided = decisions(hub)
        assert {each.referral for each in decided} == {referral(number) for number in taken}
        assert {each.outcome for each in decided} == {"identified", "not_identified"}
        rungs = [each.rung for each in hub.drafts if isinstance(each, AnswerDraft)]
        assert rungs.count("completed") == rungs.count("in_progress") == len(taken)

    async def test_takes_some_decisions_back_once_they_were_seen(self, hub: ImmigrationHub) -> None:
        async with immigration(hub, "decision-reversed:50") as push:
            taken = await assessed(hub, push, 20)
            await hub.poll(push)
        found = decisions(hub)
        reversals = [each for each in found if each.reverses]
        assert 0 < len(reversals) < len(taken)
        for each in reversals:
            before = next(one for one in found if one.decision == each.reverses)
            assert found.index(before) < found.index(each)
            assert (each.referral, each.on > before.on) == (before.referral, True)
            assert {each.outcome, before.outcome} == {"identified", "not_identified"}

    async def test_the_same_seed_decides_the_same(self, tmp_path: Path) -> None:
        seen: list[list[tuple[str, str]]] = []
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            hub = furnished(tmp_path / name)
            async with immigration(hub) as push:
                await assessed(hub, push, 10)
            seen.append([(each.referral, each.outcome) for each in decisions(hub)])
        assert seen[0] == seen[1]

    async def test_refers_persons_whom_it_suspects_itself(self, hub: ImmigrationHub) -> None:
        async with immigration(hub, referrals=25) as push:
            while len(hub.drafts) < 25:
                await hub.poll(push)
        found = [each for each in hub.drafts if isinstance(each, ReferralDraft)]
        assert {each.receiver for each in found} == {"shelter", "redcross"}
        assert len({each.reference for each in found}) == 25
        values = json.loads((hub.home / "simulators/immigration/values.json").read_text())
        record = (hub.home / "immigration/record.jsonl").read_text()
        assert len(values) > 150
        assert not [each for each in values if each in record]

    async def test_an_erased_referral_is_on_no_list_any_more(self, hub: ImmigrationHub) -> None:
        async with immigration(hub) as push:
            await hub.send(sample("notice", 1), push)
            await hub.send(sample("notice", 2), push)
            await hub.send(replace(release("erasure"), referrals=(referral(1),)), push)
            await hub.poll(push)
        assert [each.referral for each in hub.drafts if isinstance(each, AnswerDraft)] == [referral(2)]

    async def test_an_erased_referral_is_forgotten_over_a_restart(self, hub: ImmigrationHub) -> None:
        async with immigration(hub) as push:
            await hub.send(sample("notice", 1), push)
            await hub.send(replace(release("erasure"), referrals=(referral(1),)), push)
        async with immigration(hub) as push:
            await hub.poll(push)
        assert not hub.drafts


class TestAKilledSimulator:
    async def test_goes_on_from_its_record(self, hub: ImmigrationHub) -> None:
        async with immigration(hub, referrals=5) as push:
            taken = await noticed(hub, push, 10)
            await hub.send(sample("content", taken[0]), push)
        items = hub.record("item")
        async with immigration(hub, referrals=5) as push:
            await hub.send(sample("content", taken[0]), push)
            await hub.poll(push)
        assert hub.record("item") == items
        assert len(hub.drafts) == len(items)
        assert [line["request"] for line in hub.record("replayed")] == [sample("content", taken[0]).delivery]


class TestRepetitions:
    async def test_are_looked_up_and_count_as_taken(self, hub: ImmigrationHub) -> None:
        async with immigration(hub) as push:
            await hub.send(sample("notice", 1), push)
            await hub.send(sample("notice", 1), push)
        assert len(hub.record("replayed")) == len(hub.record("received")) == 1

    async def test_of_what_was_refused_are_refused_again(self, hub: ImmigrationHub) -> None:
        async with immigration(hub) as push:
            for _ in range(2):
                with pytest.raises(Refused, match="unknown_referral"):
                    await hub.send(sample("content", 1), push)
        assert len(hub.record("replayed")) == 1

    async def test_with_other_content_break_the_contract(self, hub: ImmigrationHub) -> None:
        async with immigration(hub) as push:
            await hub.send(sample("notice", 1), push)
            other = replace(sample("erasure", 2), delivery=sample("notice", 1).delivery, values={})
            with pytest.raises(ContractBroken, match="request_id_reused"):
                await hub.send(other, push)

    async def test_get_their_first_answer_where_it_is_stored(self, hub: ImmigrationHub) -> None:
        file = hub.home / "simulators/immigration/identifiers.toml"
        file.write_text(file.read_text() + 'replay = "stored"\n')
        async with immigration(hub) as push:
            await hub.send(sample("notice", 1), push)
            again = connector.from_hub(sample("notice", 1), hub.partner, NOW)
            assert (await push.send(again, hub.partner)).status == 201


class TestAChangeOfTheHubsCertificate:
    async def test_loses_no_message_while_the_service_knows_both(self, hub: ImmigrationHub) -> None:
        key, certificate = hub.development.tls()
        old = hub.partner
        new = replace(old, keys={"tls_key": key, "tls_certificate": certificate})
        registered = hub.home / "simulators/immigration/clients" / f"{old.identifiers['client_id']}.pem"
        registered.write_bytes(old.keys["tls_certificate"] + certificate)
        async with immigration(hub) as before, HttpPush(hub.trust()) as after:
            for number in range(10):
                await hub.send(sample("notice", number), before)
                hub.partner = new
                await hub.send(sample("notice", 100 + number), after)
                hub.partner = old
        registered.write_bytes(certificate)
        async with immigration(hub) as before, HttpPush(hub.trust()) as after:
            with pytest.raises(NeedsAction, match="token_refused"):
                await hub.send(sample("notice", 200), before)
            hub.partner = new
            await hub.send(sample("notice", 200), after)
        assert len(hub.record("received")) == 21


class TestFaultScripts:
    def test_are_those_of_the_protocol(self) -> None:
        assert set(KNOWN) == {
            "replay-412", "401-mid-batch", "certificate-mismatch", "503-window", "page-drift",
            "decision-reversed", "unknown-person",
        }  # fmt: skip

    async def test_a_lost_reply_is_found_out_by_looking_up(self, hub: ImmigrationHub) -> None:
        async with immigration(hub, "replay-412") as push:
            with pytest.raises(Unknown):
                await hub.send(sample("notice", 1), push)
            await hub.send(sample("notice", 1), push)
        assert len(hub.record("received")) == len(hub.record("replayed")) == 1

    async def test_tokens_revoked_in_the_middle_are_renewed(self, hub: ImmigrationHub) -> None:
        async with immigration(hub, "401-mid-batch:30") as push:
            taken = await assessed(hub, push, 20)
        assert len(decisions(hub)) == len(taken)
        assert len(hub.record("token")) == 1 + len(hub.record("fault")) > 3

    async def test_a_token_of_another_certificate_needs_somebody_to_act(self, hub: ImmigrationHub) -> None:
        async with immigration(hub, "certificate-mismatch") as push:
            with pytest.raises(NeedsAction, match="token_certificate"):
                await hub.send(sample("notice", 1), push)
        assert not hub.record("received")

    async def test_a_closed_service_is_tried_again(self, hub: ImmigrationHub) -> None:
        async with immigration(hub, "503-window:100") as push:
            with pytest.raises(Retriable, match="closed") as caught:
                await hub.send(sample("notice", 1), push)
            assert caught.value.retry_after == 1
            await hub.send(sample("notice", 1), push)
            with pytest.raises(Retriable, match="closed"):
                await hub.poll(push)
            await hub.poll(push)
        assert len(hub.drafts) == 1

    async def test_an_unknown_person_is_refused_for_good(self, hub: ImmigrationHub) -> None:
        async with immigration(hub, "unknown-person") as push:
            await hub.send(sample("notice", 1), push)
            with pytest.raises(Refused, match="unknown_person"):
                await hub.send(sample("content", 1), push)

    async def test_drifting_pages_and_late_rows_hide_nothing(self, hub: ImmigrationHub) -> None:
        async with immigration(hub, "page-drift:80", "decision-reversed:50", referrals=30) as push:
            await assessed(hub, push, 40)
            for _ in range(3):
                await hub.poll(push)
        newest: dict[object, object] = {line["item"]: line["version"] for line in hub.record("item")}
        newest |= {line["item"]: line["version"] for line in hub.record("moved")}
        assert hub.record("moved")
        assert len(hub.record("revealed")) > 10
        assert {f"{item}:{version}" for item, version in newest.items()} <= hub.reception.kept.keys()
        assert hub.again > 0
