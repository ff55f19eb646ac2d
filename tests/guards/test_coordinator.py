"""Who co-ordinates is said in several files of data; they must not come to differ."""

from stafet.console.settings import ConsoleSettings
from stafet.identification.adapters import load_rules as load_identification
from stafet.referrals.adapters.rulesfile import load_rules as load_routing
from stafet.support.adapters import load_rules as load_support
from stafet_schemas.codes import AGENCIES, COORDINATOR


class TestTheCoordinator:
    def test_is_an_agency(self) -> None:
        assert COORDINATOR in AGENCIES.codes

    def test_is_the_same_in_all_rules_and_at_the_console(self) -> None:
        rules = (load_identification(), load_routing(), load_support())
        named = [*(each.coordinator for each in rules), ConsoleSettings.model_fields["coordinator"].default]

        assert set(named) == {COORDINATOR}
