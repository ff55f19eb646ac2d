"""The codec reads what any producer may put on a topic, and refuses by a reason that quotes nothing."""

import json
import traceback
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet_schemas.codec import MAX_DATA_BYTES, UndecodableError, data_class, decode, encode
from stafet_schemas.event import Event
from stafet_schemas.referral import ReferralSubmitted
from stafet_schemas.registry import EVENTS
from tests.schemas.stored import EXAMPLES, event_of

SECRET = "Zdravka-Petrova-1991"
SUBMITTED = event_of(EXAMPLES["referral.submitted/1"])
NAMES = [
    "ce_id",
    "ce_source",
    "ce_type",
    "ce_time",
    "ce_specversion",
    "ce_data",
    "ce_recordedtime",
    "ce_",
    "content-type",
]


def headers_but(replaced: str, value: bytes | None) -> list[tuple[str, bytes | None]]:
    _, headers, _ = encode(SUBMITTED)
    return [(name, value if name == replaced else raw) for name, raw in headers]


class TestEncode:
    def test_writes_attributes_as_headers_and_data_as_value(self) -> None:
        key, headers, value = encode(SUBMITTED)

        assert key == SUBMITTED.partitionkey.encode()
        assert dict(headers)["ce_type"] == b"dk.cmm.stafet.referral.submitted.v1"
        assert dict(headers)["ce_specversion"] == b"1.0"
        assert dict(headers)["content-type"] == b"application/json"
        assert b"referral" in value

    def test_leaves_out_absent_attributes(self) -> None:
        _, headers, _ = encode(SUBMITTED.model_copy(update={"causationid": None, "traceparent": None}))

        assert {"ce_causationid", "ce_traceparent", "ce_data"}.isdisjoint(dict(headers))

    @pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS)
    def test_writes_each_header_once(self, kind: type[Event]) -> None:
        _, headers, _ = encode(event_of(EXAMPLES[f"{kind.short_name()}/1"]))

        assert len(headers) == len(dict(headers))


class TestDecodeTolerates:
    @pytest.mark.parametrize(
        "stray", [("x-proxy", None), ("ce_foreign", None), ("ce_foreign", b"\xff\xfe"), ("x", b"\xff")]
    )
    def test_stray_headers(self, stray: tuple[str, bytes | None]) -> None:
        _, headers, value = encode(SUBMITTED)

        assert decode([stray, *headers], value) == SUBMITTED

    def test_a_null_in_an_optional_attribute(self) -> None:
        _, _, value = encode(SUBMITTED)

        assert decode(headers_but("ce_traceparent", None), value).traceparent is None

    def test_unknown_fields_and_attributes_of_a_newer_writer(self) -> None:
        _, headers, value = encode(SUBMITTED)
        newer = json.dumps({**json.loads(value), "added_later": {"by": "a newer writer"}}).encode()

        assert decode([*headers, ("ce_newattribute", b"1")], newer) == SUBMITTED

    def test_absent_optional_fields_of_an_older_writer(self) -> None:
        _, headers, value = encode(SUBMITTED)
        fields = data_class(ReferralSubmitted).model_fields
        needed = {name for name, field in fields.items() if field.is_required()}
        older = json.dumps(
            {name: each for name, each in json.loads(value).items() if name in needed}
        ).encode()

        event = decode(headers, older)

        assert isinstance(event, ReferralSubmitted)
        assert (event.data.language, event.data.risk, event.data.exploitation) == ("unknown", False, ())

    def test_a_code_that_is_on_no_list(self) -> None:
        _, headers, value = encode(SUBMITTED)
        newer = json.dumps({**json.loads(value), "service": "night_shelter"}).encode()

        event = decode(headers, newer)

        assert isinstance(event, ReferralSubmitted)
        assert event.data.service == "night_shelter"


class TestDecodeRefuses:
    @pytest.mark.parametrize("value", [None, b""], ids=["tombstone", "empty"])
    def test_no_data(self, value: bytes | None) -> None:
        with pytest.raises(UndecodableError, match=r"^no data$"):
            decode(headers_but("", None), value)

    def test_too_much_data(self) -> None:
        with pytest.raises(UndecodableError, match="64 KiB"):
            decode(headers_but("", None), b" " * (MAX_DATA_BYTES + 1))

    @pytest.mark.parametrize("raw", [None, b"\xff"], ids=["null", "not UTF-8"])
    def test_no_readable_type(self, raw: bytes | None) -> None:
        _, _, value = encode(SUBMITTED)

        with pytest.raises(UndecodableError, match=r"^no event type$"):
            decode(headers_but("ce_type", raw), value)

    def test_an_unknown_type_without_quoting_it(self) -> None:
        _, _, value = encode(SUBMITTED)

        with pytest.raises(UndecodableError, match=r"^unknown event type$"):
            decode(headers_but("ce_type", SECRET.encode()), value)

    @pytest.mark.parametrize("name", ["ce_id", "ce_source", "ce_time", "ce_partitionkey", "ce_correlationid"])
    def test_an_absent_attribute_by_its_name(self, name: str) -> None:
        _, _, value = encode(SUBMITTED)

        with pytest.raises(UndecodableError, match=rf": {name.removeprefix('ce_')}$"):
            decode(headers_but(name, None), value)

    @pytest.mark.parametrize("raw", [b"yesterday", b"2026-03-02T08:14:07"], ids=["no time", "no time zone"])
    def test_a_time_without_meaning(self, raw: bytes) -> None:
        _, _, value = encode(SUBMITTED)

        with pytest.raises(UndecodableError, match=r": time$"):
            decode(headers_but("ce_time", raw), value)

    @pytest.mark.parametrize("value", [b"{", b"\xff\xfe", b"[]", b"null", b"1", b"[" * 5000], ids=repr)
    def test_data_that_is_no_object(self, value: bytes) -> None:
        with pytest.raises(UndecodableError, match=r": data$"):
            decode(headers_but("", None), value)

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("version", SECRET),
            ("groups", SECRET),
            ("risk", SECRET),
            ("case", 7),
            ("exploitation", [{"x": SECRET}]),
        ],
    )
    def test_a_wrong_type_by_the_field_and_never_the_value(self, field: str, wrong: object) -> None:
        _, headers, value = encode(SUBMITTED)

        with pytest.raises(UndecodableError, match=rf"referral\.submitted\.v1: {field}") as caught:
            decode(headers, json.dumps({**json.loads(value), field: wrong}).encode())

        said = f"{caught.value.reason} {caught.value!r} {''.join(traceback.format_exception(caught.value))}"
        assert SECRET not in said

    def test_a_key_that_is_a_value_without_quoting_it(self) -> None:
        _, headers, _ = encode(SUBMITTED)

        with pytest.raises(UndecodableError) as caught:
            decode(headers, json.dumps({SECRET: 1}).encode())

        assert SECRET not in caught.value.reason


class TestDecodeNeverRaisesAnythingElse:
    @given(
        headers=st.lists(st.tuples(st.sampled_from(NAMES) | st.text(), st.none() | st.binary()), max_size=12),
        value=st.none() | st.binary(),
    )
    def test_for_arbitrary_records(
        self, headers: Sequence[tuple[str, bytes | None]], value: bytes | None
    ) -> None:
        with pytest.raises(UndecodableError):
            decode(headers, value)

    @given(
        kind=st.sampled_from(sorted(EVENTS)),
        data=st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["case", "agency", "problems", "version"]) | st.text(), inner, max_size=4
                )
            ),
            max_leaves=12,
        ),
    )
    def test_for_arbitrary_json_under_a_known_type(self, kind: str, data: object) -> None:
        headers = headers_but("ce_type", kind.encode())

        with pytest.raises(UndecodableError):
            decode(headers, json.dumps(data).encode())
