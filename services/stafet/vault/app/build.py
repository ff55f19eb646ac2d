"""The composition: the only place that knows the real store, keys and policy file."""

from pathlib import Path

from stafet.vault.adapters.datafiles import load_matching, load_policy
from stafet.vault.adapters.providers import open_provider
from stafet.vault.app.consents import ConsentBook
from stafet.vault.app.keys import KeyMaster
from stafet.vault.app.ledger import Notary
from stafet.vault.app.local import LocalVault
from stafet.vault.app.session import Session
from stafet.vault.http import router
from stafet.vault.keyfiles import KeyFiles
from stafet.vault.keys import VaultKeys
from stafet.vault.settings import VaultSettings
from stafet.vault.subscribers import subscription
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import Database
from stafet_runtime.service import Service


def open_session(
    database: Database, clock: Clock, ids: Ids, keys: KeyFiles, settings: VaultSettings
) -> Session:
    """Bring together what the vault works with.

    Raises:
        VaultUnavailableError: key-encryption keys are out of reach.
        ValueError: the policy file says something else than a policy.
    """
    held = VaultKeys(keys, open_provider(keys.folder, settings), clock)
    return Session(database, clock, ids, held, load_policy(settings.policy), load_matching())


def build(session: Session, home: Path, settings: VaultSettings) -> tuple[Service, LocalVault]:
    """Compose the vault: the service to run, and the port for services in the same process.

    `home` is where tree heads go.

    Raises:
        VaultUnavailableError: no key-encryption key wraps.
    """
    vault, master = LocalVault(session), KeyMaster(session)
    master.check()
    served = router(vault, settings.token.get_secret_value()) if settings.token else None
    tasks = (master.sweep, ConsentBook(session).sweep, Notary(session, home).work)
    return Service("vault", session.database, subscription(), served, tasks), vault
