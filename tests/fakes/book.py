"""The things of cases in memory."""

from stafet_runtime.thing import Thing


class FakeBook:
    """`stafet.identification.ports.Book` without a database."""

    def __init__(self) -> None:
        self.things: dict[tuple[str, str, str], Thing] = {}

    def get(self, case: str, kind: str, name: str) -> Thing:
        """Return a thing; one that is not known has not begun."""
        return self.things.get((case, kind, name)) or Thing(case, kind, name)

    def all(self, case: str, kind: str) -> list[Thing]:
        """Return all things of a kind in a case, by id."""
        return [each for key, each in sorted(self.things.items()) if key[:2] == (case, kind)]

    def put(self, thing: Thing) -> None:
        """Keep a thing."""
        self.things[thing.case, thing.kind, thing.id] = thing
