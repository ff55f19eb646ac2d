"""Every check holds for a whole connector, and finds the connector that was broken on purpose."""

from pathlib import Path
from typing import cast

import pytest

from stafet_sdk.certification.check import TOPICS, Check, run
from stafet_sdk.certification.checks import ALL
from stafet_sdk.certification.pytest_kit import CertifiedConnector
from stafet_sdk.certification.samples import Rotation
from stafet_sdk.certification.subject import NoSamplesError, Subject, agencies, find
from stafet_sdk.certification.tiers import tiers
from tests.sdk.breaking import BREAKS
from tests.sdk.hotline.samples import HotlineSamples, samples
from tests.sdk.installing import put_on_path, register

BY_NAME = {check.name: check for check in ALL}
BROKEN_IN_THE_LAB = {"faults.cancelled_sends_leave_nothing_half_done", "faults.a_killed_simulator_goes_on"}


@pytest.fixture(autouse=True)
def _registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the hotline's entry points found."""
    put_on_path(register(tmp_path / "site"), monkeypatch)


class TestAWholeConnector(CertifiedConnector):
    samples = samples


class TestABrokenConnector:
    @pytest.mark.parametrize("name", BREAKS)
    def test_fails_the_check_of_what_is_broken(self, name: str, tmp_path: Path) -> None:
        place = tmp_path / "place"
        place.mkdir()
        broken, said = BREAKS[name]
        found = run(BY_NAME[name], broken(place))
        assert (found.state, said in found.said) == ("failed", True), found.said
        assert found.said.endswith(BY_NAME[name].advice)
        assert not [canary for canary in samples.canaries if canary in found.said]

    def test_is_there_for_every_check(self) -> None:
        assert BREAKS.keys() | BROKEN_IN_THE_LAB == BY_NAME.keys()


class TestAChangeOfKeys:
    ROTATION = tuple(name for name in BY_NAME if name.startswith("rotation."))

    @pytest.mark.parametrize("name", ROTATION)
    def test_must_be_shown_by_who_is_not_polled(self, name: str) -> None:
        class Unshown(HotlineSamples):
            def rotated(self) -> Rotation:
                return cast("Rotation", None)

        found = run(BY_NAME[name], Subject(Unshown(), ""))
        assert (found.state, "gives no change of a key" in found.said) == ("failed", True)

    @pytest.mark.parametrize("name", ROTATION)
    def test_is_not_asked_of_who_is_polled(self, name: str) -> None:
        assert run(BY_NAME[name], find("immigration")).state == "not_applicable"


class TestChecks:
    def test_are_grouped_by_topic_and_say_what_is_promised_and_what_to_do(self) -> None:
        assert tuple(dict.fromkeys(check.topic for check in ALL)) == TOPICS
        assert [check.name for check in ALL if len(check.promise) < 20 or len(check.advice) < 20] == []

    def test_belong_to_one_tier_each(self) -> None:
        asked = [name for tier in tiers() for name in tier.checks]
        assert sorted(asked) == sorted(BY_NAME)

    def test_that_raise_anything_fail_by_the_class_of_the_error(self) -> None:
        def judge(_: Subject) -> None:
            raise RuntimeError("Zuzanna")

        found = run(Check("contract.seeded", "", "Look.", judge), Subject(samples, ""))
        assert (found.state, found.said) == ("failed", "RuntimeError was raised. Look.")


class TestSubjects:
    def test_are_found_by_their_entry_point(self) -> None:
        assert find("hotline").samples is samples
        assert {"hotline", "police", "redcross"} <= set(agencies())

    def test_that_are_not_there_are_named_with_those_that_are(self) -> None:
        with pytest.raises(NoSamplesError, match="no samples of rumour: there are hotline"):
            find("rumour")
