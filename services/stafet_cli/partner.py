"""`stafet partner`: which agencies have closed their endpoint, and sending to one again."""

from typing import Final

from rich.console import Console

from stafet.dispatch.adapters.endpoints import closed, enable
from stafet_cli.printing import print_line
from stafet_cli.seat import open_hub_database
from stafet_runtime.settings import HubSettings

DONE: Final = 0
WRONG: Final = 1


async def list_command(settings: HubSettings, output: Console) -> int:
    """Print the agencies that take nothing; exit code 1 if there are any."""
    database = await open_hub_database(settings, "dispatch")
    try:
        found = await closed(database)
    finally:
        await database.close()
    for agency, since in found.items():
        print_line(output, f"{agency} closed its endpoint on {since:%Y-%m-%d %H:%M} UTC: all for it waits")
    if not found:
        print_line(output, "every agency takes what is sent to it")
    return WRONG if found else DONE


async def enable_command(settings: HubSettings, agency: str, output: Console) -> int:
    """Send to an agency again; exit code 1 if its endpoint was not closed."""
    database = await open_hub_database(settings, "dispatch")
    try:
        count = await enable(database, agency)
    finally:
        await database.close()
    if count is None:
        print_line(output, f"{agency} has not closed its endpoint: nothing was held back")
        return WRONG
    print_line(output, f"{agency} is sent to again: {count} waiting")
    return DONE
