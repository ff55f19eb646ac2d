"""The simulator's process in certification: `python -m stafet_sdk.certification.simulating OPTIONS`.

OPTIONS is a SimulatorOptions as JSON. It ends by being killed, or when the simulator ends.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from stafet_sdk.simulator import SimulatorOptions


def main(worded: str) -> None:
    """Run the simulator of an agency by its entry point.

    Raises:
        LookupError: none is installed under the agency's name.
    """
    said: dict[str, Any] = json.loads(worded)
    said |= {"home": Path(said["home"]), "faults": tuple(said["faults"])}
    options = SimulatorOptions(**said)
    for point in entry_points(group="stafet.simulators", name=options.agency):
        run: Callable[[SimulatorOptions], Awaitable[None]] = point.load()
        asyncio.run(_run(run, options))
        return
    raise LookupError(f"no entry point {options.agency} in stafet.simulators")


async def _run(run: Callable[[SimulatorOptions], Awaitable[None]], options: SimulatorOptions) -> None:
    await run(options)


if __name__ == "__main__":
    main(sys.argv[1])
