"""Field groups: which kind of fact a field is, written on every field of every event.

Source: the disclosure matrix of the design (default deny). Facts of the *coded* groups may travel in events
under the case pseudonym; values of the *vault-only* groups may not, not even encrypted.
"""

from enum import StrEnum
from typing import Any

from pydantic import Field


class Group(StrEnum):
    """One column of the disclosure matrix."""

    ROUTING = "routing"
    RESIDENCE = "residence"
    EXPLOITATION = "exploitation"
    SUPPORT = "support"
    STATISTICS = "statistics"
    IDENTITY = "identity"
    CONTACT = "contact"
    NARRATIVE = "narrative"
    HEALTH = "health"
    PERPETRATOR = "perpetrator"
    CHILD = "child"


VAULT_ONLY = frozenset(
    {Group.IDENTITY, Group.CONTACT, Group.NARRATIVE, Group.HEALTH, Group.PERPETRATOR, Group.CHILD}
)
CODED = frozenset(Group) - VAULT_ONLY

GROUP_KEYWORD = "x-group"
CODELIST_KEYWORD = "x-codelist"


def mark(group: Group, *, codelist: str | None = None) -> Any:  # noqa: ANN401 - pydantic types FieldInfo as Any
    """Annotate a field with its group and, where its value is a code, with the list that names the codes."""
    extra: dict[str, Any] = {GROUP_KEYWORD: group.value}
    if codelist is not None:
        extra[CODELIST_KEYWORD] = codelist
    return Field(json_schema_extra=extra)


ROUTING = mark(Group.ROUTING)
