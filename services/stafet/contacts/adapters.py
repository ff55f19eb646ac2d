"""The contacts on PostgreSQL, and the file of opening hours."""

from pathlib import Path
from typing import Final

from stafet.contacts.domain.hours import Hours, parse_hours
from stafet_runtime.casebook import Casebook
from stafet_runtime.database import Connection
from stafet_runtime.datafiles import load
from stafet_schemas.event import Event

HOURS: Final = "hours.toml"


def contacts(connection: Connection) -> Casebook:
    """Open the contacts of a transaction: each is a matter of its own."""
    return Casebook(connection, _contact)


def load_hours(path: Path | None = None) -> Hours:
    """Read a file of opening hours; see `stafet_runtime.datafiles.load`."""
    return load(parse_hours, path, "contacts", HOURS)


def _contact(event: Event) -> str | None:
    contact: str | None = getattr(event.data, "contact", None)
    return contact
