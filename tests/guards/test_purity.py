import pytest

from tests.guards.rules.publishing import publishing
from tests.guards.rules.purity import impurities, is_pure
from tests.guards.rules.tree import modules, parsed


class TestWhatDecides:
    def test_asks_no_clock_no_chance_and_no_machine(self) -> None:
        pure = [module for module in modules("connectors", "services") if is_pure(module)]

        assert pure
        assert [said for module in pure for said in impurities(module)] == []

    def test_is_found_in_contracts_too(self) -> None:
        assert [said for module in modules("schemas") for said in impurities(module)] == []


class TestWhatPublishes:
    def test_are_the_relays_alone(self) -> None:
        assert [said for module in modules() for said in publishing(module)] == []


class TestTheRuleOfPurity:
    @pytest.mark.parametrize(
        "line",
        [
            "at = datetime.now(UTC)",
            "at = datetime.datetime.utcnow()",
            "day = date.today()",
            "at = time.time()",
            "new = uuid4()",
            "new = uuid.uuid4()",
            "new = uuid7()",
            "token = secrets.token_hex()",
            "text = open('file')",
            "home = os.environ['HOME']",
        ],
    )
    def test_catches(self, line: str) -> None:
        assert len(impurities(parsed(line))) == 1

    @pytest.mark.parametrize(
        "line", ["at = clock.now()", "new = ids.new()", "later = at + timedelta(days=1)"]
    )
    def test_lets_pass(self, line: str) -> None:
        assert impurities(parsed(line)) == []

    @pytest.mark.parametrize(
        ("path", "pure"),
        [
            ("services/stafet/vault/domain/release.py", True),
            ("services/stafet/console/domain/steps.py", True),
            ("services/stafet/vault/handlers/releasing.py", True),
            ("connectors/stafet_connectors/police/mapping.py", True),
            ("services/stafet/vault/adapters.py", False),
        ],
    )
    def test_knows_what_decides(self, path: str, pure: bool) -> None:
        assert is_pure(parsed("", path)) is pure


class TestTheRuleOfPublishing:
    @pytest.mark.parametrize(
        "line",
        [
            "await broker.publish(x)",
            "await producer.send_and_wait(t, v)",
            "self._producer.send(t, v)",
            "p().publish(x)",
        ],
    )
    def test_catches(self, line: str) -> None:
        text = f"async def on_it(self):\n    {line}\n"

        assert len(publishing(parsed(text, "services/stafet/vault/handlers/releasing.py"))) == 1
        assert publishing(parsed(text, "services/stafet_runtime/relay.py")) == []
        assert publishing(parsed(text, "services/stafet_cli/story/pump.py")) == []
        assert len(publishing(parsed(text, "services/stafet_cli/story/world.py"))) == 1

    @pytest.mark.parametrize("line", ["outbox.emit(ReferralRouted, data)", "client.send(request)"])
    def test_lets_pass(self, line: str) -> None:
        assert publishing(parsed(line)) == []
