"""Trigger files: ours can be read back, others' are read for what they are, names lead nowhere."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet_sdk.errors import InboundRefused
from stafet_sdk.trigger import Routing, Trigger, build_trigger, is_file_name, read_trigger
from tests.guards.rules.tree import ROOT

PLAIN = Trigger("hellofile", 11, "kong-christian", "", ("x",), transfer="42")
# As Serviceplatformen hands it to a receiver: the root has a namespace, what is in it has none.
FOREIGN = b"""
<ns2:Trigger xmlns:ns2="http://serviceplatformen.dk/xml/wsdl/soap11/SFTP/1/types">
<FileTransferUUID>42</FileTransferUUID>
<FileDescriptor>
<FileName>hellofile</FileName>
<SizeInBytes>11</SizeInBytes>
<Sender>kong-christian</Sender>
<Recipients>x</Recipients>
<Something><Else/></Something>
</FileDescriptor>
</ns2:Trigger>
"""
FULL = Trigger(
    file_name="Pladser 2026-11-25 (nat).csv",
    size=0,
    sender="krisecenter",
    file_id="0192f3a0-1",
    recipients=("stafet", "kommune"),
    routing=Routing(
        transaction="0192f3a0-2",
        sent_at=datetime(2026, 11, 25, 12, tzinfo=UTC),
        sender_authority="01234567",
        sender_system="a",
        recipient_authority="07654321",
        recipient_system="b",
        interface="SF-1",
        parameters={"LokalNavn": "A & B <c>"},
    ),
)

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(str.strip)


class TestReadTrigger:
    @pytest.mark.parametrize("trigger", [PLAIN, FULL])
    def test_reads_what_was_built(self, trigger: Trigger) -> None:
        assert read_trigger(build_trigger(trigger)) == trigger

    @given(texts, texts, st.integers(0, 10**12))
    def test_reads_any_text_back(self, sender: str, file_id: str, size: int) -> None:
        trigger = Trigger("x.csv", size, sender, file_id)
        read = read_trigger(build_trigger(trigger))

        assert (read.size, read.file_name) == (size, "x.csv")
        assert (read.sender, read.file_id) == (printed(sender), printed(file_id))

    @pytest.mark.parametrize(
        "raw",
        [
            FOREIGN,
            FOREIGN.replace(b"ns2:", b"").replace(b":ns2", b""),
            FOREIGN.replace(b"Trigger", b"FileMetadata"),
        ],
    )
    def test_reads_anothers(self, raw: bytes) -> None:
        assert read_trigger(raw) == PLAIN

    def test_reads_the_one_in_the_guide(self) -> None:
        guide = (ROOT / "docs/how-to/exchange-files.md").read_text(encoding="utf-8")
        example = guide.partition("```xml\n")[2].partition("```")[0]

        read = read_trigger(example.encode())

        assert (read.file_name, read.size, read.file_id) == ("pladser-2026-11-25.csv", 1834, "2026-11-25-1")

    @pytest.mark.parametrize(
        ("old", "new", "fields"),
        [
            (b"hellofile", b"../../etc/passwd", ("FileName",)),
            (b"hellofile", b"/etc/passwd", ("FileName",)),
            (b"hellofile", b"", ("FileName",)),
            (b">11<", b">-1<", ("SizeInBytes",)),
            (b">11<", b">1e3<", ("SizeInBytes",)),
            (b">11<", b">9999999999999999<", ("SizeInBytes",)),
            (b"FileDescriptor", b"Other", ("FileName", "SizeInBytes")),
        ],
    )
    def test_names_fields_that_cannot_be_used_and_no_value(
        self, old: bytes, new: bytes, fields: tuple[str, ...]
    ) -> None:
        with pytest.raises(InboundRefused) as caught:
            read_trigger(FOREIGN.replace(old, new))

        assert (caught.value.code, caught.value.fields) == ("trigger", fields)
        assert "passwd" not in str(caught.value)

    @pytest.mark.parametrize(
        ("raw", "code"),
        [
            (b"", "malformed"),
            (b"<Trigger", "malformed"),
            (b"<Other/>", "malformed"),
            (b"<Trigger xmlns='urn:other'/>", "malformed"),
            (b"<!DOCTYPE x [<!ENTITY a 'b'>]><Trigger>&a;</Trigger>", "doctype"),
            (b"<Trigger>" + b" " * 70_000 + b"</Trigger>", "too_large"),
            (b"<Trigger>" + b"<a>" * 20 + b"</a>" * 20 + b"</Trigger>", "malformed"),
        ],
    )
    def test_refuses_what_is_none(self, raw: bytes, code: str) -> None:
        with pytest.raises(InboundRefused) as caught:
            read_trigger(raw)

        assert caught.value.code == code


class TestBuildTrigger:
    def test_builds_none_about_a_name_that_nobody_may_use(self) -> None:
        with pytest.raises(ValueError, match="not a file name"):
            build_trigger(Trigger("../x", 1, "a", "b"))


class TestIsFileName:
    @pytest.mark.parametrize("name", ["a", "pladser.csv", "Ærø (2)+x-1_a.XLSX", "1", "x" * 120])
    def test_a_harmless_one_is(self, name: str) -> None:
        assert is_file_name(name)

    @pytest.mark.parametrize(
        "name",
        ["", ".", "..", ".hidden", "-rf", "_x", " x", "x ", "a/b", "a\\b", "a\nb", "a\x00b", "a\x1bb", "=x",
         "a:b", "a*b", "~x", "x" * 121, "æ" * 61, "a\u202eb", "a\u2028b"],
    )  # fmt: skip
    def test_one_that_anything_reads_something_into_is_not(self, name: str) -> None:
        assert not is_file_name(name)


def printed(text: str) -> str:
    """Say what of a text XML can carry, as it is read: without what counts as space around it."""
    return text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd").strip()
