"""CloudEvents over HTTP, held against the CloudEvents project's own package."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from stafet_sdk.cloudevents_http import CONTENT_TYPE, NotCloudEventError, PartnerEvent, build, parse

EVENT = PartnerEvent(
    id="e-1",
    source="urn:uuid:1",
    type="dk.example.made",
    data={"navn": "Prøvesen", "list": [1, True, None]},
    subject="s",
    time=datetime(2026, 11, 24, 8, 0, tzinfo=UTC),
    dataschema="urn:schema",
    extensions={"sequence": 7, "traceparent": "00-1-2-01", "again": False},
)
LEAST: dict[str, object] = {"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": {}}


def refusal(body: bytes, content_type: str = CONTENT_TYPE) -> tuple[str, tuple[str, ...]]:
    """Have a body refused and say how."""
    with pytest.raises(NotCloudEventError) as caught:
        parse(content_type, body)
    return caught.value.code, caught.value.fields


class TestBuild:
    def test_the_published_package_reads_it(self) -> None:
        read = from_http_event(HTTPMessage({"content-type": CONTENT_TYPE}, build(EVENT)))
        assert isinstance(read, CloudEvent)
        assert (read.get_id(), read.get_source(), read.get_type()) == (EVENT.id, EVENT.source, EVENT.type)
        assert (read.get_subject(), read.get_time(), read.get_data()) == (
            EVENT.subject,
            EVENT.time,
            EVENT.data,
        )
        assert {name: read.get_extension(name) for name in EVENT.extensions} == EVENT.extensions

    def test_equal_events_are_equal_bytes(self) -> None:
        shuffled = json.loads(build(EVENT))
        turned = dict(reversed(shuffled.items()))
        assert build(parse(CONTENT_TYPE, json.dumps(turned, indent=2).encode())) == build(EVENT)

    def test_leaves_out_what_is_absent(self) -> None:
        assert json.loads(build(PartnerEvent("1", "s", "t", {}))) == LEAST | {
            "datacontenttype": "application/json"
        }


class TestParse:
    def test_reads_what_the_published_package_writes(self) -> None:
        attributes = {
            "id": "e-2",
            "source": "urn:uuid:2",
            "type": "dk.example.made",
            "specversion": "1.0",
            "time": datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
            "sequence": "8",
        }
        message = to_structured_event(CloudEvent(attributes, {"navn": "Prøvesen"}))
        read = parse(message.headers["content-type"], message.body)
        assert (read.id, read.source, read.time) == ("e-2", "urn:uuid:2", attributes["time"])
        assert (read.data, read.extensions) == ({"navn": "Prøvesen"}, {"sequence": "8"})

    def test_reads_its_own(self) -> None:
        assert parse("Application/CloudEvents+JSON; charset=UTF-8", build(EVENT)) == EVENT

    def test_a_null_is_an_absent_attribute(self) -> None:
        assert (
            parse(CONTENT_TYPE, json.dumps(LEAST | {"subject": None, "time": None}).encode()).subject is None
        )

    @pytest.mark.parametrize("time", ["2026-11-24T08:00:00Z", "2026-11-24t09:00:00.25+01:00"])
    def test_reads_rfc_3339_times(self, time: str) -> None:
        read = parse(CONTENT_TYPE, json.dumps(LEAST | {"time": time}).encode())
        assert read.time is not None
        assert read.time - datetime(2026, 11, 24, 8, 0, tzinfo=UTC) < timedelta(seconds=1)

    @pytest.mark.parametrize(
        "content_type",
        ["", "application/json", "application/cloudevents-batch+json", f"{CONTENT_TYPE}; charset=latin-1"],
    )
    def test_refuses_another_content_type(self, content_type: str) -> None:
        assert refusal(build(EVENT), content_type) == ("unsupported_media_type", ())

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b"\xef\xbb\xbf{}",
            b"\xff",
            b'{"a":1,"a":2}',
            b'{"a":NaN}',
            b'{"a":-Infinity}',
            b'{"id":"\\ud800"}',
            b'{"data":' + b"[" * 100_000,
            b'{"n":' + b"9" * 5000 + b"}",
        ],
        ids=range(12),
    )
    def test_refuses_what_is_no_json_object(self, body: bytes) -> None:
        assert refusal(body) == ("malformed", ())

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"id": ""}, "id"),
            ({"source": None}, "source"),
            ({"type": 7}, "type"),
            ({"specversion": "1.1"}, "specversion"),
            ({"data": [1]}, "data"),
            ({"data_base64": "AA=="}, "data_base64"),
            ({"datacontenttype": "text/xml"}, "datacontenttype"),
            ({"datacontenttype": ["application/json"]}, "datacontenttype"),
            ({"subject": {}}, "subject"),
            ({"time": "24/11-2026"}, "time"),
            ({"time": "2026-13-24T08:00:00Z"}, "time"),
            ({"time": "2026-11-24T08:00:00"}, "time"),
            ({"dataref": {}}, "dataref"),
            ({"weight": 1.5}, "weight"),
            ({"Maria Hansen": "x"}, "extension"),
        ],
    )
    def test_names_the_attribute_that_is_wrong(self, change: dict[str, object], field: str) -> None:
        assert refusal(json.dumps(LEAST | change).encode()) == ("invalid", (field,))
