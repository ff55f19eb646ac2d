"""Who asks to be shown something in tests, and what stands about it in the vault's tables."""

from dataclasses import replace
from typing import Any, Final

from stafet.vault.app.build import open_session
from stafet.vault.app.session import Session
from stafet.vault.domain.reveal import PERSON, REVEAL, Ask, Judgement
from stafet.vault.handlers.granting import Granted
from stafet.vault.keyfiles import KeyFiles
from stafet.vault.settings import VaultSettings
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import Database
from stafet_schemas.groups import Group

WHY: Final = "Zorabelle called the hotline"
BY: Final = "k.testgaard"
OTHER: Final = "s.secondsen"
ASK: Final = Ask(REVEAL, "caseworker", "support", WHY, BY, frozenset({"identity"}))


def ask(**changes: Any) -> Ask:  # noqa: ANN401 - fields differ
    """Ask for the identity as a caseworker; `changes` replace fields."""
    return replace(ASK, **changes)


def ask_who() -> Ask:
    """Ask who a pseudonym is."""
    return ask(part=PERSON, groups=frozenset())


def break_glass(**changes: Any) -> Ask:  # noqa: ANN401 - fields differ
    """Ask for the narrative, which a caseworker may not see, in danger."""
    words = {"groups": frozenset({"narrative"}), "purpose": "safety", "break_glass": True}
    return ask(**{**words, **changes})


def judged(**changes: Any) -> Judgement:  # noqa: ANN401 - fields differ
    """Judge as a supervisor who is somebody else."""
    return replace(Judgement("justified", "supervisor", OTHER), **changes)


def session_of(database: Database, clock: Clock, ids: Ids, keys: KeyFiles) -> Session:
    """Open the same vault once more, as a command does."""
    return open_session(database, clock, ids, keys, VaultSettings())


def granted(outcome: object) -> Granted:
    """Expect that it was granted."""
    assert isinstance(outcome, Granted)
    return outcome


def names(outcome: object) -> dict[Group, set[str]]:
    """Name the fields that were shown, by group."""
    return {group: set(fields) for each in granted(outcome).records for group, fields in each.values.items()}
