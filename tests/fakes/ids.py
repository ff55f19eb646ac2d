"""Ids that are the same in every run."""

import uuid


class FakeIds:
    """`stafet_runtime.clock.Ids` in sequence: UUIDs whose last digits count from 1."""

    def __init__(self, space: int = 0) -> None:
        self._space = space
        self._count = 0

    def new(self) -> str:
        """Return the next id."""
        self._count += 1
        return str(uuid.UUID(int=(7 << 76) | (2 << 62) | (self._space << 80) | self._count))
