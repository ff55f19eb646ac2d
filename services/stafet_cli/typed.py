"""What all typed commands share: settings, running the work, and trouble that says what to do.

Imports nothing heavy: see `main.py`.
"""

import asyncio
import errno
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console

from stafet_runtime.settings import HubSettings

Result = TypeVar("Result")

output = Console(soft_wrap=True, highlight=False)


def settings_of(home: Path | None) -> HubSettings:
    """Read the settings, with another home if one is named; wrong ones end the program."""
    try:
        return HubSettings() if home is None else HubSettings(home=home.resolve())
    except ValidationError as error:
        # By name and rule only: the value may be a secret.
        fail("; ".join(f"STAFET_{each['loc'][0]}".upper() + f": {each['msg']}" for each in error.errors()))


def do(work: Coroutine[Any, Any, Result]) -> Result:
    """Run work to its end; trouble that is expected ends the program with what to do."""
    return guarded(lambda: asyncio.run(work))


def exit_with(work: Coroutine[Any, Any, int]) -> NoReturn:
    """Run work and end the program with the exit code that it returns."""
    raise typer.Exit(do(work))


def guarded(work: Callable[[], Result]) -> Result:
    """Call something; trouble that is expected ends the program with what to do."""
    try:
        return work()
    except _expected() as error:
        fail(str(error))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        fail("a port is in use: `stafet doctor` says which; end that program or set STAFET_..._PORT")


def fail(said: str, code: int = 2) -> NoReturn:
    """Say what to do, and end the program."""
    output.print(said, markup=False)
    raise typer.Exit(code)


def _expected() -> tuple[type[Exception], ...]:
    """Name the trouble whose message says what to do; anything else is a bug and shows its traceback."""
    from stafet_cli.credentials import CredentialsError  # noqa: PLC0415 - needed only on trouble
    from stafet_cli.demo.state import DemoHomeError  # noqa: PLC0415 - see above
    from stafet_cli.simulate import UnknownSimulatorError  # noqa: PLC0415 - see above
    from stafet_cli.story.errors import StoryError  # noqa: PLC0415 - see above
    from stafet_runtime.dated import DataError  # noqa: PLC0415 - see above
    from stafet_runtime.embedded.errors import EmbeddedError  # noqa: PLC0415 - see above
    from stafet_runtime.partners import PartnerError  # noqa: PLC0415 - see above
    from stafet_runtime.rebuilder import RebuildError  # noqa: PLC0415 - see above
    from stafet_runtime.vaultport import VaultUnavailableError  # noqa: PLC0415 - see above
    from stafet_sdk.faults import UnknownFaultError  # noqa: PLC0415 - see above

    return (
        CredentialsError,
        DataError,
        DemoHomeError,
        EmbeddedError,
        UnknownFaultError,
        PartnerError,
        RebuildError,
        StoryError,
        UnknownSimulatorError,
        VaultUnavailableError,
    )
