"""Rekey: wrap the data keys of all cases under a new key-encryption key; no record changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from stafet.vault.ports.keys import CaseKeys, KeyProvider, Keys, Remainder
from stafet_runtime.vaultport import VaultUnavailableError

AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Turn:
    """The version that all data keys go under; `resumed` says that an earlier turn was cut off."""

    version: str
    resumed: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """The versions there are, the current one last, and how many data keys are under each that has any.

    `remainders` are the erased cases that dumps open as long as a version that is there is not retired.
    """

    versions: tuple[str, ...]
    counts: dict[str, int]
    remainders: tuple[Remainder, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Name the versions that data keys are under, and that are not there."""
        return tuple(sorted(set(self.counts) - set(self.versions)))

    @property
    def stale(self) -> int:
        """Count the data keys under another version than the current one."""
        return sum(self.counts.values()) - (self.counts.get(self.versions[-1], 0) if self.versions else 0)


async def stand(*, stored: CaseKeys, provider: KeyProvider) -> Standing:
    """Say where the keys stand."""
    versions = tuple(provider.versions)
    remainders = tuple(each for each in await stored.remainders() if each.version in versions)
    return Standing(versions, await stored.census(), remainders)


async def fence(version: str, at: datetime, *, stored: CaseKeys, provider: KeyProvider) -> None:
    """See to it that no data key is under a version, nor comes under it after the commit.

    Raises:
        VaultUnavailableError: see `check`.
    """
    check(version, await stand(stored=stored, provider=provider))
    if not await stored.fence(version, at):
        raise VaultUnavailableError(_used(version))


def check(version: str, standing: Standing) -> None:
    """Say whether a version may be retired.

    Raises:
        VaultUnavailableError: it is not there, or the newest, or data keys are under it.
    """
    if version not in standing.versions:
        raise VaultUnavailableError(f"no key-encryption key {version}: `stafet keys` lists those there are")
    if version == standing.versions[-1]:
        raise VaultUnavailableError(f"{version} is the newest: run `stafet keys rotate` first")
    if standing.counts.get(version):
        raise VaultUnavailableError(_used(version))


async def begin(*, stored: CaseKeys, provider: KeyProvider) -> Turn:
    """Make a new version, unless data keys are still under an older one than the current.

    Raises:
        VaultUnavailableError: data keys are under a version that is not there: another would hide the loss.
    """
    standing = await stand(stored=stored, provider=provider)
    if standing.missing:
        names = ", ".join(standing.missing)
        raise VaultUnavailableError(
            f"data keys are wrapped under {names}, which is not there: put it back, then rotate"
        )
    if standing.stale:
        return Turn(standing.versions[-1], resumed=True)
    return Turn(provider.rotate(), resumed=False)


async def rewrap(*, stored: CaseKeys, provider: KeyProvider, keys: Keys) -> int:
    """Wrap some data keys under the current version; return how many, 0 when all are.

    Raises:
        VaultUnavailableError: one does not open.
    """
    taken = await stored.stale(provider.versions[-1], AT_ONCE)
    await stored.replace([(case, keys.rewrap(case, key)) for case, key in taken])
    return len(taken)


def _used(version: str) -> str:
    return f"data keys are under {version}: run `stafet keys rotate` first"
