import pytest

from stafet_runtime.logging import ALLOWED_KEYS
from tests.guards.rules.logs import unsafe_logging
from tests.guards.rules.tree import modules, parsed

VALUES = frozenset(
    [
        "address",
        "birth_date",
        "body",
        "cpr",
        "data",
        "email",
        "first_name",
        "headers",
        "last_name",
        "name",
        "payload",
        "person",
        "phone",
        "raw",
        "text",
        "value",
        "values",
    ]
)


class TestLogging:
    def test_uses_fixed_texts_and_allowed_keys_only(self) -> None:
        assert [said for module in modules() for said in unsafe_logging(module, ALLOWED_KEYS)] == []

    def test_allows_no_key_that_is_made_for_a_value_of_a_person(self) -> None:
        assert VALUES.isdisjoint(ALLOWED_KEYS)


class TestTheRuleItself:
    @pytest.mark.parametrize(
        "line",
        [
            '_log.info(f"got {event}")',
            '_log.info("got %s", event)',
            '_log.info("got", data=event.data)',
            '_log.info("got", **event.model_dump())',
            '_log.info("got", **{"name": name})',
            '_log.warning(text, service="vault")',
            '_log.error("failed", exc_info=True)',
            '_log.exception("failed")',
            'self._log.bind(first_name=name).info("got")',
            'structlog.get_logger().info("got", name=name)',
            'logging.getLogger(__name__).info("got %s", name)',
            'logging.warning("got " + name)',
        ],
    )
    def test_catches(self, line: str) -> None:
        assert unsafe_logging(parsed(line), ALLOWED_KEYS)

    @pytest.mark.parametrize(
        "line",
        [
            '_log.info("hub_started", service="vault", count=3)',
            '_log.log(20, "hub_started", service="vault")',
            '_log.info("parked", **{"class": cause})',
            "math.log(2, base)",
            'bench.log("x", y)',
        ],
    )
    def test_lets_pass(self, line: str) -> None:
        assert unsafe_logging(parsed(line), ALLOWED_KEYS) == []
