"""Naming: each recipient's own pseudonym of a person, and the way back, which the hub alone has."""

from stafet.vault.handlers.tools import Tools
from stafet.vault.ports.keys import Keys, LockedKey


def person_index(recipient: str, person: str, keys: Keys) -> bytes:
    """Return the blind index of a pseudonym; an agency's own reference never has the same."""
    return keys.fingerprint(f"person of {recipient}", person)


async def name_person(recipient: str, key: LockedKey, tools: Tools, *, known: bool) -> str:
    """Name a case's person to a recipient; the first time, keep the way back."""
    person = tools.keys.open_case(key).person(recipient)
    if not known:
        await tools.store.name(recipient, person_index(recipient, person, tools.keys), key.case)
    return person
