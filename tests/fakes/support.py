"""What support knows, in memory."""

from stafet.support.domain.places import Unit
from stafet_runtime.thing import Thing


class FakeSupport:
    """`stafet.support.ports.Support` that keeps what it is given."""

    def __init__(self) -> None:
        self.things: dict[tuple[str, str, str], Thing] = {}
        self.units: list[Unit] = []

    def get(self, case: str, kind: str, name: str) -> Thing:
        """Return a thing; one that is not known has not begun."""
        return self.things.get((case, kind, name)) or Thing(case, kind, name)

    def all(self, case: str, kind: str) -> list[Thing]:
        """Return all things of a kind in a case, by id."""
        return [each for key, each in sorted(self.things.items()) if key[:2] == (case, kind)]

    def put(self, thing: Thing) -> None:
        """Keep a thing."""
        self.things[thing.case, thing.kind, thing.id] = thing

    def put_unit(self, unit: Unit) -> None:
        """Keep a unit."""
        self.units.append(unit)
