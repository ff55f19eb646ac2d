"""The composition: the only place that knows the real store, keys and policy file."""

from stafet.vault.adapters.policyfile import load_policy
from stafet.vault.app.local import LocalVault
from stafet.vault.app.session import Session
from stafet.vault.http import router
from stafet.vault.keyfiles import KeyFiles
from stafet.vault.keys import VaultKeys
from stafet.vault.settings import VaultSettings
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import Database
from stafet_runtime.service import Service


def open_session(
    database: Database, clock: Clock, ids: Ids, keys: KeyFiles, settings: VaultSettings
) -> Session:
    """Bring together what the vault works with.

    Raises:
        ValueError: the policy file says something else than a policy.
    """
    return Session(database, clock, ids, VaultKeys(keys, clock), load_policy(settings.policy))


def build(
    database: Database, clock: Clock, ids: Ids, keys: KeyFiles, settings: VaultSettings
) -> tuple[Service, LocalVault]:
    """Compose the vault: the service to run, and the port for services in the same process.

    Raises:
        ValueError: the policy file says something else than a policy.
    """
    vault = LocalVault(open_session(database, clock, ids, keys, settings))
    served = router(vault, settings.token.get_secret_value()) if settings.token else None
    return Service("vault", database, router=served), vault
