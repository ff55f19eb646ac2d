"""Words that tie the project to a machine or a registry's host, in pieces, so as not to be found here."""

import re
from typing import Final

HOSTS: Final = (
    "pypi org",
    "files pythonhosted org",
    "repo1 maven org",
    "repo maven apache org",
    "maven google com",
    "registry npmjs org",
    "static crates io",
    "proxy golang org",
    "rubygems org",
)
REGISTRIES: Final = re.compile("|".join(re.escape(each.replace(" ", ".")) for each in HOSTS))

TOPS: Final = ("work", "root", r"home/[\w.-]+", "Users")
MACHINE: Final = re.compile(rf"(?<![\w.<>{{}}~-])/({'|'.join(TOPS)})/")

PINNED: Final = re.compile(
    r"^\s*(--(?:index-url|extra-index-url|find-links|trusted-host)\b|.*://)", re.MULTILINE
)
"""A line of a requirements file that says where from, instead of what."""


def registry_hosts(text: str) -> list[str]:
    """Find host names of package registries."""
    return [found.group(0) for found in REGISTRIES.finditer(text)]


def machine_paths(text: str) -> list[str]:
    """Find absolute paths of somebody's machine."""
    return [found.group(0) for found in MACHINE.finditer(text)]


def pinned_hosts(text: str) -> list[str]:
    """Find lines of a requirements file that name an index or a URL; comments do not count."""
    lines = "\n".join(line.partition("#")[0] for line in text.splitlines())
    return [found.group(0).strip() for found in PINNED.finditer(lines)]
