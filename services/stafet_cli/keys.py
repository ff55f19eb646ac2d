"""`stafet keys`: where the vault's keys stand, and all data keys under a new key-encryption key."""

from collections.abc import Callable, Coroutine, Mapping
from datetime import timedelta
from typing import Any, Final

from rich.console import Console

from stafet.vault.app.keys import KeyMaster
from stafet.vault.handlers.rekeying import Standing
from stafet.vault.keyfiles import SealPair
from stafet_cli.printing import print_line
from stafet_cli.seat import vault_seat
from stafet_runtime.settings import HubSettings

DONE: Final = 0
WRONG: Final = 1


async def status_command(settings: HubSettings, output: Console) -> int:
    """Print the versions of the key-encryption key with their data keys, and the seal key pairs.

    Returns:
        The exit code: 0 all is well; 1 data keys are under an older version, or one that is not there.
    """
    async with vault_seat(settings) as session:
        master = KeyMaster(session)
        standing, seals, now = await master.stand(), master.seals(), session.clock.now()
    print_line(output, "key-encryption keys")
    for version in dict.fromkeys((*standing.missing, *standing.versions)):
        count = standing.counts.get(version, 0)
        print_line(output, f"  {version:<14}{count:>9} data keys{_state(version, standing)}")
    print_line(output, "seal keys")
    for pair in seals:
        print_line(output, f"  {pair.id.hex():<18}{_age(now - pair.since)}{_use(pair, seals)}")
    if standing.missing:
        print_line(output, "a key-encryption key is missing: restore it, or no case under it opens")
    elif standing.stale:
        print_line(output, "run `stafet keys rotate` to bring all data keys under the current version")
    return WRONG if standing.missing or standing.stale else DONE


async def rotate_command(settings: HubSettings, output: Console) -> int:
    """Wrap all data keys under a new key-encryption key, or end a rotation that was cut off; exit code 0."""
    async with vault_seat(settings) as session:
        done = await KeyMaster(session).rotate()
    if done.resumed:
        print_line(output, "an earlier rotation had been cut off: this one ended it")
    print_line(output, f"{done.rewrapped} data keys are now under {done.version}; no record was changed")
    return DONE


ACTIONS: Final[Mapping[str, Callable[[HubSettings, Console], Coroutine[Any, Any, int]]]] = {
    "status": status_command,
    "rotate": rotate_command,
}


def _state(version: str, standing: Standing) -> str:
    if version in standing.missing:
        return "  MISSING"
    if version == standing.versions[-1]:
        return "  current"
    return "" if version in standing.counts else "  unused: backups from before the rotation need it"


def _use(pair: SealPair, seals: tuple[SealPair, ...]) -> str:
    return "  current" if pair == seals[-1] else "  opens what waits under it"


def _age(age: timedelta) -> str:
    return f"{max(age, timedelta(0)) // timedelta(hours=1):>6} h old"
