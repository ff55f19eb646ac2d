"""OpenTelemetry: our own spans with the current messaging names, and the trace context that events carry.

Spans may be sampled away; the operator's trace is made of events (id, cause, correlation), never of spans.
No span carries a value of a message, so exceptions are named by their type alone: a text may quote what it
was given. Names: OpenTelemetry semantic conventions for messaging, Kafka.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Final

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import INVALID_SPAN, Link, Span, SpanContext, SpanKind, StatusCode, TraceFlags
from opentelemetry.util.types import AttributeValue

from stafet_runtime.cause import Cause
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

_NO_SPAN = nullcontext(INVALID_SPAN)
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
        flags = TraceFlags(int(parts[3], 16))
        context = SpanContext(int(parts[1], 16), int(parts[2], 16), is_remote=True, trace_flags=flags)
    except ValueError:
        return None
    return context if context.is_valid else None


def current_traceparent(cause: Cause | Event | None) -> str | None:
    """Word the running span as `traceparent`; without one pass on the cause's: no chain breaks."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return cause.traceparent if cause else None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def batch_span(group: str, events: Sequence[Event]) -> AbstractContextManager[Span]:
    """Open the span of one batch, linked to every message in it."""
    if not _is_traced():
        return _NO_SPAN
    links = [Link(context) for each in events if (context := parse_traceparent(each.traceparent))]
    attributes: dict[str, AttributeValue] = {
        MESSAGING: "kafka", OPERATION_NAME: "process", OPERATION_TYPE: "process", GROUP: group,
        BATCH_SIZE: len(events),
    }  # fmt: skip
    return _span(f"process {group}", attributes, links=links)


def event_spans(group: str) -> Callable[[Event, int, int], AbstractContextManager[Span]]:
    """Return what opens the span of handling one event, given its partition and offset, or nothing."""
    # Asked once for a batch: the answer is looked up in the environment.
    return partial(_event_span, group) if _is_traced() else _no_span


def _no_span(_event: Event, _partition: int, _offset: int) -> AbstractContextManager[Span]:
    return _NO_SPAN


def _event_span(group: str, event: Event, partition: int, offset: int) -> AbstractContextManager[Span]:
    """Open the span of handling one event: the child of the span that produced it."""
    attributes: dict[str, AttributeValue] = {
        MESSAGING: "kafka", OPERATION_NAME: "process", OPERATION_TYPE: "process", GROUP: group,
        DESTINATION: event.topic, PARTITION: str(partition), OFFSET: offset,
        MESSAGE_ID: event.id, EVENT_TYPE: event.type,
    }  # fmt: skip
    return _span(f"process {event.topic}", attributes, parent=parse_traceparent(event.traceparent))


def _is_traced() -> bool:
    # Spans that nobody exports cost as much as the handling of a message.
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


@contextmanager
def _span(
    name: str,
    attributes: Mapping[str, AttributeValue],
    *,
    parent: SpanContext | None = None,
    links: Sequence[Link] = (),
) -> Generator[Span]:
    context = trace.set_span_in_context(trace.NonRecordingSpan(parent)) if parent else None
    with trace.get_tracer("stafet").start_as_current_span(
        name, context=context, kind=SpanKind.CONSUMER, attributes=attributes, links=links,
        record_exception=False, set_status_on_exception=False,
    ) as span:  # fmt: skip
        try:
            yield span
        except Exception as error:
            span.set_attribute(ERROR_TYPE, type(error).__name__)
            span.set_status(StatusCode.ERROR)
            raise
