from stafet_schemas.event import Event
from stafet_schemas.registry import EVENTS
from stafet_schemas.topics import topics
from tests.guards.rules.producers import emitted, values
from tests.guards.rules.tree import modules, parsed, services

CLASSES: dict[str, type[Event]] = {each.__name__: each for each in EVENTS.values()}
EMITTED = emitted(modules("services"), CLASSES)


class TestEveryEvent:
    def test_is_emitted_by_a_service(self) -> None:
        assert [name for name, by in EMITTED.items() if not by] == []

    def test_is_emitted_by_producers_of_its_topic_only(self) -> None:
        allowed = {name: set(topics()[event.topic].producers) for name, event in CLASSES.items()}

        assert {name: by - allowed[name] for name, by in EMITTED.items() if by - allowed[name]} == {}

    def test_is_consumed_by_a_service(self) -> None:
        assert [
            name
            for name, event in CLASSES.items()
            if not set(topics()[event.topic].consumers) & set(services())
        ] == []


class TestEveryTopic:
    def test_has_producers_that_emit_to_it(self) -> None:
        wrote = {
            topic: {by for name, each in CLASSES.items() if each.topic == topic for by in EMITTED[name]}
            for topic in topics()
        }

        assert {
            topic: set(each.producers) - wrote[topic]
            for topic, each in topics().items()
            if set(each.producers) - wrote[topic]
        } == {}

    def test_has_consumers_that_subscribe(self) -> None:
        subscribed = {
            module.parts[2] for module in modules("services/stafet") if "subscribers" in module.parts
        }

        assert {consumer for each in topics().values() for consumer in each.consumers} - subscribed == set()


class TestTheRuleItself:
    def test_counts_classes_that_are_used_as_values_where_a_service_emits(self) -> None:
        emits = parsed(
            "def f(outbox, out): outbox.emit(CaseOpened, out)", "services/stafet/vault/handlers/releasing.py"
        )
        decides = parsed(
            "def decide(): return [(DisclosureMade, 1)]", "services/stafet/vault/domain/ledger.py"
        )
        silent = parsed("KIND = ReferralRouted", "services/stafet/console/handlers.py")

        found = emitted([emits, decides, silent], ["CaseOpened", "DisclosureMade", "ReferralRouted"])

        assert found == {"CaseOpened": {"vault"}, "DisclosureMade": {"vault"}, "ReferralRouted": set()}

    def test_counts_classes_in_a_table_of_what_a_service_tells(self) -> None:
        emits = parsed(
            "def f(outbox, kind): outbox.emit(KINDS[kind], 1)", "services/stafet/support/handlers.py"
        )
        table = parsed(
            "KINDS: Final[dict[str, type[X]]] = {'held': course.ReferralHeld, m.GONE: NeedAssessed}",
            "services/stafet/support/domain/telling.py",
        )

        found = emitted([emits, table], ["ReferralHeld", "NeedAssessed", "X"])

        assert found == {"ReferralHeld": {"support"}, "NeedAssessed": {"support"}, "X": set()}

    def test_does_not_count_imports_annotations_routes_and_tests_of_a_type(self) -> None:
        module = parsed(
            "from stafet_schemas.case import A\n"
            "def on(event: B) -> C:\n"
            "    if isinstance(event, D): return None\n"
            "    match event:\n"
            "        case E(): return None\n"
            "routes = {F: on, course.G: on}\n"
            "Answer = H | course.I\n"
            "TOPICS = (J.topic,)\n"
        )

        assert values(module) & set("ABCDEFGHIJ") == set()
