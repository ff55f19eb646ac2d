from pathlib import Path

import pytest

from stafet_cli.demo.records import (
    Answer,
    Answered,
    AnsweredAgain,
    Answering,
    Done,
    Inversion,
    Recalled,
    Receipt,
    Received,
    RecordError,
    Records,
    Refusal,
    Submitted,
    Withdrawn,
    read_records,
)
from stafet_sdk.simulator import Record


@pytest.fixture
def police(tmp_path: Path) -> Record:
    """The police simulator's own writer."""
    return Record(tmp_path / "police" / "record.jsonl")


@pytest.fixture
def redcross(tmp_path: Path) -> Record:
    """Red Cross's own writer."""
    return Record(tmp_path / "redcross" / "record.jsonl")


class TestReadRecords:
    def test_reads_what_the_police_write(self, police: Record, tmp_path: Path) -> None:
        police.add("listening", port=1)
        police.add("submitted", transaction="t", fault=None, copy=1, consented=True)
        police.add("answer", transaction="t", status=200, code="MODTAGET", copy=1, receipt="r")
        police.add("done_sending")
        police.add(
            "receipt", transaction="t", delivery="d", code="AFVIST", type="Forretning", reason="no_capacity",
            fields="", repeated=False,
        )  # fmt: skip
        police.add("refused_receipt", code="malformed")
        police.close()

        assert read_records(tmp_path).police == (
            Submitted("t", 1, None, consented=True),
            Answer("t", 1, "MODTAGET", "r"),
            Done(),
            Receipt("t", "d", "AFVIST", repeated=False),
            Refusal("malformed"),
        )

    def test_reads_what_red_cross_writes(self, redcross: Record, tmp_path: Path) -> None:
        redcross.add("fault", script="flaky", delivery="d")
        redcross.add("inversion", referral="r", delivery="d", part="content", why="before_accept")
        redcross.add(
            "received",
            delivery="d",
            part="content",
            referral="r",
            repeated=False,
            groups_seen="a b",
            sequence=1,
        )
        redcross.add("answering", referral="r", rung="accepted")
        redcross.add("answer_held", event="e", status=401)
        redcross.add("answered", referral="r", rung="accepted", reason=None, status=202)
        redcross.add("answered_again", referral="r", rung="accepted", status=202, same_receipt=True)
        redcross.add("withdrawing", referral="r", rung="withdrawn")
        redcross.add("withdrawn", referral="r", rung="withdrawn", reason=None, status=202)
        redcross.add("withdrawal", delivery="d2", referrals='["r", "r2"]', groups="[]", repeated=False)
        redcross.add("refused", code="invalid")
        redcross.close()

        assert read_records(tmp_path).redcross == (
            Inversion("r", "content"),
            Received("d", "content", "r", repeated=False, groups_seen="a b", sequence=1),
            Answering("r", "accepted"),
            Answered("r", "accepted", 202),
            AnsweredAgain("r", same_receipt=True),
            Withdrawn("r", 202),
            Recalled("d2", ("r", "r2")),
            Refusal("invalid"),
        )

    def test_finds_nothing_before_the_simulators_begin(self, tmp_path: Path) -> None:
        assert read_records(tmp_path) == Records(others={"shelter": (), "immigration": ()})

    def test_waits_for_the_end_of_a_line_that_is_being_written(self, police: Record, tmp_path: Path) -> None:
        police.add("done_sending")
        police.close()
        path = tmp_path / "police" / "record.jsonl"
        with path.open("a", encoding="utf-8") as file:
            file.write('{"kind": "done_sen')

        assert read_records(tmp_path).police == (Done(),)

    def test_passes_over_kinds_it_does_not_know(self, police: Record, tmp_path: Path) -> None:
        police.add("invented_later", transaction="t")
        police.close()

        assert read_records(tmp_path).police == ()

    @pytest.mark.parametrize(
        ("line", "what"),
        [
            ("torn in the midd", "is no JSON object"),
            ("[1]", "is no JSON object"),
            ("{}", "lacks a field"),
            ('{"kind": "submitted", "transaction": "secret"}', "lacks a field"),
        ],
    )
    def test_names_the_line_it_cannot_use_and_shows_nothing_of_it(
        self, line: str, what: str, tmp_path: Path
    ) -> None:
        path = tmp_path / "police" / "record.jsonl"
        path.parent.mkdir()
        path.write_text(f'{{"kind": "done_sending"}}\n{line}\n', encoding="utf-8")

        with pytest.raises(RecordError) as error:
            read_records(tmp_path)
        assert str(error.value) == f"police/record.jsonl, line 2 {what}"
