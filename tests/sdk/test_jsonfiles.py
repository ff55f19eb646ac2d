"""Plain JSON in files: whole or not at all, by the registered sender, and told of what became of it."""

from dataclasses import replace

import pytest

from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Accepted, Drop, Outcome, Partner, Request, Unavailable
from stafet_sdk.errors import InboundRefused
from stafet_sdk.filereceipts import read_business, read_technical
from stafet_sdk.jsonfiles import JsonDropped
from stafet_sdk.jsonpolling import MARK
from stafet_sdk.jsonwords import Words
from stafet_sdk.otherdoors import PinnedServer
from stafet_sdk.trigger import Trigger, build_trigger

FILES = JsonDropped("stafet_connectors.shelter", Words(answers={"yes": "accepted"}), PinnedServer())
KEYS = {"ssh_key": b"our key", "known_hosts": b"host one\nhost two\n"}
PARTNER = Partner("tax", "sftp://tax.example", {"sender": "tax", "hub_cvr": "01234567"}, KEYS)
LINE = b'{"id":"message-0001","type":"yes"}'
TAKEN = Accepted("message-0001", "receipt-1", NOW, again=False)


def drop(body: bytes, sender: str = "tax") -> Drop:
    """Make a file with its trigger file."""
    return Drop("a.jsonl", body, build_trigger(Trigger("a.jsonl", len(body), sender, "file-1")))


class TestFiles:
    def test_are_a_message_a_line(self) -> None:
        found = FILES.unpack(drop(LINE + b"\r\n\n" + LINE.replace(b"1", b"2")), PARTNER, NOW)
        ids = [FILES.accept(each, PARTNER, NOW).message_id for each in found]
        assert ids == ["message-0001", "message-0002"]

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            (b"", "a file has 1 to"),
            (b"\n \n", "a file has 1 to"),
            (LINE + b"\nmore", "line 2: the body is not JSON"),
            (LINE + b"\n[]", "line 2: the body is not a JSON object"),
            (b"\n".join([LINE] * 5001), "a file has 1 to"),
        ],
    )
    def test_that_cannot_be_read_are_refused_whole(self, body: bytes, said: str) -> None:
        with pytest.raises(InboundRefused, match=said):
            FILES.unpack(drop(body), PARTNER, NOW)

    def test_of_another_sender_are_refused(self) -> None:
        with pytest.raises(InboundRefused, match="not the registered sender"):
            FILES.unpack(drop(LINE, sender="somebody"), PARTNER, NOW)


class TestLines:
    def test_count_only_if_they_came_out_of_a_file(self) -> None:
        (line,) = FILES.unpack(drop(LINE), PARTNER, NOW)
        posted = Request("POST", "/agencies/tax/inbox", {"content-type": "application/json"}, LINE)
        for stranger in (posted, replace(posted, headers={MARK: "x"}), replace(line, body=LINE + b" ")):
            with pytest.raises(InboundRefused, match="not_fetched"):
                FILES.accept(stranger, PARTNER, NOW)

    def test_end_with_the_host_key_of_the_server_that_they_came_from(self) -> None:
        (line,) = FILES.unpack(drop(LINE), replace(PARTNER, keys={**KEYS, "known_hosts": b"host one"}), NOW)
        assert FILES.accept(line, PARTNER, NOW).message_id == "message-0001"
        with pytest.raises(InboundRefused, match="not_fetched"):
            FILES.accept(line, replace(PARTNER, keys={**KEYS, "known_hosts": b"host two"}), NOW)


class TestReceipts:
    def test_wait_until_every_line_is_decided(self) -> None:
        assert FILES.receipts(drop(LINE), [TAKEN, Unavailable(5)], PARTNER, NOW) == ()

    def test_say_that_a_file_is_of_no_use(self) -> None:
        (said,) = FILES.receipts(drop(LINE), InboundRefused("malformed", "line 1"), PARTNER, NOW)
        assert read_technical(said.body).errors[0].code == "malformed"

    @pytest.mark.parametrize(
        ("refused", "acceptance", "reason"),
        [(0, "accepted", ""), (1, "partly_accepted", "message 2: invalid id"), (2, "rejected", "message 1:")],
    )
    def test_say_what_became_of_the_lines(self, refused: int, acceptance: str, reason: str) -> None:
        bad = InboundRefused("invalid", "id is 8 to 128", status=422, fields=("id",))
        outcomes: list[Outcome] = [*([TAKEN] * (2 - refused)), *([bad] * refused)]
        technical, business = FILES.receipts(drop(LINE), outcomes, PARTNER, NOW)
        assert read_technical(technical.body).errors == ()
        read = read_business(business.body)
        assert (read.acceptance, read.reason.startswith(reason)) == (acceptance, True)
