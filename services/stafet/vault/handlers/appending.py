"""Append: take a chain of the ledger and add a row to it, provable from now on."""

from stafet.vault.domain.ledger import CASE, HUB, NO_CASE, Entry, mark
from stafet.vault.domain.zones import GDPR
from stafet.vault.handlers.tools import Tools
from stafet.vault.ports.keys import LockedKey
from stafet.vault.ports.store import Head


async def lock(case: str | None, tools: Tools) -> tuple[str, Head]:
    """Take a case's chain until the end of the transaction, or that of all rows that have no case."""
    lanes = (NO_CASE,) if case is None else (case, NO_CASE)
    for lane in lanes:
        head = await tools.store.lock(lane)
        if head is not None:
            return lane, head
    raise LookupError(f"the ledger's lane {NO_CASE!r} is missing: run the migrations of the vault")


async def append(entry: Entry, previous: bytes, key: LockedKey | None, tools: Tools) -> None:
    """Add a row at the end of its locked chain, after the row of hash `previous`.

    Its digest is keyed by the case, as long as the case has a key.

    Raises:
        VaultUnavailableError: the case's key does not open.
    """
    if key is not None and key.zone(GDPR):
        keyed, row_key = CASE, tools.keys.open_case(key).row_key(entry.disclosure)
    else:
        keyed, row_key = HUB, tools.keys.row_key(entry.disclosure)
    await tools.store.append(entry, mark(entry, previous, keyed, row_key, tools.keys.stamps))
