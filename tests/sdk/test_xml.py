"""The hardened parser: what it refuses, by which code, and that it tells no content."""

import traceback
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet_sdk.errors import InboundRefused
from stafet_sdk.xml import MAX_DEPTH, canonical, grow, local_name, parse, printable, text_of

BILLION_LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><l>&c;</l>"""


def refused(raw: bytes) -> InboundRefused:
    """Parse what must be refused."""
    with pytest.raises(InboundRefused) as caught:
        parse(raw)
    return caught.value


class TestParse:
    @pytest.mark.parametrize(
        "raw",
        [
            BILLION_LAUGHS,
            b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>',
            b'<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd"><a/>',
            b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
            b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://192.0.2.1/">%p;]><a/>',
            b"<!doctype html><a/>",
            b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE a><a/>',
            b"<a><!-- --><!ENTITY x 'y'></a>",
        ],
    )
    def test_a_declaration_is_refused(self, raw: bytes) -> None:
        assert refused(raw).code == "doctype"

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"   ",
            b"Gaxipypuno",
            b"<a>Gaxipypuno",
            b"<a>Gaxipypuno</b>",
            b"<a>&Gaxipypuno;</a>",
            b"<a><?xml-stylesheet href='x'?></a>",
            b"<?php Gaxipypuno ?><a/>",
            b"<a/><b>Gaxipypuno</b>",
            b"<a>\xff\xfe</a>",
            b"<a>Gaxi\x00pypuno</a>",
            '<?xml version="1.0"?><!DOCTYPE a><a/>'.encode("utf-16"),
            '<?xml version="1.0" encoding="utf-32"?><a/>'.encode("utf-32"),
            b'<?xml version="1.0" encoding="UTF-7"?><a/>',
            b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
            b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1),
            b"<a>" * 5000 + b"</a>" * 5000,
        ],
    )
    def test_anything_else_that_is_not_plain_xml_is_malformed(self, raw: bytes) -> None:
        error = refused(raw)
        assert error.code == "malformed"
        shown = "".join(traceback.format_exception(error))
        assert "Gaxi" not in "".join(line for line in shown.splitlines() if "parse(raw)" not in line)

    def test_too_many_bytes_are_refused_before_parsing(self) -> None:
        with pytest.raises(InboundRefused) as caught:
            parse(b"<a>" + b"x" * 100, max_bytes=50)
        assert (caught.value.code, caught.value.status) == ("too_large", 413)

    def test_comments_do_not_split_a_text(self) -> None:
        assert parse(b"<a>hund<!-- x -->red</a>").text == "hundred"

    def test_character_data_and_the_usual_entities_are_kept(self) -> None:
        assert parse("<a>&lt;\u00e6&#248;<![CDATA[<b>]]></a>".encode()).text == "<\u00e6\u00f8<b>"

    @given(st.binary(max_size=200))
    def test_whatever_comes_is_parsed_or_refused(self, raw: bytes) -> None:
        with suppress(InboundRefused):
            assert parse(raw) is not None


class TestCanonical:
    def test_is_the_same_however_it_was_written(self) -> None:
        one = b'<x:a xmlns:x="urn:x" xmlns:y="urn:y" c="2" b="1"><x:d/></x:a>'
        two = b"<?xml version='1.0'?>\n<x:a   b='1' c='2' xmlns:x='urn:x'><x:d></x:d></x:a>\n"
        assert canonical(parse(one)) == canonical(parse(two))


class TestGrow:
    def test_builds_children_repeats_and_holds(self) -> None:
        held = parse(b'<form xmlns="urn:f"/>')
        grown = grow("urn:x", "a", {"b": "1", "c": ({"d": "2"}, {"d": "3"}), "e": held})
        assert [local_name(each) for each in grown.iter()] == ["a", "b", "c", "d", "c", "d", "e", "form"]
        assert text_of(grown, "{urn:x}c", "{urn:x}d") == "2"
        assert text_of(grown, "{urn:x}nowhere") == ""

    def test_only_a_child_can_be_repeated(self) -> None:
        with pytest.raises(TypeError, match="child"):
            grow("urn:x", "a", ("1", "2"))

    @given(st.text())
    def test_carries_any_text(self, text: str) -> None:
        grown = grow("urn:x", "a", text)
        assert (grown.text or "") == printable(text)
