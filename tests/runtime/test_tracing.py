"""Spans follow the events, carry no value, and cost nothing where nobody collects them."""

from collections.abc import Awaitable, Callable

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import INVALID_SPAN, StatusCode

from stafet_runtime import tracing
from stafet_runtime.clock import SystemIds
from stafet_runtime.consumer import Processor
from stafet_runtime.database import Database
from stafet_runtime.outbox import unpack_headers
from stafet_runtime.tracing import (
    batch_span,
    configure_tracing,
    current_traceparent,
    event_spans,
    parse_traceparent,
)
from tests.fakes.clock import FakeClock
from tests.runtime.desk import BEGUN, SERVICE, TRACE, Desk, opened, record

TRACE_ID, SPAN_ID = (int(each, 16) for each in TRACE.split("-")[1:3])
SECRET = "Zdravka-Petrova-1991"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """What a collector gets; the provider of the process is the test's own."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    return exporter


class TestConfigureTracing:
    def test_without_an_endpoint_collects_nothing(self) -> None:
        assert configure_tracing("vault", "") is None


class TestParseTraceparent:
    def test_reads_what_the_standard_says(self) -> None:
        context = parse_traceparent(TRACE)

        assert context is not None
        assert (context.trace_id, context.span_id, context.is_remote) == (TRACE_ID, SPAN_ID, True)
        assert context.trace_flags.sampled

    @pytest.mark.parametrize(
        "malformed",
        [None, "", "00", f"{TRACE}-more", TRACE.replace("4", "x"), "00-" + "0" * 32 + "-" + "1" * 16 + "-01"],
    )
    def test_takes_a_malformed_one_for_none(self, malformed: str | None) -> None:
        assert parse_traceparent(malformed) is None


class TestCurrentTraceparent:
    def test_without_a_span_passes_on_the_one_of_the_cause(self) -> None:
        assert current_traceparent(opened(1)) == TRACE

    def test_without_a_cause_is_none(self) -> None:
        assert current_traceparent(None) is None

    def test_words_the_running_span(self, spans: InMemorySpanExporter) -> None:
        with event_spans(SERVICE)(opened(1), 0, 1) as span:
            worded = current_traceparent(None)

        context = span.get_span_context()
        assert worded == f"00-{TRACE_ID:032x}-{context.span_id:016x}-01"
        assert len(spans.get_finished_spans()) == 1


class TestEventSpan:
    def test_is_the_child_of_the_span_that_produced_the_event(self, spans: InMemorySpanExporter) -> None:
        with event_spans(SERVICE)(opened(1), 2, 7):
            pass

        (span,) = spans.get_finished_spans()
        assert span.parent is not None
        assert (span.parent.trace_id, span.parent.span_id) == (TRACE_ID, SPAN_ID)
        assert dict(span.attributes or {}) == {
            "messaging.system": "kafka",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.consumer.group.name": SERVICE,
            "messaging.destination.name": "stafet-case-v1",
            "messaging.destination.partition.id": "2",
            "messaging.kafka.offset": 7,
            "messaging.message.id": opened(1).id,
            "cloudevents.event_type": "dk.cmm.stafet.case.opened.v1",
        }

    def test_names_an_exception_by_its_type_only(self, spans: InMemorySpanExporter) -> None:
        with pytest.raises(ValueError, match=SECRET), event_spans(SERVICE)(opened(1), 0, 1):
            raise ValueError(SECRET)

        (span,) = spans.get_finished_spans()
        assert (span.attributes or {})["error.type"] == "ValueError"
        assert span.status.status_code is StatusCode.ERROR
        assert SECRET not in span.to_json()

    def test_is_none_where_nobody_collects(self) -> None:
        with event_spans(SERVICE)(opened(1), 0, 1) as span:
            assert span is INVALID_SPAN


class TestBatchSpan:
    def test_is_linked_to_every_event(self, spans: InMemorySpanExporter) -> None:
        with batch_span(SERVICE, [opened(1), opened(2), opened(3).model_copy(update={"traceparent": None})]):
            pass

        (span,) = spans.get_finished_spans()
        assert [each.context.span_id for each in span.links] == [SPAN_ID] * 2
        assert (span.attributes or {})[tracing.BATCH_SIZE] == 3

    def test_is_none_where_nobody_collects(self) -> None:
        with batch_span(SERVICE, [opened(1)]) as span:
            assert span is INVALID_SPAN


class TestTheRuntime:
    async def test_hands_the_trace_from_event_to_event(
        self, database_for: Callable[[str], Awaitable[Database]], spans: InMemorySpanExporter
    ) -> None:
        desk = Desk(await database_for(SERVICE))
        await desk.prepare()
        await Processor(desk.subscription(), desk.database, FakeClock(BEGUN), SystemIds()).process(
            [record(1)]
        )

        handled = next(each for each in spans.get_finished_spans() if each.name == "process stafet-case-v1")
        headers = unpack_headers(await desk.database.pool.fetchval("select headers from outbox"))
        assert handled.context is not None
        assert (
            dict(headers)["ce_traceparent"]
            == f"00-{TRACE_ID:032x}-{handled.context.span_id:016x}-01".encode()
        )
