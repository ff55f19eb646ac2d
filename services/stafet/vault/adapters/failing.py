"""What a database that is away means to those who call the vault."""

from collections.abc import Generator
from contextlib import contextmanager

from stafet_runtime.database import DATABASE_DOWN
from stafet_runtime.vaultport import VaultUnavailableError


@contextmanager
def fail_closed() -> Generator[None]:
    """Turn a database that is away into `VaultUnavailableError`, without the driver's words."""
    try:
        yield
    except DATABASE_DOWN as error:
        if isinstance(error, ValueError):  # the driver's word for a wrong argument: a bug, not a wait
            raise
        what = f"the vault's database does not answer ({type(error).__name__})"
        raise VaultUnavailableError(
            f"{what}: check STAFET_POSTGRES and `stafet doctor`, then try again"
        ) from None
