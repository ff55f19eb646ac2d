"""The simulated police as a receiver: what they decide about what the hub sends, and how they say so."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from stafet_connectors.police import connector
from stafet_connectors.police.samples import release
from stafet_connectors.police.simulator_decisions import LATE_S
from stafet_connectors.police.simulator_plan import SCRIPTED
from stafet_sdk.contract import Reply
from stafet_sdk.draft import AnswerDraft, Release
from stafet_sdk.errors import InboundRefused, MappingError, Retriable
from stafet_sdk.faults import read_faults
from stafet_sdk.simulator import SimulatorOptions
from tests.connectors.test_police_simulator import by_kind, record_of, running, until
from tests.fakes.police_hub import PoliceHub, police_hub

A_HUMAN_DECIDES = "nothing was changed: an operator decides whether two persons are one"
USELESS = {
    "h2-forward": ("Haandteringskode", "forbids to pass it on"),
    "identity-merge": ("Sammenlaegning", A_HUMAN_DECIDES),
    "identity-split": ("Adskillelse", A_HUMAN_DECIDES),
}
"""What is wrong with a form that is received and of no use."""


def referral(number: int) -> str:
    """Name a referral; the seed rejects some of them."""
    return str(UUID(int=number, version=4))


def asked(number: int, part: str = "notice") -> Release:
    """Make a notice or content about a referral."""
    delivery = str(UUID(int=number * 10 + (part == "content"), version=4))
    return replace(release(part), referral=referral(number), delivery=delivery)


async def send(hub: PoliceHub, port: int, what: Release) -> str | None:
    """Send as the hub does, and judge the answer."""
    outbound = connector.from_hub(what, hub.partner, datetime.now(UTC))
    async with hub.client() as client:
        answer = await client.post(
            f"https://127.0.0.1:{port}/", content=outbound.body, headers=dict(outbound.headers)
        )
    return connector.read_reply(Reply(answer.status_code, dict(answer.headers), answer.content), hub.partner)


@asynccontextmanager
async def desk(
    home: Path, *faults: str, referrals: int = 0
) -> AsyncGenerator[tuple[PoliceHub, int, SimulatorOptions]]:
    """Run a hub and the police; yields the port of the latter."""
    async with police_hub(home) as hub:
        options = hub.options(faults=faults, referrals=referrals)
        async with running(options):
            (listening,) = by_kind(await until(options, "listening"), "listening")
            yield hub, int(str(listening["port"])), options


def answers(hub: PoliceHub, number: int) -> list[tuple[str, str | None]]:
    """List what the hub was told of a referral, in order."""
    drafts = [each for each in hub.drafts().values() if isinstance(each, AnswerDraft)]
    return [(each.rung, each.reason) for each in drafts if each.referral == referral(number)]


class TestDecisions:
    async def test_an_accepted_referral_is_taken_up_and_closed_after_content(self, tmp_path: Path) -> None:
        async with desk(tmp_path) as (hub, port, options):
            assert await send(hub, port, asked(1)) is None
            await until(options, "told")
            assert answers(hub, 1) == [("accepted", None)]
            await send(hub, port, asked(1, "content"))
            told = by_kind(await until(options, "told", 3), "told")
        assert answers(hub, 1) == [("accepted", None), ("in_progress", None), ("completed", None)]
        assert {(each["status"], each["answer"]) for each in told} == {(200, "MODTAGET")}
        assert all(each["receipt"] for each in told)

    async def test_some_are_rejected_with_a_code_by_the_seed(self, tmp_path: Path) -> None:
        async with desk(tmp_path) as (hub, port, options):
            for number in range(25, 37):
                await send(hub, port, asked(number))
            await until(options, "told", 12)
            said = [answers(hub, number) for number in range(25, 37)]
        rejected = [each for each in said if each[0][0] == "rejected"]
        assert 0 < len(rejected) < 10
        assert all(reason for ((_, reason),) in rejected)

    async def test_a_repetition_decides_nothing_anew(self, tmp_path: Path) -> None:
        async with desk(tmp_path) as (hub, port, options):
            for _ in range(2):
                await send(hub, port, asked(1))
            await until(options, "told")
            await send(hub, port, asked(2))
            await until(options, "told", 2)
        assert [each["repeated"] for each in by_kind(record_of(options), "object")] == [False, True, False]
        assert len(answers(hub, 1)) == 1

    async def test_a_killed_simulator_goes_on_with_what_it_owes(self, tmp_path: Path) -> None:
        async with police_hub(tmp_path) as hub:
            options = hub.options()
            async with running(options):
                (listening,) = by_kind(await until(options, "listening"), "listening")
                await send(hub, int(str(listening["port"])), asked(1))
                await until(options, "told")
            record = options.record.read_bytes().splitlines(keepends=True)
            options.record.write_bytes(b"".join(line for line in record if b'"told"' not in line))
            async with running(options):
                await until(options, "told")
        assert answers(hub, 1) == [("accepted", None)]

    async def test_a_recall_is_recorded_by_referrals_and_nothing_of_a_person(self, tmp_path: Path) -> None:
        async with desk(tmp_path) as (hub, port, options):
            await send(hub, port, release("content"))
            await send(hub, port, release("erasure"))
            (recall,) = by_kind(await until(options, "recall"), "recall")
            text = options.record.read_text(encoding="utf-8")
        assert (recall["part"], recall["referrals"]) == ("erasure", release("erasure").referrals[0])
        assert "Gaxipypuno" not in text
        assert "p-4k7m2q9x" not in text


class TestScripts:
    async def test_a_silent_drop_is_taken_and_never_answered(self, tmp_path: Path) -> None:
        async with desk(tmp_path, "silent-drop:50") as (hub, port, options):
            for number in range(1, 11):
                await send(hub, port, asked(number))
            dropped = [n for n in range(1, 11) if hub_drops(options, n)]
            await until(options, "told", 10 - len(dropped))
        assert 0 < len(dropped) < 10
        assert [answers(hub, number) for number in dropped] == [[] for _ in dropped]
        assert len(by_kind(record_of(options), "object")) == 10

    async def test_a_late_receipt_comes_after_a_while(self, tmp_path: Path) -> None:
        async with desk(tmp_path, "late-receipt:100") as (hub, port, options):
            await send(hub, port, asked(1))
            entries = await until(options, "told")
        (taken,), (told,) = by_kind(entries, "object"), by_kind(entries, "told")
        waited = datetime.fromisoformat(str(told["at"])) - datetime.fromisoformat(str(taken["at"]))
        assert waited.total_seconds() >= LATE_S
        assert answers(hub, 1) == [("accepted", None)]

    async def test_a_rejection_follows_an_acceptance(self, tmp_path: Path) -> None:
        async with desk(tmp_path, "afvist-after-accept:100") as (hub, port, options):
            await send(hub, port, asked(1))
            await until(options, "told", 2)
        assert answers(hub, 1) == [("accepted", None), ("rejected", "no_capacity")]

    async def test_a_warning_is_an_acceptance(self, tmp_path: Path) -> None:
        async with desk(tmp_path, "advarsel:100") as (hub, port, options):
            assert await send(hub, port, asked(1)) == "manuel_kontrol"
            await until(options, "told")

    async def test_a_server_fault_strikes_the_first_attempt(self, tmp_path: Path) -> None:
        async with desk(tmp_path, "fault-500") as (hub, port, options):
            with pytest.raises(Retriable, match="soap_server_fault"):
                await send(hub, port, asked(1))
            assert await send(hub, port, asked(1)) is None
            assert len(by_kind(await until(options, "object"), "object")) == 1

    @pytest.mark.parametrize(("script", "code"), [(name, code) for name, (_, code) in SCRIPTED.items()])
    async def test_each_of_the_sending_side_is_answered_as_it_deserves(
        self, tmp_path: Path, script: str, code: str | None
    ) -> None:
        async with desk(tmp_path, f"{script}:100", referrals=12) as (hub, _, options):
            record = await until(options, "done_sending")
        struck = {e["transaction"] for e in by_kind(record, "submitted") if e["fault"] == SCRIPTED[script][0]}
        said = {each["code"] for each in by_kind(record, "answer") if each["transaction"] in struck}
        assert struck
        assert said == {code or "MODTAGET"}
        if code is None:
            read = [each for message, each in hub.drafts().items() if message in struck]
            problems = [each.problems for each in read if isinstance(each, MappingError)]
            assert problems == [(USELESS[script],)] * len(struck)
        else:
            assert not struck & hub.contents.keys()
            refused = [
                each for each in hub.outcomes if isinstance(each, InboundRefused) and each.code == code
            ]
            assert len(refused) >= len(struck)


def hub_drops(options: SimulatorOptions, number: int) -> bool:
    """Say whether the seed drops a referral."""
    return read_faults(["silent-drop:50"], {"silent-drop": 20}).strikes(
        "silent-drop", referral(number), options.seed
    )
