import pytest

from stafet_cli.demo.leak_patterns import Leak
from stafet_cli.demo.report import percentile
from tests.cli.demo.played import whole


class TestLeaks:
    def test_fail_the_demo_by_place(self) -> None:
        judged = whole().judge(Leak("gateway.messages", 3), Leak("hub.log:7", 1))

        assert judged.report.leaks == 4
        assert judged.problems == (
            "leaked: 3 values at gateway.messages",
            "leaked: 1 values at hub.log:7",
        )


class TestPercentile:
    @pytest.mark.parametrize(("share", "expected"), [(50, 50.0), (99, 99.0), (100, 100.0), (1, 1.0)])
    def test_is_the_nearest_rank(self, share: int, expected: float) -> None:
        assert percentile([float(each) for each in range(1, 101)], share) == expected

    def test_of_nothing_is_none(self) -> None:
        assert percentile([], 50) is None
