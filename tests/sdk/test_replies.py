"""How statuses of a partner are judged, and how Retry-After is read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet_sdk.contract import Reply
from stafet_sdk.errors import ContractBroken, DeliveryError, NeedsAction, Refused, Retriable, Throttled
from stafet_sdk.replies import judge_status, retry_after

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


class TestJudgeStatus:
    @pytest.mark.parametrize("status", [200, 202, 204])
    def test_success_passes(self, status: int) -> None:
        judge_status(Reply(status, {}, b""))

    @pytest.mark.parametrize(
        ("status", "error", "cause"),
        [
            (301, ContractBroken, "redirect"),
            (307, ContractBroken, "redirect"),
            (400, Refused, "http_400"),
            (401, NeedsAction, "http_401"),
            (403, NeedsAction, "http_403"),
            (404, NeedsAction, "http_404"),
            (408, Retriable, "http_408"),
            (409, Refused, "http_409"),
            (410, NeedsAction, "http_410"),
            (422, Refused, "http_422"),
            (425, Retriable, "http_425"),
            (429, Throttled, "http_429"),
            (500, Retriable, "http_500"),
            (503, Retriable, "http_503"),
            (599, Retriable, "http_599"),
            (101, ContractBroken, "http_101"),
            (999, ContractBroken, "http_999"),
        ],
    )
    def test_anything_else_says_what_happens_next(
        self, status: int, error: type[DeliveryError], cause: str
    ) -> None:
        with pytest.raises(error) as caught:
            judge_status(Reply(status, {}, b"Gaxipypuno"))
        assert type(caught.value) is error
        assert str(caught.value) == cause

    @pytest.mark.parametrize("status", [429, 503])
    def test_the_wish_of_the_partner_is_passed_on(self, status: int) -> None:
        with pytest.raises(Retriable) as caught:
            judge_status(Reply(status, {"retry-after": "12"}, b""))
        assert caught.value.retry_after == 12


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({"retry-after": "7"}, 7.0),
            ({"retry-after": " 0 "}, 0.0),
            ({"retry-after": "Tue, 24 Nov 2026 08:01:00 GMT", "date": "Tue, 24 Nov 2026 08:00:00 GMT"}, 60.0),
            ({"retry-after": "Tue, 24 Nov 2026 07:00:00 GMT", "date": "Tue, 24 Nov 2026 08:00:00 GMT"}, 0.0),
            ({"retry-after": "Tue, 24 Nov 2026 08:01:00 GMT"}, None),
            ({"retry-after": "Tue, 24 Nov 2026 08:01:00 GMT", "date": "soon"}, None),
            ({"retry-after": "-5"}, None),
            ({"retry-after": "1.5"}, None),
            ({"retry-after": "soon"}, None),
            ({"retry-after": "\u0663"}, None),
            ({"retry-after": "9" * 400}, None),
            ({}, None),
        ],
    )
    def test_reads_seconds_dates_and_nonsense(self, headers: dict[str, str], seconds: float | None) -> None:
        assert retry_after(headers) == seconds

    def test_a_clock_goes_before_the_date_of_the_answer(self) -> None:
        headers = {"retry-after": "Tue, 24 Nov 2026 08:01:00 -0000", "date": "Tue, 24 Nov 2020 08:00:00 GMT"}
        assert retry_after(headers, NOW) == 60

    @given(st.text(max_size=40))
    def test_never_fails(self, text: str) -> None:
        found = retry_after({"retry-after": text, "date": "Tue, 24 Nov 2026 08:00:00 GMT"})
        assert found is None or found >= 0
