"""Receipts for files: ours can be read back, and they are words about a file whatever its trigger was."""

import pytest

from stafet_sdk.errors import InboundRefused
from stafet_sdk.filereceipts import (
    BusinessReceipt,
    FileError,
    TechnicalReceipt,
    build_business,
    build_technical,
    ids_of,
    read_business,
    read_technical,
    refusal,
)
from stafet_sdk.trigger import Trigger, build_trigger

TRIGGER = build_trigger(Trigger("x.csv", 3, "shelter", "id-1", transfer="t-1"))


class TestTechnical:
    @pytest.mark.parametrize(
        "errors",
        [(), (FileError(400, "size_mismatch", "other size"), FileError(413, "too_large", "so large"))],
    )
    def test_reads_what_was_built(self, errors: tuple[FileError, ...]) -> None:
        receipt = TechnicalReceipt("t-1", "id-1", errors)

        assert read_technical(build_technical(receipt)) == receipt

    @pytest.mark.parametrize("raw", [b"<TechnicalReceipt/>", b"<BusinessReceipt/>", b"x"])
    def test_refuses_what_is_none(self, raw: bytes) -> None:
        with pytest.raises(InboundRefused, match="malformed"):
            read_technical(raw)

    @pytest.mark.parametrize("code", ["x", "", "9999999999", "²"])
    def test_a_number_that_is_none_is_0(self, code: str) -> None:
        raw = build_technical(TechnicalReceipt("", "", (FileError(42, "c", "d"),)))

        assert read_technical(raw.replace(b">42<", f">{code}<".encode())).errors[0].status == 0


class TestBusiness:
    @pytest.mark.parametrize("reason", ["", "row 3: invalid (beds)"])
    def test_reads_what_was_built(self, reason: str) -> None:
        receipt = BusinessReceipt("t-1", "x.csv", "shelter", "partly_accepted", reason)

        assert read_business(build_business(receipt)) == receipt

    @pytest.mark.parametrize("raw", [b"<BusinessReceipt/>", b"<TechnicalReceipt/>", b"x"])
    def test_refuses_what_is_none(self, raw: bytes) -> None:
        with pytest.raises(InboundRefused, match="malformed"):
            read_business(raw)


class TestRefusal:
    def test_names_the_file_by_the_senders_id(self) -> None:
        outbound = refusal("x.csv", TRIGGER, [InboundRefused("too_large", "so large", status=413)])

        assert outbound.path == "x.csv.technicalreceipt.xml"
        assert read_technical(outbound.body) == TechnicalReceipt(
            "t-1", "id-1", (FileError(413, "too_large", "so large"),)
        )

    @pytest.mark.parametrize("trigger", [b"", b"<Trigger/>", b"<!DOCTYPE x>"])
    def test_has_no_id_where_the_trigger_cannot_be_used(self, trigger: bytes) -> None:
        assert ids_of(trigger) == ("", "")
