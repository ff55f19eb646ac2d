"""A terminal that remembers what a command printed."""

import io
from collections.abc import Coroutine
from typing import Any

from rich.console import Console


class Terminal:
    """What a command prints, and the code it ends with."""

    def __init__(self) -> None:
        self.console = Console(file=io.StringIO(), width=200)

    async def run(self, command: Coroutine[Any, Any, int]) -> tuple[int, str]:
        """Run a command; return its exit code and what it printed."""
        code = await command
        return code, self.said()

    def said(self) -> str:
        """Return what was printed since this was last asked."""
        file = self.console.file
        assert isinstance(file, io.StringIO)
        text = file.getvalue()
        file.seek(0)
        file.truncate()
        return text
