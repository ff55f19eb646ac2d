"""Append: add a row to the ledger, provable from now on."""

from stafet.vault.domain.ledger import CASE, HUB, Entry, mark
from stafet.vault.domain.zones import GDPR
from stafet.vault.handlers.tools import Tools
from stafet.vault.ports.keys import LockedKey


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
    await tools.store.append(entry, mark(entry, previous, keyed, row_key, tools.keys.stamp_key))
