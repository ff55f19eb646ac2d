"""The contacts on PostgreSQL, and the file of opening hours."""

from importlib import resources
from pathlib import Path
from typing import Final

from stafet.contacts.domain.hours import Hours, HoursError, parse_hours
from stafet_runtime.casebook import Casebook
from stafet_runtime.database import Connection
from stafet_schemas.event import Event

HOURS: Final = "hours.toml"


def contacts(connection: Connection) -> Casebook:
    """Open the contacts of a transaction: each is a matter of its own."""
    return Casebook(connection, _contact)


def load_hours(path: Path | None = None) -> Hours:
    """Read a file of opening hours; without a path, the one that comes with the service.

    Raises:
        HoursError: the file cannot be read, or says something else than hours.
    """
    source = path or resources.files("stafet.contacts") / HOURS
    try:
        return parse_hours(source.name, source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise HoursError(f"{source.name} cannot be read ({type(error).__name__})") from None


def _contact(event: Event) -> str | None:
    contact: str | None = getattr(event.data, "contact", None)
    return contact
