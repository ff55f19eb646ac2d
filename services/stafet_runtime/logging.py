"""Structured logs, one JSON object a line. Only allow-listed keys pass: no value of a person can.

A key that is not on the list is replaced by its name alone, in `dropped`, so that a mistake is seen but says
nothing.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, Final, TextIO

import structlog

if TYPE_CHECKING:
    from structlog.typing import Processor

ALLOWED_KEYS: Final = frozenset(
    {
        "event", "level", "timestamp", "service", "topic", "partition", "offset", "type", "class",
        "reason", "error", "cause", "agency", "recipient", "part", "rung", "status", "attempt", "wait_s",
        "count", "seconds", "port", "url", "path", "method", "code", "delivery", "referral", "case",
        "message", "disclosure", "exception_type", "where", "version", "group", "component", "logger",
        "stage",
    }
)  # fmt: skip


def configure_logging(*, stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send our logs and the libraries' warnings through one pipe to `stream` (stderr by default)."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        keep_allowed,
        structlog.processors.JSONRenderer(),
    ]
    structlog.configure(
        processors=shared,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_LibraryHandler()]
    root.setLevel(logging.WARNING)


def keep_allowed(_logger: object, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every key that is not on the allow-list, and name it."""
    dropped = [key for key in entry if key not in ALLOWED_KEYS]
    for key in dropped:
        del entry[key]
    if dropped:
        entry["dropped"] = sorted(dropped)
    return entry


class _LibraryHandler(logging.Handler):
    """Libraries' records: logger, level and place only, because their texts may quote what they got."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        structlog.get_logger().log(
            min(record.levelno // 10 * 10, logging.CRITICAL),
            "library",
            logger=record.name,
            where=f"{record.module}:{record.lineno}",
            exception_type=kind,
        )
