"""Entry points in a pyproject.toml of somebody else: added where they belong, nothing else touched."""

from collections.abc import Mapping


class BadOrderError(ValueError):
    """Nothing can be scaffolded like that; the message says what to do."""


def with_points(pyproject: str, agency: str, points: Mapping[str, str]) -> str:
    """Add an agency's entry points, by group, to the text of a pyproject.toml, each at the end of its group.

    Raises:
        BadOrderError: a group is not there.
    """
    lines = pyproject.splitlines(keepends=True)
    for group, value in points.items():
        header = f'[project.entry-points."{group}"]\n'
        if header not in lines:
            raise BadOrderError(f"pyproject.toml has no {header.strip()}: write it there, with nothing below")
        end = lines.index(header) + 1
        while end < len(lines) and lines[end].strip() and not lines[end].startswith("["):
            end += 1
        lines.insert(end, f'{agency} = "{value}"\n')
    return "".join(lines)
