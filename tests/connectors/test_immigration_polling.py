"""What is asked of the list of changes: nothing is missed, however rows move between two pages."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet_connectors.immigration import connector
from stafet_connectors.immigration.polling import LAP, TAKE
from stafet_connectors.immigration.samples import partner
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Page, Reply
from stafet_sdk.errors import ContractBroken, DeliveryError, NeedsAction

START = datetime(2026, 11, 24, tzinfo=UTC)
Row = dict[str, object]


@dataclass
class Service:
    """A list of changes in memory, and a hub that reads it; `seen` are the names of all that was read."""

    rows: dict[str, tuple[datetime, int]] = field(default_factory=dict[str, tuple[datetime, int]])
    clock: datetime = START
    cursor: str = ""
    seen: set[str] = field(default_factory=set[str])
    asked: int = 0

    def change(self, name: str, *, at: datetime | None = None) -> None:
        """Let a row be new, or change again."""
        self.clock += timedelta(seconds=1)
        self.rows[name] = (at or self.clock, self.rows.get(name, (START, 0))[1] + 1)

    def poll(self) -> Page:
        """Ask for one page and read it."""
        self.asked += 1
        outbound = connector.ask(self.cursor, partner(), NOW)
        asked = parse_qs(urlsplit(outbound.path).query)
        since = datetime.fromisoformat(asked["since"][0]) if "since" in asked else START
        skip, take = int(asked["skip"][0]), int(asked["take"][0])
        found = sorted((at, name, version) for name, (at, version) in self.rows.items() if at >= since)
        items: list[Row] = [
            {"itemId": name, "version": version, "changedAt": at.isoformat(), "type": "x", "data": {}}
            for at, name, version in found[skip : skip + take]
        ]
        page = connector.page(reply({"items": items}), self.cursor, partner(), NOW)
        self.seen |= {f"{row['itemId']}:{row['version']}" for row in map(_row, page.requests)}
        self.cursor = page.cursor
        return page

    def drain(self) -> None:
        """Read until there is no more now."""
        while self.poll().more:
            assert self.asked < 500

    def missing(self) -> set[str]:
        """Name the rows, as they are now, that were never read."""
        return {f"{name}:{version}" for name, (_, version) in self.rows.items()} - self.seen


def _row(request: object) -> Row:
    row: Row = json.loads(getattr(request, "body"))  # noqa: B009 - whatever a page holds
    return row


def reply(content: object) -> Reply:
    return Reply(200, {"content-type": "application/json"}, json.dumps(content).encode())


def filled(count: int) -> Service:
    service = Service()
    for number in range(count):
        service.change(f"row-{number:05}")
    return service


class TestWindows:
    @pytest.mark.parametrize("count", [0, 1, TAKE - 1, TAKE, TAKE + 1, 3 * TAKE, 200])
    def test_all_that_is_there_is_read(self, count: int) -> None:
        service = filled(count)
        service.drain()
        assert not service.missing()
        assert service.asked <= 2 + count // (TAKE - LAP)

    def test_what_is_new_is_read_the_next_time(self) -> None:
        service = filled(30)
        service.drain()
        service.change("row-new-1")
        service.drain()
        assert not service.missing()

    def test_a_row_that_shows_late_is_caught_by_the_overlap(self) -> None:
        service = filled(30)
        service.drain()
        service.change("row-late", at=service.clock - timedelta(minutes=9))
        service.drain()
        assert not service.missing()

    def test_a_window_does_not_begin_before_the_last_one(self) -> None:
        service = filled(3)
        service.drain()
        first = service.cursor
        service.drain()
        assert service.cursor == first

    def test_rows_of_one_moment_are_read_page_by_page(self) -> None:
        service = Service()
        for number in range(3 * TAKE):
            service.change(f"row-{number:05}", at=START + timedelta(minutes=1))
        service.drain()
        assert not service.missing()


class TestDrift:
    @pytest.mark.parametrize("moved", [1, LAP, LAP + 1, TAKE])
    def test_rows_that_move_between_pages_hide_no_other(self, moved: int) -> None:
        service = filled(5 * TAKE)
        assert service.poll().more
        for number in range(moved):
            service.change(f"row-{number:05}")
        service.drain()
        assert not service.missing()

    @given(st.lists(st.tuples(st.integers(0, 119), st.booleans()), max_size=60), st.integers(0, 120))
    def test_nothing_is_missed_whatever_moves_when(self, moves: list[tuple[int, bool]], count: int) -> None:
        service = filled(count)
        for number, then_poll in moves:
            service.change(f"row-{number:05}")
            if then_poll:
                service.poll()
        service.drain()
        assert not service.missing()


class TestHostilePages:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            b"{}",
            b'{"items":{}}',
            b'{"items":null}',
            b'{"items":[{"itemId":"row-00001"}]}',
            b'{"items":[{"changedAt":"yesterday"}]}',
            b'{"items":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
            b'{"items":[' + b"{}," * 5000 + b"{}]}",
            b'{"items":[],"items":[]}',
            b'{"items":[{"changedAt":"2026-11-24T10:00:00Z","x":[' + b"[]," * 1000 + b"[]]}]}",
        ],
    )
    def test_are_no_list_of_changes(self, body: bytes) -> None:
        with pytest.raises(ContractBroken, match="malformed_page"):
            connector.page(Reply(200, {"content-type": "application/json"}, body), "", partner(), NOW)

    def test_unsorted_rows_cannot_be_paged(self) -> None:
        times = ["2026-11-24T10:00:00Z", "2026-11-24T09:00:00Z"]
        with pytest.raises(ContractBroken, match="unsorted_page"):
            connector.page(reply({"items": [{"changedAt": at} for at in times]}), "", partner(), NOW)

    def test_more_rows_than_asked_for_are_not_read(self) -> None:
        rows = [{"changedAt": "2026-11-24T10:00:00Z"}] * (TAKE + 1)
        with pytest.raises(ContractBroken, match="malformed_page"):
            connector.page(reply({"items": rows}), "", partner(), NOW)

    def test_a_row_that_is_none_does_not_hide_the_others(self) -> None:
        rows = ["x", {"itemId": "row-00001", "version": 1, "changedAt": "2026-11-24T10:00:00Z"}]
        page = connector.page(reply({"items": rows}), "", partner(), NOW)
        assert [_row(each) for each in page.requests] == [{}, rows[1]]

    def test_refusals_are_named_by_what_happens_next(self) -> None:
        with pytest.raises(NeedsAction, match="token_certificate"):
            connector.page(
                Reply(401, {"content-type": "application/json"}, b'{"errorCode":40101}'), "", partner(), NOW
            )
        with pytest.raises(DeliveryError, match="no_json"):
            connector.page(Reply(200, {"content-type": "text/html"}, b"<html>"), "", partner(), NOW)
