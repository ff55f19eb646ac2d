"""The routing rules' file: the one that comes with the service, or the operator's own."""

from pathlib import Path
from typing import Final

from stafet.referrals.domain.routing import Rules, parse_rules
from stafet_runtime.datafiles import load

RULES: Final = "rules.toml"


def load_rules(path: Path | None = None) -> Rules:
    """Read a file of rules; see `stafet_runtime.datafiles.load`."""
    return load(parse_rules, path, "referrals", RULES)
