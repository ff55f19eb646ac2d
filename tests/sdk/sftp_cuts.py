"""The hub's side of a session that is killed after so many changes at the partner."""

from collections.abc import Awaitable, Callable
from typing import Final, ParamSpec

import pytest

from stafet_sdk.sftpsession import Session

CHANGES: Final = ("write", "rename", "remove", "make_folder")

P = ParamSpec("P")


class KilledError(Exception):
    """The process is gone."""


class CutOff:
    """Lets `steps` changes through, then none."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Stand before every change that a session makes."""
        for name in CHANGES:
            patch.setattr(Session, name, self._before(getattr(Session, name)))

    def _before(self, change: Callable[P, Awaitable[None]]) -> Callable[P, Awaitable[None]]:
        async def counted(*args: P.args, **kwargs: P.kwargs) -> None:
            if self.steps == 0:
                raise KilledError
            self.steps -= 1
            await change(*args, **kwargs)

        return counted
