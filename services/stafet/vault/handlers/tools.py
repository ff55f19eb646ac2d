"""What every operation of the vault is handed."""

from dataclasses import dataclass

from stafet.vault.ports.consents import Consents
from stafet.vault.ports.keys import Keys
from stafet.vault.ports.kinships import Kinships
from stafet.vault.ports.store import Store
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.outbox import Outbox


class RaceLostError(Exception):
    """Another transaction registered the same message or reference first: roll back and start again."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The ports of one transaction."""

    store: Store
    consents: Consents
    kinships: Kinships
    keys: Keys
    outbox: Outbox
    clock: Clock
    ids: Ids
