"""OpenTelemetry: our own spans with the current messaging names, and the trace context that travels with events.

Spans may be sampled away; the operator's trace is made of events (id, cause, correlation), never of spans.
No span carries a value of a message. Names: OpenTelemetry semantic conventions for messaging, Kafka.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, TraceFlags

from stafet_schemas.event import Event

MESSAGING: Final = "messaging.system"
OPERATION_NAME: Final = "messaging.operation.name"
OPERATION_TYPE: Final = "messaging.operation.type"
DESTINATION: Final = "messaging.destination.name"
PARTITION: Final = "messaging.destination.partition.id"
GROUP: Final = "messaging.consumer.group.name"
OFFSET: Final = "messaging.kafka.offset"
BATCH_SIZE: Final = "messaging.batch.message_count"
MESSAGE_ID: Final = "messaging.message.id"
EVENT_TYPE: Final = "cloudevents.event_type"
ERROR_TYPE: Final = "error.type"

_TRACER = trace.get_tracer("stafet")
_PARTS, _TRACE_DIGITS, _SPAN_DIGITS = 4, 32, 16


def configure_tracing(service: str, otlp_endpoint: str) -> TracerProvider | None:
    """Export spans to `otlp_endpoint` (OTLP over HTTP, the full traces URL) if there is one."""
    if not otlp_endpoint:
        return None
    provider = TracerProvider(resource=Resource.create({"service.name": f"stafet-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=otlp_endpoint)))
    trace.set_tracer_provider(provider)
    return provider


def parse_traceparent(value: str | None) -> SpanContext | None:
    """Read a W3C `traceparent`; a malformed one is no context, so that a new trace begins."""
    parts = (value or "").split("-")
    if len(parts) != _PARTS or len(parts[1]) != _TRACE_DIGITS or len(parts[2]) != _SPAN_DIGITS:
        return None
    try:
        context = SpanContext(int(parts[1], 16), int(parts[2], 16), is_remote=True, trace_flags=TraceFlags(int(parts[3], 16)))
    except ValueError:
        return None
    return context if context.is_valid else None


def current_traceparent(span: Span, cause: Event | None) -> str | None:
    """Word the running span as `traceparent`; without one pass on the cause's, so that a chain never breaks."""
    context = span.get_span_context()
    if not context.is_valid:
        return cause.traceparent if cause else None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


@contextmanager
def batch_span(group: str, events: Sequence[Event]) -> Iterator[Span]:
    """Open the span of one batch, linked to every message in it."""
    links = [Link(context) for each in events if (context := parse_traceparent(each.traceparent))]
    attributes = {
        MESSAGING: "kafka", OPERATION_NAME: "process", OPERATION_TYPE: "process", GROUP: group, BATCH_SIZE: len(events),
    }  # fmt: skip
    with _TRACER.start_as_current_span(f"process {group}", kind=SpanKind.CONSUMER, links=links, attributes=attributes) as span:
        yield span


@contextmanager
def event_span(group: str, event: Event) -> Iterator[Span]:
    """Open the span of handling one event: the child of the span that produced it."""
    remote = parse_traceparent(event.traceparent)
    parent = trace.set_span_in_context(trace.NonRecordingSpan(remote)) if remote else None
    attributes = {
        MESSAGING: "kafka", OPERATION_NAME: "process", OPERATION_TYPE: "process", GROUP: group,
        DESTINATION: event.topic, MESSAGE_ID: event.id, EVENT_TYPE: event.type,
    }  # fmt: skip
    with _TRACER.start_as_current_span(f"process {event.topic}", context=parent, kind=SpanKind.CONSUMER, attributes=attributes) as span:
        yield span
