"""Rekey: wrap the data keys of all cases under a new key-encryption key; no record changes."""

from dataclasses import dataclass
from typing import Final

from stafet.vault.ports.keys import CaseKeys, KeyProvider, Keys
from stafet_runtime.vaultport import VaultUnavailableError

AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Turn:
    """The version that all data keys go under; `resumed` says that an earlier turn was cut off."""

    version: str
    resumed: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """The versions there are, the current one last, and how many data keys are under each that has any."""

    versions: tuple[str, ...]
    counts: dict[str, int]

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
    return Standing(tuple(provider.versions), await stored.census())


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
