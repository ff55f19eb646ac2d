"""Logs are lines of JSON with allow-listed keys; what libraries say is reduced to where they said it."""

import json
import logging
from io import StringIO
from typing import Any

import pytest
import structlog

from stafet_runtime.logging import ALLOWED_KEYS, configure_logging, keep_allowed

SECRET = "Zdravka-Petrova-1991"


@pytest.fixture
def stream() -> StringIO:
    """What an operator reads."""
    stream = StringIO()
    configure_logging(stream=stream)
    return stream


def lines(stream: StringIO) -> list[dict[str, Any]]:
    """Read what was logged."""
    return [json.loads(each) for each in stream.getvalue().splitlines()]


class TestOurLogs:
    def test_are_json_with_level_and_time(self, stream: StringIO) -> None:
        structlog.get_logger().warning("parked", service="vault", offset=7)

        (line,) = lines(stream)
        assert line.pop("timestamp").endswith("Z")
        assert line == {"event": "parked", "level": "warning", "service": "vault", "offset": 7}

    def test_keep_no_value_under_a_key_that_is_not_listed(self, stream: StringIO) -> None:
        structlog.get_logger().info(
            "accepted", name=SECRET, body={"name": SECRET}, exc_info=ValueError(SECRET)
        )

        assert SECRET not in stream.getvalue()
        assert lines(stream)[0]["dropped"] == ["body", "exc_info", "name"]

    def test_leave_out_what_is_below_the_level(self, stream: StringIO) -> None:
        structlog.get_logger().debug("detail")

        assert stream.getvalue() == ""


class TestLibraries:
    def test_are_quoted_by_place_and_type_only(self, stream: StringIO) -> None:
        try:
            int(SECRET)
        except ValueError:
            logging.getLogger("aiokafka").exception("could not send %s", SECRET)

        (line,) = lines(stream)
        assert SECRET not in stream.getvalue()
        assert (line["event"], line["logger"], line["exception_type"]) == (
            "library",
            "aiokafka",
            "ValueError",
        )
        assert line["where"].startswith("test_logging:")

    @pytest.mark.parametrize(("level", "said"), [(30, "warning"), (35, "warning"), (99, "critical")])
    def test_may_use_levels_of_their_own(self, stream: StringIO, level: int, said: str) -> None:
        logging.getLogger("lib").log(level, "text")

        assert [each["level"] for each in lines(stream)] == [said]

    def test_are_heard_from_warnings_on(self, stream: StringIO) -> None:
        logging.getLogger("lib").info("text")

        assert stream.getvalue() == ""


class TestKeepAllowed:
    def test_leaves_listed_keys_as_they_are(self) -> None:
        entry = dict.fromkeys(ALLOWED_KEYS, "x")

        assert keep_allowed(None, "info", dict(entry)) == entry
