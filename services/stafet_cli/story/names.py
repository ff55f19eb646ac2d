"""Names that people use, and the codes they stand for."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from stafet_cli.story.errors import StoryError
from stafet_runtime.danish import COPENHAGEN
from stafet_schemas.codes import AGENCIES
from stafet_schemas.groups import Group
from stafet_sdk.draft import Value

NAMES: Final = {
    "red cross": "redcross",
    "immigration service": "immigration",
    "tax agency": "tax",
    "labour inspectors": "labour_inspection",
    "coordinator": "cmm",
}

FIELDS: Final[dict[str, tuple[Group, str]]] = {
    **{
        name: (Group.ROUTING, name)
        for name in ("priority", "age_group", "sex", "language", "interpreter", "risk", "safe_contact")
    },
    "operation": (Group.ROUTING, "operation"),
    "residence": (Group.RESIDENCE, "status"),
    "exploitation": (Group.EXPLOITATION, "types"),
    **{
        name: (Group.IDENTITY, name)
        for name in ("first_name", "last_name", "birth_date", "nationality", "person_number")
    },
    **{name: (Group.CONTACT, name) for name in ("phone", "email", "address", "workplace", "destination")},
    "account": (Group.NARRATIVE, "text"),
    "care_needs": (Group.HEALTH, "care_needs"),
    "employer": (Group.PERPETRATOR, "employer"),
    "safety_warning": (Group.PERPETRATOR, "safety_warning"),
    "family": (Group.CHILD, "family"),
}
"""What a story may say of a person, and the field it is."""


def code(words: str) -> str:
    """Make a code of words: `no capacity` becomes `no_capacity`."""
    return words.strip().lower().replace(" ", "_")


def agency(words: str) -> str:
    """Return the code of an agency.

    Raises:
        StoryError: there is no such agency.
    """
    found = NAMES.get(words.strip().lower()) or code(words)
    if found not in AGENCIES.codes:
        raise StoryError(f"there is no agency {words}")
    return found


def several(words: str) -> tuple[str, ...]:
    """Take a list apart: `identity, contact and health`."""
    return tuple(code(each) for each in words.replace(" and ", ",").split(",") if each.strip())


def moment(text: str) -> datetime:
    """Read a time in Danish time; a day alone is its noon."""
    form = "%Y-%m-%d %H:%M" if " " in text else "%Y-%m-%d"
    read = datetime.strptime(text, form)  # noqa: DTZ007 - it gets its zone below
    return (read if " " in text else read.replace(hour=12)).replace(tzinfo=COPENHAGEN)


def day(text: str) -> date:
    """Read a day."""
    return date.fromisoformat(text)


def values(rows: Iterable[tuple[str, ...]]) -> dict[Group, dict[str, Value]]:
    """Read a table of what is known of a person.

    Raises:
        StoryError: a row is about something that no agency can send.
    """
    found: dict[Group, dict[str, Value]] = {}
    for label, said in rows:
        if code(label) not in FIELDS:
            raise StoryError(f"no field is called {label}")
        group, name = FIELDS[code(label)]
        value: Value = {"yes": True, "no": False}.get(said, said)
        found.setdefault(group, {})[name] = list(several(said)) if name == "types" else value
    return found
