"""The simulated police against a hub that answers by the real connector, over TLS."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from stafet_connectors.police import connector
from stafet_connectors.police.samples import release
from stafet_connectors.police.simulator import run
from stafet_connectors.police.simulator_plan import FAULTS, Planned, plan, values
from stafet_sdk.contract import Reply
from stafet_sdk.draft import ReferralDraft
from stafet_sdk.errors import ContractBroken, MappingError, Retriable, Throttled
from stafet_sdk.simulator import Entry, SimulatorOptions, pauses, trusting_client
from stafet_sdk.soap import unsigned_envelope
from stafet_sdk.xml import grow
from tests.cli.command import loaded_by
from tests.fakes.police_hub import PoliceHub, make_home, police_hub, serving

REFERRALS = 40


def record_of(options: SimulatorOptions) -> list[Entry]:
    """Read what the simulator wrote, whole lines only."""
    if not options.record.exists():
        return []
    return [
        json.loads(line)
        for line in options.record.read_bytes().splitlines(keepends=True)
        if line.endswith(b"\n")
    ]


def by_kind(entries: list[Entry], kind: str) -> list[Entry]:
    """Keep one kind of line."""
    return [entry for entry in entries if entry["kind"] == kind]


async def until(options: SimulatorOptions, kind: str, count: int = 1) -> list[Entry]:
    """Wait until the record has `count` lines of a kind; the test's own timeout ends a wait in vain."""
    for pause in pauses():
        record = record_of(options)
        if len(by_kind(record, kind)) >= count:
            return record
        await asyncio.sleep(pause)
    raise AssertionError("the pauses never end")


@asynccontextmanager
async def running(options: SimulatorOptions) -> AsyncGenerator[None]:
    """Run the simulator while the block runs."""
    task = asyncio.create_task(run(options))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def send_receipt(hub: PoliceHub, port: object, name: str = "accepted") -> Reply:
    """Send a receipt as dispatch does."""
    sent = connector.from_hub(release(name), hub.partner, datetime.now(UTC))
    async with hub.client() as client:
        answer = await client.post(
            f"https://127.0.0.1:{port}/kvittering", content=sent.body, headers=dict(sent.headers)
        )
    return reply_of(answer)


def reply_of(answer: httpx.Response) -> Reply:
    """Put an answer into the contract's words."""
    return Reply(
        answer.status_code, {key.lower(): value for key, value in answer.headers.items()}, answer.content
    )


def test_it_starts_without_the_file_server_that_few_need() -> None:
    # Certification starts one simulator for each script, and loading asyncssh took a quarter of the start.
    assert "asyncssh" not in loaded_by("stafet_connectors.police.simulator")


class TestPlan:
    def test_is_the_same_for_the_same_seed(self) -> None:
        first, second = (
            [
                [(each.transaction, each.reference, each.person, each.fault, each.again) for each in chain]
                for chain in made
            ]
            for made in (plan(5, 60), plan(5, 60))
        )
        assert first == second
        assert plan(6, 60)[0][0].transaction != plan(5, 60)[0][0].transaction

    @pytest.mark.parametrize("count", [0, 1, 9, 10, 200])
    def test_has_every_referral_once_in_the_stated_shares(self, count: int) -> None:
        messages = [each for chain in plan(1, count) for each in chain]
        assert len({each.transaction for each in messages}) == len(messages) == count
        faulty = Counter(each.fault for each in messages if each.fault)
        second = [chain for chain in plan(1, count) if len(chain) > 1]
        if count == 200:
            assert set(faulty) == set(FAULTS)
            assert sum(faulty.values()) == 20
            assert len(second) == 10
            assert sum(each.again is not None for each in messages) == 17
            assert sum(each.conflict for each in messages) == 5

    def test_a_chain_is_about_one_person_and_starts_sound(self) -> None:
        for chain in plan(1, 200):
            assert len({each.reference for each in chain}) == 1
            assert len(chain) == 1 or chain[0].fault is None

    def test_shows_no_value_when_printed(self) -> None:
        chains = plan(1, 20)
        assert not [value for value in values(chains) if value in repr(chains)]

    def test_lists_every_value_that_is_sent(self) -> None:
        chains = plan(1, 20)
        person = chains[0][0].person
        assert {person.first_name, person.birth_date, person.phrase, chains[0][0].reference} <= set(
            values(chains)
        )
        assert person.phrase in person.text
        assert isinstance(chains[0][0], Planned)


class TestRun:
    async def test_every_message_is_answered_as_its_fault_deserves(self, tmp_path: Path) -> None:
        async with police_hub(tmp_path) as hub:
            options = hub.options(referrals=REFERRALS)
            async with running(options):
                record = await until(options, "done_sending")
            submitted, answers = by_kind(record, "submitted"), by_kind(record, "answer")
            keys = [(entry["transaction"], entry["copy"]) for entry in submitted]
            assert sorted(keys) == sorted((entry["transaction"], entry["copy"]) for entry in answers)
            assert len({key for key in keys if key[1] == 1}) == REFERRALS
            faults = {(entry["transaction"], entry["copy"]): entry["fault"] for entry in submitted}
            for answer in answers:
                fault = faults[answer["transaction"], answer["copy"]]
                expected = "conflict" if fault == "conflict" else FAULTS.get(str(fault)) or "MODTAGET"
                assert answer["code"] == expected
            drafts = hub.drafts()
            unreadable = {message for message, draft in drafts.items() if isinstance(draft, MappingError)}
            asked = {
                each["transaction"]
                for each in submitted
                if each["fault"] in {"missing_field", "malformed_field", "unknown_code"}
            }
            assert unreadable == asked
            assert sum(isinstance(draft, ReferralDraft) for draft in drafts.values()) == REFERRALS - 4

    async def test_a_second_referral_of_a_person_follows_the_first(self, tmp_path: Path) -> None:
        async with police_hub(tmp_path) as hub:
            options = hub.options(referrals=REFERRALS)
            async with running(options):
                record = await until(options, "done_sending")
            answered = [entry["transaction"] for entry in by_kind(record, "answer")]
            submitted = [entry["transaction"] for entry in by_kind(record, "submitted")]
            for chain in plan(options.seed, REFERRALS):
                for earlier, later in pairwise(chain):
                    lines = [
                        entry["transaction"] for entry in record if entry["kind"] in {"answer", "submitted"}
                    ]
                    assert lines.index(later.transaction) > lines.index(earlier.transaction)
                    assert earlier.transaction in answered
                    assert later.transaction in submitted

    async def test_nothing_is_lost_while_the_hub_cannot_accept(self, tmp_path: Path) -> None:
        async with police_hub(tmp_path, unavailable=7) as hub:
            options = hub.options(referrals=12)
            async with running(options):
                await until(options, "done_sending")
            sound = [each for chain in plan(options.seed, 12) for each in chain if each.fault is None]
            assert {each.transaction for each in sound} <= set(hub.contents)

    async def test_nothing_is_lost_or_doubled_when_the_hub_goes_away_and_comes_back(
        self, tmp_path: Path
    ) -> None:
        hub = PoliceHub(tmp_path, make_home(tmp_path))
        async with serving(hub) as port:
            options = hub.options(referrals=REFERRALS, rate=80.0)
            sending = asyncio.create_task(run(options))
            await until(options, "answer", 8)
        before = len(by_kind(record_of(options), "answer"))
        async with serving(hub, port):
            record = await until(options, "done_sending")
            sending.cancel()
            await asyncio.wait({sending})
        answered = [(entry["transaction"], entry["copy"]) for entry in by_kind(record, "answer")]
        assert before < len(answered) == len(set(answered))
        assert len({transaction for transaction, _ in answered}) == REFERRALS

    async def test_a_killed_simulator_goes_on_with_the_rest(self, tmp_path: Path) -> None:
        async with police_hub(tmp_path) as hub:
            options = hub.options(referrals=REFERRALS, rate=60.0)
            async with running(options):
                await until(options, "answer", 8)
            with options.record.open("ab") as file:
                file.write(b'{"kind":"answer","transac')
            async with running(replace(options, rate=None)):
                record = await until(options, "done_sending")
            for kind in ("submitted", "answer"):
                keys = [(entry["transaction"], entry["copy"]) for entry in by_kind(record, kind)]
                assert len(keys) == len(set(keys))
            assert len({each["transaction"] for each in by_kind(record, "answer")}) == REFERRALS

    async def test_the_values_are_listed_and_none_is_in_the_record(self, tmp_path: Path) -> None:
        async with police_hub(tmp_path) as hub:
            options = hub.options(referrals=REFERRALS)
            async with running(options):
                await until(options, "done_sending")
            listed = json.loads((options.own / "values.json").read_text(encoding="utf-8"))
            text = options.record.read_text(encoding="utf-8")
            assert len(listed) > 8 * (REFERRALS - 4)
            assert not [value for value in listed if value in text]
            sent = b"".join(hub.bodies.values()).decode()
            assert sum(value in sent for value in listed) > 200


class TestReceipts:
    async def test_a_receipt_is_recorded_and_a_repetition_marked(self, tmp_path: Path) -> None:
        async with police_hub(tmp_path) as hub:
            options = hub.options()
            async with running(options):
                (listening,) = by_kind(await until(options, "listening"), "listening")
                for name in ("accepted", "accepted", "parse_rejected"):
                    connector.read_reply(await send_receipt(hub, listening["port"], name), hub.partner)
                record = by_kind(record_of(options), "receipt")
            told = [(entry["code"], entry["type"], entry["repeated"], entry["fields"]) for entry in record]
            assert told == [
                ("ACCEPTERET", "Forretning", False, ""),
                ("ACCEPTERET", "Forretning", True, ""),
                ("FEJLET", "Teknisk", True, "Foedselsdato,Ydelse"),
            ]
            assert {entry["delivery"] for entry in record} == {release("accepted").delivery}

    async def test_a_repetition_is_known_after_a_restart(self, tmp_path: Path) -> None:
        async with police_hub(tmp_path) as hub:
            options = hub.options()
            for count in (1, 2):
                async with running(options):
                    listening = by_kind(await until(options, "listening", count), "listening")[-1]
                    await send_receipt(hub, listening["port"])
            assert [entry["repeated"] for entry in by_kind(record_of(options), "receipt")] == [False, True]

    async def test_an_unsigned_receipt_is_refused(self, tmp_path: Path) -> None:
        async with police_hub(tmp_path) as hub:
            options = hub.options()
            async with running(options):
                (listening,) = by_kind(await until(options, "listening"), "listening")
                async with hub.client() as client:
                    answer = await client.post(
                        f"https://127.0.0.1:{listening['port']}/",
                        content=unsigned_envelope(grow("urn:x", "a", "")),
                    )
                    health = await client.get(f"https://127.0.0.1:{listening['port']}/health")
            assert (answer.status_code, health.status_code) == (401, 200)
            assert [entry["code"] for entry in by_kind(record_of(options), "refused_receipt")] == [
                "signature_missing"
            ]

    async def test_a_client_that_is_not_the_hub_is_refused(self, tmp_path: Path) -> None:
        async with police_hub(tmp_path) as hub:
            options = hub.options()
            async with running(options):
                (listening,) = by_kind(await until(options, "listening"), "listening")
                url, own = f"https://127.0.0.1:{listening['port']}/", options.own
                other = own / "tls_certificate.pem", own / "tls_key.pem"
                statuses: list[int] = []
                for identity in (None, other):
                    async with trusting_client(hub.home, identity=identity) as client:
                        statuses.append((await client.post(url, content=b"<a/>")).status_code)
            assert statuses == [401, 403]
            assert [entry["code"] for entry in by_kind(record_of(options), "refused_receipt")] == [
                "client_certificate_missing", "client_certificate_unknown"
            ]  # fmt: skip

    @pytest.mark.parametrize(
        ("script", "error"),
        [
            ("down-first", Retriable),
            ("error-first", Retriable),
            ("throttle", Throttled),
            ("html-first", ContractBroken),
            ("redirect-first", ContractBroken),
        ],
    )
    async def test_a_script_spoils_the_first_attempt_only(
        self, tmp_path: Path, script: str, error: type[Exception]
    ) -> None:
        async with police_hub(tmp_path) as hub:
            options = hub.options(faults=(script,))
            async with running(options):
                (listening,) = by_kind(await until(options, "listening"), "listening")
                with pytest.raises(error):
                    connector.read_reply(await send_receipt(hub, listening["port"]), hub.partner)
                connector.read_reply(await send_receipt(hub, listening["port"]), hub.partner)
            assert [entry["repeated"] for entry in by_kind(record_of(options), "receipt")] == [False]

    async def test_an_unknown_script_is_refused_by_name(self, tmp_path: Path) -> None:
        async with police_hub(tmp_path) as hub:
            with pytest.raises(ValueError, match="typo-first"):
                await run(hub.options(faults=("typo-first",)))
