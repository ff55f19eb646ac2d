"""Places: what a ciphertext is bound to, so that it opens nowhere else."""

from stafet_schemas.groups import Group


def value_place(record: str, version: int, case: str, group: Group) -> tuple[str, ...]:
    """Name the place of one group's values in one version of a record."""
    return ("value", record, str(version), case, group)


def message_place(record: str, case: str) -> tuple[str, ...]:
    """Name the place of the raw message that a record was made from."""
    return ("message", record, case)


def alias_place(case: str, agency: str) -> tuple[str, ...]:
    """Name the place of an agency's reference of a case."""
    return ("alias", case, agency)
