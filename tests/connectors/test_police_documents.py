"""Documents of the police: what the signed message must say of a file, and what may come out of the drop."""

import copy
from dataclasses import replace

import pytest

from stafet_connectors.police import connector
from stafet_connectors.police.documents import MAX_BYTES
from stafet_connectors.police.samples import CANARIES, IDENTIFIERS, partner, post, signed
from stafet_connectors.police.samples_documents import (
    CONTENT,
    NAME,
    REFERENCE,
    announcement,
    document,
    drop_of,
    fetched,
    link,
    order_of,
    trigger_of,
)
from stafet_connectors.police.schema import SENDER
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Accepted, Drop, Dropped, Envelope, Outcome, Unavailable
from stafet_sdk.draft import DocumentDraft, FileDraft
from stafet_sdk.errors import InboundRefused, MappingError
from stafet_sdk.filereceipts import read_technical
from stafet_sdk.soap import unsigned_envelope
from stafet_sdk.trigger import Routing, build_trigger
from stafet_sdk.xml import Element

TAKEN = Accepted("id", "receipt-1", NOW, again=False)
RECEIPTS: list[tuple[list[Outcome], list[list[str]]]] = [
    ([TAKEN], [[]]),
    ([replace(TAKEN, again=True)], [[]]),
    ([InboundRefused("conflict", "taken", status=409)], [["conflict"]]),
    ([Unavailable(5)], []),
]
"""What became of a file, and the codes in each receipt that says so."""


def saying(field: str, text: str) -> Element:
    """Announce the document with another text in one element."""
    order = order_of(document())
    next(order.iter(f"{{{SENDER}}}{field}")).text = text
    return order


def problems(order: Element) -> set[str]:
    """Translate and name what was wrong, none of it by its value."""
    with pytest.raises(MappingError) as caught:
        connector.to_hub(unsigned_envelope(order), partner())
    shown = f"{caught.value!r} {caught.value}"
    assert not [secret for secret in (*CANARIES, REFERENCE, NAME) if secret in shown]
    return {field for field, _ in caught.value.problems}


def refusal(drop: Drop) -> InboundRefused:
    """Take a file apart that is of no use."""
    with pytest.raises(InboundRefused) as caught:
        connector.unpack(drop, partner(), NOW)
    assert "Gaxipypuno" not in f"{caught.value!r} {caught.value}"
    return caught.value


class TestAnAnnouncement:
    def test_says_what_the_file_will_be(self) -> None:
        request = announcement(document())
        envelope = connector.accept(request, partner(), NOW)
        assert isinstance(envelope, Envelope)
        assert envelope.message_id == link()
        assert connector.to_hub(request.body, partner()) == document()

    @pytest.mark.parametrize(("field", "text"), [
        ("DokumentFilNavn", "../../etc/passwd"),
        ("DokumentFilNavn", ".hidden"),
        ("DokumentFilNavn", ""),
        ("DokumentFilNavn", "x" * 121),
        ("Indhold", "ni:///sha-256;Gaxipypuno"),
        ("Indhold", "ni:///md5;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk"),
        ("Indhold", "https://politi.example/Gaxipypuno"),
        ("Filstoerrelse", "0"),
        ("Filstoerrelse", "-1"),
        ("Filstoerrelse", str(MAX_BYTES + 1)),
        ("Filstoerrelse", "9" * 400),
        ("MimeType", "Gaxipypuno"),
        ("MimeType", "text/plain; name=Gaxipypuno"),
        ("RoutingModtagerAktoer", IDENTIFIERS["agency_redcross"]),
        ("Tekst", "Gaxipypuno Fipagorymu"),
    ])  # fmt: skip
    def test_names_each_field_that_cannot_be_used(self, field: str, text: str) -> None:
        named = "ReferenceID" if field == "Tekst" else field
        assert problems(saying(field, text)) == {named}

    def test_of_two_persons_is_of_nobody(self) -> None:
        order = order_of(document())
        part = next(order.iter(f"{{{SENDER}}}DokumentPart"))
        part.addnext(copy.deepcopy(part))
        assert problems(order) == {"ReferenceID"}

    def test_of_two_files_is_of_none(self) -> None:
        order = order_of(document())
        variant = next(order.iter(f"{{{SENDER}}}Variant"))
        variant.addnext(copy.deepcopy(variant))
        assert problems(order) == {"Indhold", "Filstoerrelse", "MimeType"}

    def test_is_refused_where_no_drop_was_agreed(self) -> None:
        with pytest.raises(InboundRefused) as caught:
            connector.accept(announcement(document()), replace(partner(), drop=""), NOW)
        assert (caught.value.code, caught.value.fields) == ("invalid", ("ObjektType",))

    def test_must_fit_its_type(self) -> None:
        assert "FormularXML" in problems(saying("ObjektType", "FORMULAR"))

    def test_shows_nothing_when_printed(self) -> None:
        assert NAME not in f"{document()} {FileDraft(link(), NAME, CONTENT)!r}"


class TestAFile:
    def test_becomes_a_message_by_its_own_id(self) -> None:
        assert isinstance(connector, Dropped)
        request = fetched(document())
        envelope = connector.accept(request, partner(), NOW)
        assert isinstance(envelope, Envelope)
        assert envelope.message_id == trigger_of(document()).file_id
        assert connector.to_hub(request.body, partner()) == FileDraft(link(), NAME, CONTENT)

    def test_may_hold_any_bytes(self) -> None:
        content = bytes(range(256)) * 3 + b"\n{\n<?xml"
        request = fetched(document(content=content), content)
        assert connector.to_hub(request.body, partner()) == FileDraft(link(), NAME, content)

    def test_is_another_message_when_a_byte_differs(self) -> None:
        one, other = fetched(document()), fetched(document(), CONTENT.replace(b"G", b"H"))
        first, second = (connector.accept(each, partner(), NOW) for each in (one, other))
        assert isinstance(first, Envelope)
        assert isinstance(second, Envelope)
        assert (first.message_id, first.content == second.content) == (second.message_id, False)

    @pytest.mark.parametrize(("drop", "code", "fields"), [
        (Drop(NAME, CONTENT, build_trigger(trigger_of(document(), sender="20000002"))),
         "unknown_sender", ("Sender",)),
        (drop_of(document(), file_id="Gaxipypuno"), "trigger", ("SendersFileId",)),
        (Drop(NAME, CONTENT, build_trigger(replace(trigger_of(document()), routing=None))), "trigger",
         ("TransactionId",)),
        (Drop(NAME, CONTENT, build_trigger(replace(trigger_of(document()), routing=Routing("Gaxipypuno")))),
         "trigger", ("TransactionId",)),
        (drop_of(document(), b""), "empty", ()),
        (drop_of(document(), b"x" * (MAX_BYTES + 1)), "too_large", ()),
        (Drop(NAME, CONTENT, b"<!DOCTYPE x><x/>"), "doctype", ()),
    ])  # fmt: skip
    def test_of_no_use_is_refused_by_code(self, drop: Drop, code: str, fields: tuple[str, ...]) -> None:
        error = refusal(drop)
        assert (error.code, error.fields) == (code, fields)
        [receipt] = connector.receipts(drop, error, partner(), NOW)
        assert [each.code for each in read_technical(receipt.body).errors] == [code]

    @pytest.mark.parametrize("body", [b"", b"{", b"{}\nx", b'{"id": "x"}\nx', b"{not json}\nx"])
    def test_that_nobody_unpacked_is_malformed(self, body: bytes) -> None:
        with pytest.raises(InboundRefused) as caught:
            connector.accept(replace(fetched(document()), body=body), partner(), NOW)
        assert caught.value.code == "malformed"

    def test_cannot_be_posted(self) -> None:
        posted = replace(post(fetched(document()).body), method="FILE")
        with pytest.raises(InboundRefused) as caught:
            connector.accept(replace(posted, client_certificate=None), partner(), NOW)
        assert caught.value.code == "client_certificate_missing"
        with pytest.raises(InboundRefused) as caught:
            connector.accept(posted, partner(), NOW)
        assert caught.value.code == "method"

    def test_is_not_what_a_signed_message_can_be(self) -> None:
        assert isinstance(connector.to_hub(signed(order_of(document())), partner()), DocumentDraft)


class TestTheReceipt:
    @pytest.mark.parametrize(("outcomes", "codes"), RECEIPTS)
    def test_says_what_became_of_the_file(self, outcomes: list[Outcome], codes: list[list[str]]) -> None:
        said = connector.receipts(drop_of(document()), outcomes, partner(), NOW)
        assert [[each.code for each in read_technical(out.body).errors] for out in said] == codes
        assert all(out.path == f"{NAME}.technicalreceipt.xml" for out in said)

    def test_of_a_repetition_is_the_same(self) -> None:
        first, again = (
            connector.receipts(drop_of(document()), [outcome], partner(), NOW)
            for outcome in (TAKEN, replace(TAKEN, again=True))
        )
        assert first == again
