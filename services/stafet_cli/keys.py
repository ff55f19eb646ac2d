"""`stafet keys`: where the vault's keys stand, all data keys under a new one, and old ones destroyed."""

from collections.abc import Callable, Coroutine, Mapping
from datetime import timedelta
from typing import Any, Final

from rich.console import Console

from stafet.vault.app.keys import KeyMaster
from stafet.vault.handlers.rekeying import Standing, check
from stafet.vault.keyfiles import SealPair
from stafet.vault.ports.keys import Remainder
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
    for each in standing.remainders:
        print_line(output, f"{_cases(each)} that dumps still open until {each.version} is retired")
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


async def retire_command(settings: HubSettings, version: str, output: Console, *, sure: bool) -> int:
    """Destroy an older key-encryption key for good, or say what would no longer open.

    Returns:
        The exit code: 0 destroyed; 1 it was only said what would be.

    Raises:
        VaultUnavailableError: not there, the newest, or in use.
    """
    async with vault_seat(settings) as session:
        master = KeyMaster(session)
        standing = await master.stand()
        check(version, standing)
        if sure:
            await master.retire(version)
            print_line(output, f"{version} is destroyed: no dump that needs it opens any more, of no case")
            return DONE
    closed = [_cases(each) for each in standing.remainders if each.version == version] or ["no erased case"]
    print_line(output, f"dumps taken while data keys were under {version} still open {closed[0]}")
    print_line(output, f"without {version} they open nowhere, nor do the living cases in them; for good")
    print_line(output, "take a fresh dump now, see that it restores, then say the same again with --yes")
    return WRONG


ACTIONS: Final[Mapping[str, Callable[[HubSettings, Console], Coroutine[Any, Any, int]]]] = {
    "status": status_command,
    "rotate": rotate_command,
}


def _cases(remainder: Remainder) -> str:
    return f"{remainder.cases} erased case{'' if remainder.cases == 1 else 's'}"


def _state(version: str, standing: Standing) -> str:
    if version in standing.missing:
        return "  MISSING"
    if version == standing.versions[-1]:
        return "  current"
    return "" if version in standing.counts else "  unused: dumps from before the rotation need it"


def _use(pair: SealPair, seals: tuple[SealPair, ...]) -> str:
    return "  current" if pair == seals[-1] else "  opens what waits under it"


def _age(age: timedelta) -> str:
    return f"{max(age, timedelta(0)) // timedelta(hours=1):>6} h old"
