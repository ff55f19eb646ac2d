"""Small policies as text: one receiver, `house`, in which one organisation, `home`, stands."""

from typing import Final

from stafet_schemas.groups import Group

CELL: Final = 'citation = "law", valid_from = 2026-01-01'
EMPTY: Final = 'version = "1"\n'
NAMES: Final = {group: '["a", "b"]' if group is Group.ROUTING else f'["{group[0]}"]' for group in Group}
MANDATE: Final = f"""
[[organisations.home.mandates]]
receiver = "house"
identify = false
services = []
{CELL.replace(", ", chr(10))}
"""
"""In force without an end."""


def text(*, version: str = "1", mandate_to: str = "") -> str:
    """Write a policy in which `home` always sees routing (fields a, b) and nothing else."""
    ends = f"valid_to = {mandate_to}\n" if mandate_to else ""
    marks = {group: "A" if group is Group.ROUTING else "-" for group in Group}
    return "\n".join(
        (
            f'version = "{version}"',
            "[fields]",
            *(f"{group} = {names}" for group, names in NAMES.items()),
            f'[purposes]\nhelp = "Help"\n[status]\nmark = "A"\n{CELL.replace(", ", chr(10))}',
            '[receivers.house]\nrow = "House"\nrule = "Only what it needs"\npurposes = ["help"]',
            "[receivers.house.cells]",
            *(f'{group} = [{{ mark = "{mark}", {CELL} }}]' for group, mark in marks.items()),
            '[organisations.home]\nname = "Home"',
            f"{MANDATE}{ends}",
        )
    )


def changed(group: str, cells: str) -> str:
    """Write the same policy with other cells for one group."""
    lines = text().splitlines()
    where = next(number for number, line in enumerate(lines) if line.startswith(f"{group} = [{{"))
    lines[where] = f"{group} = [{cells}]"
    return "\n".join(lines)
