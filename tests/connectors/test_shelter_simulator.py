"""Simulated shelters on a real SFTP server: nights, answers, everything that goes wrong with files."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from stafet_connectors.shelter.samples import capacity, dropped, release, table
from stafet_connectors.shelter.simulator_files import FAULTS
from stafet_sdk.filereceipts import read_business
from stafet_sdk.freeports import free_port
from stafet_sdk.trigger import build_trigger, read_trigger
from tests.fakes.shelter_hub import ShelterHub, hub_in, part, referral, until

NUMBERS = range(1, 13)


@pytest.fixture
def hub(tmp_path: Path) -> ShelterHub:
    """A hub that shelters are connected to."""
    return hub_in(tmp_path, free_port())


def taken(hub: ShelterHub, rung: str) -> Callable[[], bool]:
    """Say when every referral has a final word, or has come so far."""
    return lambda: (
        len(hub.of("answered", rung=rung, status=202)) + len(hub.of("answered", rung="rejected"))
        >= len(NUMBERS)
    )


async def through(hub: ShelterHub) -> None:
    """Send notices, then the contents that were accepted, and see every person leave."""
    for number in NUMBERS:
        await hub.send(part("notice", number))
    await until(taken(hub, "accepted"))
    accepted = {each.referral for each in hub.answers if each.rung == "accepted"}
    for number in NUMBERS:
        if referral(number) in accepted:
            await hub.send(part("content", number))
    await until(taken(hub, "completed"))


def ladders(hub: ShelterHub) -> dict[str, list[str]]:
    """List what was said of each referral, in order."""
    return {
        referral(number): [each.rung for each in hub.answers if each.referral == referral(number)]
        for number in NUMBERS
    }


class TestAShelter:
    async def test_reports_its_places_once_a_night(self, hub: ShelterHub) -> None:
        async with hub.simulator():
            await until(lambda: bool(hub.of("settled")))
        async with hub.simulator():
            await hub.send(part("notice", 1))
            await until(lambda: bool(hub.of("answered")))
        assert len(hub.of("sending", feed="capacity")) == 1
        assert {each.unit for each in hub.capacities} >= {"kc_1", "kc_2"}
        assert len(hub.capacities) == len({each.unit for each in hub.capacities})

    async def test_answers_in_order_and_each_word_once(self, hub: ShelterHub) -> None:
        async with hub.simulator():
            await through(hub)
        whole = ["accepted", "in_progress", "completed"]
        assert all(ladder in (whole, ["rejected"]) for ladder in ladders(hub).values())
        assert whole in ladders(hub).values()
        assert hub.refused == []
        assert hub.of("inversion") == []

    async def test_goes_on_after_it_was_killed(self, hub: ShelterHub) -> None:
        async with hub.simulator():
            for number in NUMBERS:
                await hub.send(part("notice", number))
            await until(lambda: bool(hub.of("answering")))
        async with hub.simulator():
            await through(hub)
        assert all(len(ladder) == len(set(ladder)) for ladder in ladders(hub).values())
        # The hub was stopped, too: what it had not noted down it says again, in the same words.
        assert all(each["same_receipt"] for each in hub.of("answered_again"))

    async def test_goes_on_with_other_scripts_than_before(self, hub: ShelterHub) -> None:
        async with hub.simulator("bom:100"):
            for number in NUMBERS:
                await hub.send(part("notice", number))
            await until(lambda: bool(hub.of("answering")))
        async with hub.simulator():
            await through(hub)
        assert all(len(ladder) == len(set(ladder)) for ladder in ladders(hub).values())

    async def test_drops_a_request_that_comes_again(self, hub: ShelterHub) -> None:
        async with hub.simulator():
            for times in (1, 2):
                await hub.send(part("notice", 1))
                await until(lambda: len(hub.of("received")) == times)  # noqa: B023 - called in the loop
            await until(lambda: bool(hub.of("answered")))
        assert [each["repeated"] for each in hub.of("received")] == [False, True]
        assert len(hub.answers) == 1

    async def test_writes_down_what_it_is_told(self, hub: ShelterHub) -> None:
        async with hub.simulator():
            for name in ("parse_rejected", "refused", "withdrawal", "erasure", "alert"):
                await hub.send(release(name))
            kinds = ("withdrawal", "erasure", "alert")
            await until(lambda: len(hub.of("status")) == 2 and all(map(hub.of, kinds)))
        (alert,) = hub.of("alert")
        assert (alert["alert"], alert["reason"]) == ("warned", "period_end")
        told = {each["rung"]: (each["message"], each["problems"]) for each in hub.of("status")}
        assert told == {
            "parse_rejected": ("kc7-20261124-1", "row 4: referral: unknown"),
            "rejected": ("0192f3a0-0000-7000-8000-0000000000aa", "out_of_order"),
        }

    async def test_keeps_no_value_of_a_person_in_its_record(self, hub: ShelterHub) -> None:
        async with hub.simulator("mangled-cpr:50", "anonymous:20"):
            await through(hub)
        text = (hub.home / "shelter" / "record.jsonl").read_text(encoding="utf-8")
        # As words of their own: digests and fractions of seconds have any four digits in them.
        words = ("Zuzanna", "Prøve", "00112233", "0190", "ground floor")
        assert not [word for word in words if re.search(rf"(?<![\w.]){word}(?!\w)", text)]


@pytest.mark.skipif(shutil.which("sftp") is None, reason="OpenSSH's sftp is not installed")
class TestByHand:
    """With OpenSSH's sftp, as in docs/how-to/connect-shelter.md."""

    async def test_a_file_that_is_put_gets_its_receipts(self, hub: ShelterHub, tmp_path: Path) -> None:
        drop = dropped("capacity_mine.csv", table("capacity", capacity(shelter_id="mine")))
        trigger = read_trigger(drop.trigger)
        own = replace(trigger, sender=hub.partner.identifiers["sender"], file_id="by-hand-1")
        (tmp_path / "capacity_mine.csv").write_bytes(drop.body)
        (tmp_path / "capacity_mine.csv.trigger.xml").write_bytes(build_trigger(own))
        async with hub.simulator():
            await until(lambda: bool(hub.of("listening")))
            await hub.by_hand(
                tmp_path, "cd OUT", "put capacity_mine.csv", "put capacity_mine.csv.trigger.xml"
            )
            await until((hub.files / "IN" / "capacity_mine.csv.businessreceipt.xml").exists)
            await hub.by_hand(tmp_path, "cd IN", "get capacity_mine.csv.*", "rm capacity_mine.csv.*")
        receipt = read_business((tmp_path / "capacity_mine.csv.businessreceipt.xml").read_bytes())
        assert receipt.acceptance == "accepted"
        assert "mine" in {each.unit for each in hub.capacities}

    async def test_nobody_leaves_the_folder_or_reads_keys(self, hub: ShelterHub, tmp_path: Path) -> None:
        async with hub.simulator():
            await until(lambda: bool(hub.of("settled")))
            for command in (
                "get ../record.jsonl",
                "get /../../simulators/shelter/ssh_host_key",
                "ln IN/x OUT/x",
            ):
                with pytest.raises(AssertionError):
                    await hub.by_hand(tmp_path, command)


class TestScripts:
    def test_are_those_of_the_failure_column(self) -> None:
        assert set(FAULTS) == {
            "half-uploaded", "trigger-first", "size-mismatch", "bom", "mangled-cpr", "decimal-comma",
            "anonymous", "double-upload", "host-key-change",
        }  # fmt: skip

    @pytest.mark.parametrize(
        "script", ["half-uploaded", "trigger-first", "bom", "decimal-comma", "anonymous"]
    )
    async def test_what_only_looks_wrong_is_taken(self, hub: ShelterHub, script: str) -> None:
        async with hub.simulator(script):
            await hub.send(part("notice", 1))
            await until(lambda: bool(hub.of("answered", status=202)) and len(hub.of("settled")) == 2)
        assert hub.refused == []
        assert {each["acceptance"] for each in hub.of("settled")} == {"accepted"}
        assert all(each.free is not None for each in hub.capacities)

    async def test_a_wrong_size_is_told_and_the_file_comes_again(self, tmp_path: Path) -> None:
        hub = hub_in(tmp_path, free_port(), patience_s=0.3)
        async with hub.simulator("size-mismatch:100"):
            await hub.send(part("notice", 1))
            await until(lambda: bool(hub.of("answered", status=202)))
        assert {each["code"] for each in hub.of("unusable")} == {"size_mismatch"}
        assert {each.code for each in hub.refused} == {"size_mismatch"}

    async def test_a_spoilt_person_number_costs_its_row_only(self, hub: ShelterHub) -> None:
        async with hub.simulator("mangled-cpr:40"):
            await through(hub)
        refused = hub.of("row_refused")
        assert {(each["column"], each["problem"]) for each in refused} == {
            ("cpr", "the leading zero is lost")
        }
        # Put right by hand, every word arrives in the end, in order.
        whole = ["accepted", "in_progress", "completed"]
        assert all(ladder in (whole, ["rejected"]) for ladder in ladders(hub).values())

    async def test_a_file_that_comes_twice_gets_the_same_receipts(self, hub: ShelterHub) -> None:
        async with hub.simulator("double-upload:100"):
            await hub.send(part("notice", 1))
            await until(lambda: len(hub.of("settled_again")) == 2)
        assert {each["same"] for each in hub.of("settled_again")} == {True}
        assert {each["same_receipt"] for each in hub.of("answered_again")} == {True}
        assert len(hub.answers) == 1
        assert hub.repeated >= 1

    async def test_another_host_key_gets_nothing(self, hub: ShelterHub) -> None:
        async with hub.simulator("host-key-change"):
            await until(lambda: "host_key" in hub.failures)
            assert hub.of("received") == []
            await hub.send(part("notice", 1))
            await until(lambda: bool(hub.of("answered")))
        assert [each["script"] for each in hub.of("fault")] == ["host-key-change"]
