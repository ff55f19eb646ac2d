"""What `stafet connector check --fix` repairs: lines that are missing, their order, a page that is not there.

Nothing that somebody wrote is changed or lost: lines are added, sections are moved whole.
"""

import re
import tomllib
from typing import Any, Final

from stafet_cli.connector_folder import Folder
from stafet_sdk.certification.quality import FILE as QUALITY
from stafet_sdk.certification.tiers import wanted_lines

HEAD: Final = "# What people vouch for: done | todo | exempt, with a comment for what is not done.\n"
ADDED: Final = '{ status = "todo", comment = "not done yet" }'

_HEADER: Final = re.compile(r"\[([a-z]+)\][ \t]*(#.*)?\n?")


def fix(folder: Folder) -> list[str]:
    """Repair what can be, and say what was done."""
    return [*_fix_quality(folder), *_fix_page(folder)]


def mended(text: str) -> str:
    """Add missing lines to a quality.toml and put its sections in order.

    Raises:
        tomllib.TOMLDecodeError: it is no TOML.
    """
    before: dict[str, Any] = tomllib.loads(text)
    head, blocks = _blocks(text)
    for section, names in wanted_lines().items():
        missing = [name for name in names if name not in before.get(section, {})]
        if section not in blocks:
            blocks[section] = f"[{section}]\n"
        if missing:
            added = "".join(f"{name} = {ADDED}\n" for name in missing)
            blocks[section] = blocks[section].rstrip("\n") + "\n" + added
    order = [*wanted_lines(), *(section for section in blocks if section not in wanted_lines())]
    parts = [head.rstrip("\n"), *(blocks[section].rstrip("\n") for section in order)]
    after = "\n\n".join(part for part in parts if part) + "\n"
    return (
        after.replace(f"{head.rstrip(chr(10))}\n\n[", f"{head.rstrip(chr(10))}\n[", 1)
        if head.strip()
        else after
    )


def _fix_quality(folder: Folder) -> list[str]:
    file = folder.path / QUALITY
    text = file.read_text(encoding="utf-8") if file.exists() else HEAD
    try:
        after = mended(text)
    except tomllib.TOMLDecodeError:
        return []
    if not _complete(text) or not file.exists():
        file.write_text(after, encoding="utf-8")
        return [f"{QUALITY}: lines added, sections in order"]
    return []


def _fix_page(folder: Folder) -> list[str]:
    try:
        manifest = folder.manifest
    except (OSError, ValueError):
        return []
    if folder.root is None:
        return []
    page = (folder.root / manifest.docs).resolve()
    if page.exists() or not page.is_relative_to(folder.root.resolve()):
        return []
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(_stub(manifest.name, manifest.agency, manifest.keys), encoding="utf-8")
    return [f"{manifest.docs}: begun, to be written"]


def _complete(text: str) -> bool:
    found: dict[str, Any] = tomllib.loads(text)
    wanted = wanted_lines()
    order = [section for section in found if section in wanted]
    lines = all(name in found.get(section, {}) for section, names in wanted.items() for name in names)
    return lines and order == [section for section in wanted if section in found]


def _blocks(text: str) -> tuple[str, dict[str, str]]:
    """Cut a file before each header of a section; comments right above a header belong to its section."""
    head: list[str] = []
    blocks: dict[str, list[str]] = {}
    at = head
    for line in text.splitlines(keepends=True):
        header = _HEADER.fullmatch(line)
        if header:
            above: list[str] = []
            while at and at[-1].startswith("#") and (at is not head or _apart(at)):
                above.insert(0, at.pop())
            at = blocks.setdefault(header.group(1), [])
            at += above
        at.append(line)
    return "".join(head), {section: "".join(lines) for section, lines in blocks.items()}


def _apart(head: list[str]) -> bool:
    """Say whether the last comment of the head is apart from the file's own by an empty line."""
    return any(not line.strip() for line in head)


def _stub(name: str, agency: str, keys: tuple[str, ...]) -> str:
    asked = "\n".join(f"- `{key}`: what it is, and who makes it" for key in keys)
    return (
        f"# Connect {name}\n\n"
        f"What is agreed with {name}, and who is asked when something is wrong.\n\n"
        f"## Files\nBelow `partners/{agency}/`:\n{asked}\n\n"
        "## Change a key\nBoth are known during the overlap; say how, and how to see that it is over.\n\n"
        "## When something is wrong\nWhat an operator sees, and what to do.\n"
    )
