"""What proves a ledger row."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from hmac import digest as hmac
from hmac import new as new_hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet.vault.domain.ledger import (
    CASE,
    COLUMNS,
    FIRST,
    HIDDEN,
    HUB,
    SHOWN,
    Entry,
    canonical,
    columns_of,
    link,
    mark,
    place,
    row_bytes,
)

ENTRY = Entry(
    "d-1", "c-1", 1, "c-1", "referral-1", "r-1", 1, "police", "redcross", "support", "content",
    "1", "made", None, ("routing",), ("routing.service",), (), "delivery-1", 1,
    datetime(2026, 11, 24, 12, tzinfo=UTC),
)  # fmt: skip
ROW_KEY, STAMP_KEY = b"r" * 32, b"h" * 32
STAMPS = new_hmac(STAMP_KEY, digestmod="sha256")
OTHER: dict[str, Any] = {
    "number": 2, "version": 2, "attempt": 2, "groups": (), "fields": (), "bases": ("b",),
    "at": datetime.now(UTC),
}  # fmt: skip


class TestMark:
    """A row and its keys."""

    @pytest.mark.parametrize("column", COLUMNS)
    def test_changing_any_column_changes_digest_hash_and_stamp(self, column: str) -> None:
        changed = replace(ENTRY, **{column: OTHER.get(column, "other")})
        was, now = (mark(each, FIRST, CASE, ROW_KEY, STAMPS) for each in (ENTRY, changed))
        assert (was.digest == now.digest, was.hash == now.hash, was.stamp == now.stamp) == (False,) * 3

    def test_changing_the_row_before_changes_hash_and_stamp(self) -> None:
        was, now = (mark(ENTRY, before, CASE, ROW_KEY, STAMPS) for before in (FIRST, b"\x01" * 32))
        assert (was.digest, was.hash == now.hash, was.stamp == now.stamp) == (now.digest, False, False)

    def test_whose_key_it_is_changes_the_hash(self) -> None:
        was, now = (mark(ENTRY, FIRST, keyed, ROW_KEY, STAMPS) for keyed in (CASE, HUB))
        assert was.hash != now.hash

    def test_without_its_keys_nothing_can_be_tested_on_it(self) -> None:
        was = mark(ENTRY, FIRST, CASE, ROW_KEY, STAMPS)
        other = mark(ENTRY, FIRST, CASE, b"x" * 32, new_hmac(b"y" * 32, digestmod="sha256"))
        assert (was.digest == other.digest, was.hash == other.hash, was.stamp == other.stamp) == (False,) * 3

    def test_the_same_row_gives_the_same_for_ever(self) -> None:
        shown = (
            b'{"at":"2026-11-24T12:00:00.000000+00:00","attempt":1,"bases":[],"delivery":"delivery-1",'
            b'"disclosure":"d-1","fields":["routing.service"],"groups":["routing"],"outcome":"made",'
            b'"part":"content","policy":"1","purpose":"support","reason":null,"recipient":"redcross",'
            b'"referral":"referral-1","sender":"police"}'
        )
        hidden = b'["c-1","c-1",1,"r-1",1]'
        committed = sha256(b"\x00" + ROW_KEY + hidden).digest()
        digest = hmac(ROW_KEY, b"\x01" + committed + shown, "sha256")
        hash_ = sha256(FIRST + digest + sha256(b'["c-1",1,"case"]').digest()).digest()
        stamped = hmac(STAMP_KEY, b"\x02" + hash_ + shown + hidden, "sha256")
        marks = mark(ENTRY, FIRST, CASE, ROW_KEY, STAMPS)
        assert (marks.digest, marks.hash, marks.stamp) == (digest, hash_, stamped)
        assert link(FIRST, digest, place("c-1", 1, CASE)) == hash_


class TestRowBytes:
    """One way to write a row."""

    def test_every_column_is_either_shown_or_hidden(self) -> None:
        assert sorted((*SHOWN, *HIDDEN)) == sorted(COLUMNS)
        assert "case" in HIDDEN

    @given(st.text(st.characters(exclude_categories=["Cs"])), st.datetimes(timezones=st.just(UTC)))
    def test_it_is_canonical_whatever_the_columns_say(self, text: str, at: datetime) -> None:
        columns = columns_of(replace(ENTRY, sender=text, lane=text, fields=(text, text), at=at))
        shown, hidden = row_bytes(columns)
        named = dict(zip(COLUMNS, columns, strict=True)) | {"at": at.isoformat(timespec="microseconds")}
        assert shown == canonical({name: named[name] for name in SHOWN})
        assert hidden == canonical([named[name] for name in HIDDEN])

    def test_it_is_the_same_with_a_time_that_was_written_before(self) -> None:
        *others, _ = columns_of(ENTRY)
        written = ENTRY.at.isoformat(timespec="microseconds")
        assert row_bytes((*others, written)) == row_bytes(columns_of(ENTRY))

    def test_a_row_without_a_time_is_none(self) -> None:
        with pytest.raises(TypeError, match="time"):
            row_bytes((*columns_of(ENTRY)[:-1], None))
