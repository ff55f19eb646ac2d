"""What dispatch decides, without I/O."""

from datetime import timedelta

import pytest

from stafet.dispatch.domain import SCHEDULE_S as DEFAULT_S
from stafet.dispatch.domain import (
    Closed,
    Deferred,
    Delivered,
    Failed,
    Head,
    Item,
    Outcome,
    Plan,
    after_error,
    awaiting,
    code,
    plan,
    request_of,
    schedule,
    told,
    vault_away,
    wait_s,
)
from stafet_connectors.redcross import connector as redcross
from stafet_runtime.cause import Cause
from stafet_schemas.delivery import DeliveryDeferred, DeliveryDelivered, DeliveryFailed
from stafet_schemas.event import Event
from stafet_sdk.errors import ENDPOINT_CLOSED, ContractBroken, NeedsAction, Refused, Retriable, Throttled
from tests.services.dispatch.samples import NOON, TRACE

ITEM = Item(
    delivery="d-1",
    lane="c-1",
    recipient="police",
    case="c-1",
    referral="r-1",
    sender="police",
    placer="tx-1",
    part="status",
    purpose="referral_status",
    rung="rejected",
    reason="no_capacity",
)
HEAD = Head(ITEM, "rec-1", accepted=False, attempt=3, failures=2, cause=Cause("e-1", TRACE))
SCHEDULE_S = (1.0, 2.0, 5.0)


class TestPlan:
    def test_gives_each_recipient_its_own_share(self) -> None:
        earliest = {"police": NOON - timedelta(minutes=1), "redcross": NOON}

        assert plan(earliest, {"police": 8}, 8, NOON) == Plan({"redcross": 8}, None)
        assert plan(earliest, {"police": 5, "redcross": 8}, 8, NOON) == Plan({"police": 3}, None)

    def test_waits_for_the_next_that_is_due_and_has_room(self) -> None:
        earliest = {
            "police": NOON + timedelta(seconds=2),
            "redcross": NOON + timedelta(seconds=1),
            "shelter": NOON + timedelta(seconds=3),
        }

        assert plan(earliest, {}, 8, NOON) == Plan({}, 1.0)
        assert plan(earliest, {"redcross": 8}, 8, NOON) == Plan({}, 2.0)

    def test_of_nothing_waits_for_nothing(self) -> None:
        assert plan({}, {}, 8, NOON) == Plan({}, None)


class TestAfterError:
    @pytest.mark.parametrize(
        ("failures", "outcome"),
        [
            (0, Deferred("retriable", "http_500", 1.0)),
            (2, Deferred("retriable", "http_500", 5.0)),
            (3, Failed("exhausted", "http_500")),
        ],
    )
    def test_what_passes_goes_by_the_schedule_to_its_end(self, failures: int, outcome: Outcome) -> None:
        assert after_error(Retriable("http_500"), failures, SCHEDULE_S) == outcome

    @pytest.mark.parametrize("error", [ContractBroken("x"), Refused("x"), NeedsAction("x")])
    def test_what_does_not_pass_is_a_dead_end_at_once(
        self, error: ContractBroken | Refused | NeedsAction
    ) -> None:
        assert after_error(error, 0, SCHEDULE_S) == Failed(error.failure, "x")

    def test_a_partner_that_says_when_is_called_then(self) -> None:
        error = Throttled("http_429", retry_after=40)

        assert after_error(error, 1, SCHEDULE_S) == Deferred("throttled", "http_429", 40.0)

    def test_a_closed_endpoint_closes_the_agency_and_is_no_dead_end(self) -> None:
        assert after_error(NeedsAction(ENDPOINT_CLOSED), 0, SCHEDULE_S) == Closed()


class TestSchedule:
    def test_is_the_hubs_own_else_the_connectors_else_the_general_one(self) -> None:
        assert schedule((7.0,), (1.0, 2.0), lambda: 0.0) == [7.0]
        assert schedule(None, (1.0, 2.0), lambda: 0.0) == [1.0, 2.0]
        assert schedule(None, (), lambda: 0.0) == list(DEFAULT_S)

    def test_every_wait_is_drawn_out_by_up_to_a_tenth_by_itself(self) -> None:
        draws = iter((0.0, 0.5, 1.0))
        assert schedule(None, (10.0, 10.0, 10.0), lambda: next(draws)) == [10.0, 10.5, 11.0]

    def test_of_the_red_cross_is_that_of_standard_webhooks(self) -> None:
        waits = redcross.manifest.retries_s
        assert [wait / 60 for wait in waits[1:]] == [5, 30, 120, 300, 600, 840, 1200, 1440]
        assert (waits[0], len(waits), sum(waits)) == (5, 9, 75 * 3600 + 35 * 60 + 5)


class TestAwaiting:
    def test_reminds_after_the_time_to_fetch_or_later_by_the_schedule(self) -> None:
        waits = [awaiting(failures, 60.0, (5.0, 90.0)).wait_s for failures in (0, 1, 9)]
        assert waits == [60.0, 90.0, 90.0]


class TestWait:
    @pytest.mark.parametrize(
        ("asked", "waited"),
        [
            (None, 5.0), (0.0, 5.0), (4.0, 5.0), (90.0, 90.0), (90_000.0, 3600.0), (-1.0, 5.0),
            (float("inf"), 3600.0), (float("nan"), 5.0),
        ],
    )  # fmt: skip
    def test_is_what_is_asked_between_the_step_and_an_hour(self, asked: float | None, waited: float) -> None:
        assert wait_s(5.0, asked) == waited


class TestVaultAway:
    def test_never_ends_grows_to_half_a_minute_and_uses_up_nothing(self) -> None:
        waits = [vault_away(attempt, (1.0, 10.0, 60.0)) for attempt in (1, 2, 3, 1000)]

        assert [each.wait_s for each in waits] == [1.0, 10.0, 30.0, 30.0]
        assert {(each.failure, each.cause, each.counts) for each in waits} == {
            ("retriable", "vault_unavailable", False)
        }


class TestCode:
    @pytest.mark.parametrize("cause", ["http_503", "timeout", "a"])
    def test_is_kept(self, cause: str) -> None:
        assert code(cause) == cause

    @pytest.mark.parametrize("cause", ["", "Zorabelle", "two words", "a" * 65, "030209-4998", "x\n"])
    def test_that_is_none_is_not_passed_on(self, cause: str) -> None:
        assert code(cause) == "unnamed"


class TestTold:
    @pytest.mark.parametrize(
        ("outcome", "kind", "more"),
        [
            (Delivered(), DeliveryDelivered, {"warning": None}),
            (Delivered("manual_check"), DeliveryDelivered, {"warning": "manual_check"}),
            (
                Deferred("throttled", "http_429", 7.0),
                DeliveryDeferred,
                {"failure": "throttled", "cause": "http_429", "wait_s": 7.0},
            ),
            (
                Failed("policy", "no_policy"),
                DeliveryFailed,
                {"failure": "policy", "cause": "no_policy", "ends": False},
            ),
            (
                Failed("policy", "never_sent"),
                DeliveryFailed,
                {"failure": "policy", "cause": "never_sent", "ends": True},
            ),
        ],
    )
    def test_names_item_attempt_and_outcome(
        self, outcome: Outcome, kind: type[Event], more: dict[str, object]
    ) -> None:
        named = {"delivery": "d-1", "lane": "c-1", "referral": "r-1", "recipient": "police", "part": "status"}

        found, data = told(HEAD, outcome)

        assert found is kind
        assert data.model_dump() == {**named, "rung": "rejected", "attempt": 3, **more}


class TestRequestOf:
    def test_asks_for_exactly_this_item(self) -> None:
        request = request_of(HEAD)

        assert (request.delivery, request.case, request.record, request.referral) == (
            "d-1",
            "c-1",
            "rec-1",
            "r-1",
        )
        assert (request.sender, request.recipient, request.placer) == ("police", "police", "tx-1")
        assert (request.part, request.purpose, request.accepted) == ("status", "referral_status", False)
        assert (request.rung, request.reason, request.problems) == ("rejected", "no_capacity", ())
