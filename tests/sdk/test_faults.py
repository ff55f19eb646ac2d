import pytest

from stafet_sdk.faults import read_faults

KNOWN = {"flaky": 5, "gone": 100}


class TestReadFaults:
    def test_takes_the_known_share_or_the_one_asked_for(self) -> None:
        assert read_faults(("flaky", "gone:7"), KNOWN).percents == {"flaky": 5, "gone": 7}

    def test_names_the_known_scripts_when_one_is_not(self) -> None:
        with pytest.raises(ValueError, match="unknown fault script rumour: choose of flaky, gone"):
            read_faults(("rumour",), KNOWN)

    @pytest.mark.parametrize("percent", ["", "101", "-1", "x", "٣"])
    def test_refuses_what_is_no_percent(self, percent: str) -> None:
        with pytest.raises(ValueError, match="flaky: say how many percent"):
            read_faults((f"flaky:{percent}",), KNOWN)


class TestStrikes:
    def test_hits_the_same_messages_in_every_run_of_a_seed(self) -> None:
        faults = read_faults(("flaky:30",), KNOWN)
        hit = [
            [number for number in range(200) if faults.strikes("flaky", str(number), seed)]
            for seed in (1, 1, 2)
        ]
        assert hit[0] == hit[1] != hit[2]
        assert 40 <= len(hit[0]) <= 80

    @pytest.mark.parametrize(("asked", "count"), [("gone", 50), ("gone:0", 0)])
    def test_hits_all_or_none(self, asked: str, count: int) -> None:
        faults = read_faults((asked,), KNOWN)
        assert sum(faults.strikes("gone", str(number), 1) for number in range(50)) == count

    def test_a_script_that_nobody_asked_for_hits_nothing(self) -> None:
        assert not read_faults((), KNOWN).strikes("gone", "a", 1)
        assert "gone" not in read_faults((), KNOWN)

    def test_the_first_script_asked_for_that_strikes_is_named(self) -> None:
        assert read_faults(("flaky:0", "gone"), KNOWN).striking("a", 1) == "gone"
        assert read_faults(("flaky:0",), KNOWN).striking("a", 1) is None
