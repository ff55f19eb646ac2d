"""The shelters' connector: conformance, cells that spreadsheets spoil, files taken in part, receipts."""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet_connectors.shelter import ROW, connector, mapping, row_request
from stafet_connectors.shelter.samples import (
    PARTNER,
    SENDER,
    body,
    capacity,
    dropped,
    placement,
    release,
    samples,
    table,
)
from stafet_connectors.shelter.tables import read_table
from stafet_sdk.certification.golden import show_draft
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Accepted, Drop, Dropped, Outcome, Request, Unavailable
from stafet_sdk.draft import AnswerDraft, CapacityDraft
from stafet_sdk.errors import InboundRefused, MappingError
from stafet_sdk.filereceipts import read_business, read_technical
from stafet_sdk.trigger import read_trigger
from tests.connectors.conformance import ConnectorConformance
from tests.connectors.workbook_samples import workbook


class TestShelterConforms(ConnectorConformance):
    samples = samples


NO_NUMBER = "not of the form DDMMYY-SSSS"


def problems(message: bytes) -> dict[str, str]:
    """Read a row of no use; return what is wrong with it."""
    with pytest.raises(MappingError) as caught:
        mapping.to_draft(message)
    return dict(caught.value.problems)


class TestCells:
    @pytest.mark.parametrize(
        "number", ["0101901234", "010190-1234", "010190 1234", "0703921VJ4", "6103921234", ""]
    )
    def test_a_person_number_of_any_kind_is_taken_and_not_kept(self, number: str) -> None:
        message = body("placement", placement(cpr=number))
        assert isinstance(mapping.to_draft(message), AnswerDraft)
        assert not number or number.encode() not in message

    @pytest.mark.parametrize("number", ["0000000000", "010190-0000"])
    def test_who_stays_anonymous_is_taken_as_such(self, number: str) -> None:
        message = body("placement", placement(cpr=number))
        assert mapping.read_row(message)[2]["cpr"] == "anonymous"
        assert mapping.to_draft(message) == mapping.to_draft(body("placement", placement()))

    @pytest.mark.parametrize(("number", "problem"), [
        ("101901234", "the leading zero is lost"), ("10190-1234", "the leading zero is lost"),
        ("1.01E+09", "in scientific notation: digits are lost"),
        ("1,01E+09", "in scientific notation: digits are lost"), ("3201901234", "not a date"),
        ("1234", NO_NUMBER), ("Zuzanna", NO_NUMBER), ("known", NO_NUMBER), ("anonymous", NO_NUMBER),
        ("=0101901234", "begins like a formula"), ("-101901234", "begins like a formula"),
    ])  # fmt: skip
    def test_a_spoilt_person_number_is_reported_never_mended(self, number: str, problem: str) -> None:
        message = body("placement", placement(cpr=number))
        assert problems(message) == {"cpr": problem}
        assert number.encode() not in message or number in {"known", "anonymous"}

    @pytest.mark.parametrize(("text", "places"), [("3", 3), ("3,0", 3), ("0,00", 0), ("12", 12)])
    def test_a_decimal_comma_is_read(self, text: str, places: int) -> None:
        draft = mapping.to_draft(body("capacity", capacity(free_places=text)))
        assert isinstance(draft, CapacityDraft)
        assert draft.free == places

    @pytest.mark.parametrize(("text", "problem"), [
        ("3,5", "not a whole number"), ("3.0", "not a whole number"), ("1.000", "not a whole number"),
        ("-1", "begins like a formula"), ("1E+01", "in scientific notation: digits are lost"),
        ("many", "malformed"), ("13", "more than total_places"), ("99999", "malformed"),
    ])  # fmt: skip
    def test_a_count_that_could_mean_two_things_is_none(self, text: str, problem: str) -> None:
        assert problems(body("capacity", capacity(free_places=text))) == {"free_places": problem}

    @pytest.mark.parametrize(("text", "hour"), [
        ("2026-11-24T02:15:00+01:00", 1), ("2026-11-24T02:15:00Z", 2), ("2026-11-24 02:15", 1),
        ("2026-11-24T02:15:00.000", 1),
    ])  # fmt: skip
    def test_a_time_without_a_zone_is_danish(self, text: str, hour: int) -> None:
        draft = mapping.to_draft(body("capacity", capacity(reported_at=text)))
        assert isinstance(draft, CapacityDraft)
        assert draft.at == datetime(2026, 11, 24, hour, 15, tzinfo=UTC)

    @pytest.mark.parametrize(("text", "problem"), [
        ("46350", "a date as a serial number"), ("46350.09", "a date as a serial number"),
        ("46350,09375", "a date as a serial number"), ("2026-11-24", "a day without a time"),
        ("24-11-2026 02:15", "not a time by ISO 8601"),
        ("4.64E+04", "in scientific notation: digits are lost"),
        ("0001-01-01 00:00+14:00", "not a time by ISO 8601"),
    ])  # fmt: skip
    def test_any_other_time_is_reported(self, text: str, problem: str) -> None:
        assert problems(body("capacity", capacity(reported_at=text))) == {"reported_at": problem}

    def test_every_problem_of_a_row_is_told(self) -> None:
        assert problems(body("capacity", {"status": "@x", "free_places": "1,5"})) == {
            "shelter_id": "missing", "reported_at": "missing", "status": "begins like a formula",
            "free_places": "not a whole number",
        }  # fmt: skip

    def test_golden_files_are_read_as_their_drafts(self) -> None:
        messages = [each for each in samples.golden().iterdir() if ".message." in each.name]
        assert len(messages) == 7
        for each in messages:
            draft = samples.golden().joinpath(each.name.replace(".message.csv", ".draft.json"))
            found = mapping.to_draft(samples.wrapped(each.read_bytes()))
            assert show_draft(found) == json.loads(draft.read_bytes())

    @given(seed=st.integers(0, 2**32))
    def test_rows_drawn_at_random_are_read_as_what_they_say(self, seed: int) -> None:
        message, draft = samples.drawn(random.Random(seed))
        assert mapping.to_draft(message) == draft

    def test_samples_are_read_as_they_were_made_and_refused_where_spoilt(self) -> None:
        for name, message in samples.malformed():
            assert name in problems(message)
        for code, message in samples.strange_codes():
            assert code in repr(mapping.to_draft(message))


def outcomes(drop: Drop, now: datetime = NOW) -> list[Outcome]:
    """Accept each row of a file as the hub does."""
    found: list[Outcome] = []
    for number, request in enumerate(connector.unpack(drop, PARTNER, now)):
        try:
            envelope = connector.accept(request, PARTNER, now)
        except InboundRefused as refused:
            found.append(refused)
        else:
            found.append(Accepted(envelope.message_id, f"receipt-{number}", now, again=False))
    return found


MIXED = table(
    "placement", placement(), placement(cpr="101901234", reason="Zuzanna X"), placement(cpr="0000000000")
)


class TestFiles:
    def test_offers_both_halves(self) -> None:
        assert isinstance(connector, Dropped)

    def test_rows_are_named_by_file_and_number(self) -> None:
        drop = dropped("placement_1.csv", MIXED, file_id="kc7-20261124-1")
        found = connector.unpack(drop, PARTNER, NOW)
        assert [mapping.read_row(each.body)[1] for each in found] == [
            f"kc7-20261124-1:{row}" for row in (2, 3, 4)
        ]
        assert found == connector.unpack(drop, PARTNER, NOW + timedelta(days=1))

    def test_a_workbook_has_the_same_rows_as_the_csv(self) -> None:
        rows: list[list[object]] = [
            ["shelter_id", "status", "free_places", "reported_at"],
            ["kc_7", "capacity", 3, "2026-11-24 02:15"],
        ]
        book = connector.unpack(dropped("capacity_1.xlsx", workbook(rows)), PARTNER, NOW)
        text = "\n".join(";".join(map(str, row)) for row in rows).encode()
        assert book == connector.unpack(dropped("capacity_1.csv", text), PARTNER, NOW)

    @pytest.mark.parametrize(("drop", "code", "fields"), [
        (dropped("placement_1.csv", b"a;b\n"), "missing_columns", ("referral_ref", "placement_status")),
        (dropped("capacity_1.csv", b"shelter_id,status\n"), "missing_columns", mapping.REQUIRED["capacity"]),
        (dropped("people_1.csv", MIXED), "unknown_feed", ()),
        (dropped("placement_1.csv", MIXED, sender="another"), "unknown_sender", ("Sender",)),
        (dropped("placement_1.csv", MIXED, file_id="Zuzanna X"), "invalid_file_id", ("SendersFileId",)),
        (dropped("placement_1.csv", MIXED, file_id=""), "invalid_file_id", ("SendersFileId",)),
    ])  # fmt: skip
    def test_a_file_of_no_use_is_refused_as_a_whole(
        self, drop: Drop, code: str, fields: tuple[str, ...]
    ) -> None:
        with pytest.raises(InboundRefused) as caught:
            connector.unpack(drop, PARTNER, NOW)
        assert (caught.value.code, caught.value.fields) == (code, fields)
        (technical,) = connector.receipts(drop, caught.value, PARTNER, NOW)
        assert technical.path == drop.name + ".technicalreceipt.xml"
        assert [each.code for each in read_technical(technical.body).errors] == [code]

    def test_a_row_with_a_stray_separator_is_refused(self) -> None:
        drop = dropped("placement_1.csv", b"referral_ref;placement_status\n;accepted;x\n")
        (refused,) = outcomes(drop)
        assert isinstance(refused, InboundRefused)
        assert set(refused.fields) == {"row", "referral_ref"}

    def test_nothing_but_a_row_of_a_file_is_accepted(self) -> None:
        forged = Request("POST", "/agencies/shelter/inbox", samples.request().headers, samples.request().body)
        for request in (forged, Request(ROW, "", {}, forged.body), replace(samples.request(), body=b"{}")):
            with pytest.raises(InboundRefused):
                connector.accept(request, PARTNER, NOW)

    def test_a_capacity_from_the_future_would_stay_the_newest(self) -> None:
        request = row_request(body("capacity", capacity(reported_at="2026-11-24T10:01+01:00")), PARTNER)
        connector.accept(request, PARTNER, NOW + timedelta(minutes=2))
        with pytest.raises(InboundRefused, match="in_the_future"):
            connector.accept(request, PARTNER, NOW)


class TestReceipts:
    def test_a_file_with_bad_rows_is_accepted_in_part(self) -> None:
        drop = dropped("placement_1.csv", MIXED)
        technical, rows, business = connector.receipts(drop, outcomes(drop), PARTNER, NOW)
        assert read_technical(technical.body).errors == ()
        assert read_technical(technical.body).file_id == read_trigger(drop.trigger).file_id
        said = read_business(business.body)
        assert (said.acceptance, said.recipient, said.file_name) == (
            "partly_accepted",
            SENDER,
            "placement_1.csv",
        )
        assert said.reason == "row 3: reason: malformed; row 3: cpr: the leading zero is lost"
        assert [tuple(row.cells.values()) for row in read_table(rows.path, rows.body).rows] == [
            ("2", "accepted", "", "", "receipt-0"),
            ("3", "refused", "reason", "malformed", ""),
            ("3", "refused", "cpr", "the leading zero is lost", ""),
            ("4", "accepted", "", "", "receipt-2"),
        ]

    def test_nothing_of_a_cell_is_in_a_receipt(self) -> None:
        columns = (*mapping.COLUMNS["placement"], "Zuzanna")
        spoilt = placement(cpr="2802991234E", reason="Æble", Zuzanna="Prøvevej")
        drop = dropped("placement_1.csv", table("placement", spoilt, columns=columns))
        found = connector.receipts(drop, outcomes(drop), PARTNER, NOW)
        whole = b"".join(each.body + each.path.encode() for each in found).decode()
        assert not [
            word for word in ("2802991234", "Æble", "Prøvevej", "Zuzanna", "zuzanna") if word in whole
        ]
        assert "column 6" in whole

    def test_the_same_file_again_gets_the_same_receipts(self) -> None:
        drop = dropped("placement_1.csv", MIXED)
        first = outcomes(drop)
        again = [replace(each, again=True) if isinstance(each, Accepted) else each for each in first]
        later = NOW + timedelta(hours=9)
        assert connector.receipts(drop, again, PARTNER, later) == connector.receipts(
            drop, first, PARTNER, NOW
        )

    def test_all_or_none_is_said_as_such(self) -> None:
        for rows, acceptance in (
            ((placement(),), "accepted"),
            ((placement(cpr="1"),), "rejected"),
            ((), "accepted"),
        ):
            drop = dropped("placement_1.csv", table("placement", *rows))
            *_, business = connector.receipts(drop, outcomes(drop), PARTNER, NOW)
            assert read_business(business.body).acceptance == acceptance

    def test_a_conflict_is_told_by_its_code(self) -> None:
        drop = dropped("placement_1.csv", table("placement", placement()))
        conflict = InboundRefused("conflict", "another message has this id", status=409)
        _, rows, _ = connector.receipts(drop, [conflict], PARTNER, NOW)
        assert b"2;refused;row;conflict;" in rows.body

    def test_many_problems_fit_the_receipt(self) -> None:
        drop = dropped("placement_1.csv", table("placement", *[placement(cpr="1")] * 200))
        _, rows, business = connector.receipts(drop, outcomes(drop), PARTNER, NOW)
        assert read_business(business.body).reason.endswith("; 150 more")
        assert len(read_table(rows.path, rows.body).rows) == 200

    def test_as_long_as_the_hub_cannot_take_rows_there_is_no_receipt(self) -> None:
        drop = dropped("placement_1.csv", table("placement", placement()))
        assert connector.receipts(drop, [Unavailable(5)], PARTNER, NOW) == ()


class TestOutbound:
    def test_a_request_has_a_trigger_file_of_its_size(self) -> None:
        outbound = connector.from_hub(release("content"), PARTNER, NOW)
        assert outbound.trigger is not None
        trigger = read_trigger(outbound.trigger)
        assert (trigger.file_name, trigger.size) == (outbound.path, len(outbound.body))
        assert (trigger.sender, trigger.recipients) == ("01234567", (SENDER,))

    def test_what_is_written_is_the_golden_file_and_keeps_its_format(self) -> None:
        for name in (
            "notice", "content", "parse_rejected", "refused", "withdrawal", "erasure", "alert", "proposal"
        ):  # fmt: skip
            outbound = connector.from_hub(release(name), PARTNER, NOW)
            files = [each for each in samples.golden().iterdir() if each.name.startswith(f"{name}.outbound")]
            assert [each.read_bytes() for each in files] == [outbound.body]
            assert samples.invalid(outbound) == []

    def test_a_formula_in_a_value_does_not_run(self) -> None:
        whole = connector.from_hub(release("content"), PARTNER, NOW).body.decode()
        assert ";'=Æble;'+4500112233;" in whole

    @pytest.mark.parametrize("part", ["notice", "withdrawal", "alert"])
    def test_more_than_belongs_in_a_part_is_a_bug(self, part: str) -> None:
        with pytest.raises(ValueError, match="holds"):
            connector.from_hub(replace(release("content"), part=part), PARTNER, NOW)
