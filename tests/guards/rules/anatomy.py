"""Siblings look alike: the file names a service and a connector may have."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

SERVICE_NEEDS: Final = frozenset({"__init__", "app", "handlers", "ports", "adapters"})
SERVICE_MAY: Final = frozenset({"settings", "subscribers", "http", "domain", "migrations"})
SERVICE_OWN: Final[Mapping[str, frozenset[str]]] = {
    "vault": frozenset({"keys", "keyfiles", "matching", "policy"}),
    "console": frozenset({"static", "templates"}),
    "gateway": frozenset({"collecting", "documents"}),
    "referrals": frozenset({"rules"}),
    "contacts": frozenset({"hours"}),
    "identification": frozenset({"rules", "vocabularies"}),
    "support": frozenset({"rules"}),
    "deadlines": frozenset({"clocks"}),
}
"""What one service alone has, for what it decides: keys and policy, pages, fetching, rules, clocks ..."""

CONNECTOR_NEEDS: Final = frozenset(
    {"__init__", "golden", "manifest", "mapping", "quality", "samples", "simulator"}
)
CONNECTOR_MAY: Final = frozenset({"models", "client"})
CONNECTOR_OWN: Final[Mapping[str, frozenset[str]]] = {
    "immigration": frozenset({"codes", "fields", "items", "openapi", "polling", "wire"}),
    "police": frozenset(
        {
            "addressing",
            "codes",
            "documents",
            "fields",
            "files",
            "form",
            "inbound",
            "messages",
            "outbound",
            "questions",
            "receipts",
            "schema",
            "wording",
            "wsdl",
        }
    ),
    "redcross": frozenset({"fetching", "referring", "stepping"}),
    "shelter": frozenset({"cells", "receipts", "tables", "workbooks"}),
}
"""The police speak SOAP with a form inside, shelters send tables, immigration has a list of changes, the Red
Cross fetches, refers and reports steps."""
PARTS: Final = frozenset({"samples", "simulator"})
"""Files that may be several: `simulator_<part>.py` beside `simulator.py`, samples likewise."""


def strangers(name: str, folder: Iterable[Path], needs: frozenset[str], may: frozenset[str]) -> list[str]:
    """Name what a folder lacks and what it has under a name of its own, data files by their stem."""
    stems = {each.stem for each in folder if each.name != "__pycache__" and not each.name.startswith(".")}
    stems = {stem for stem in stems if stem.partition("_")[0] not in PARTS or stem in PARTS}
    lacking = [f"{name} lacks {stem}" for stem in sorted(needs - stems)]
    return lacking + [f"{name}/{stem}: siblings have no such file" for stem in sorted(stems - needs - may)]
