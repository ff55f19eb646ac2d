"""Audits the ledger of a demo, as `stafet ledger verify` does, with a tree head over all of it."""

from typing import Final

from stafet.vault.app.ledger import Notary
from stafet_cli.demo.report import LedgerFound
from stafet_cli.ledger import fault_text
from stafet_cli.seat import vault_seat
from stafet_runtime.settings import HubSettings
from stafet_runtime.vaultport import VaultUnavailableError

OUTSIDE: Final = "rows stand in no signed tree"


async def check_ledger(settings: HubSettings) -> LedgerFound:
    """Sign a tree head over what was written, and hold every row against keys, chains and tree heads."""
    async with vault_seat(settings) as session:
        notary = Notary(session, settings.home)
        try:
            await notary.sign()
            audit = await notary.verify()
        except VaultUnavailableError as error:
            return LedgerFound(0, (str(error),))
    outside = audit.rows - audit.leaves
    faults = (*map(fault_text, audit.faults), *([f"{outside} {OUTSIDE}"] if outside else []))
    return LedgerFound(audit.rows, faults)
