"""The routing rules' file: the one that comes with the service, or the operator's own."""

from importlib import resources
from pathlib import Path
from typing import Final

from stafet.referrals.domain.routing import Rules, RulesError, parse_rules

RULES: Final = "rules.toml"


def load_rules(path: Path | None = None) -> Rules:
    """Read a file of rules; without a path, the one that comes with the service.

    Raises:
        RulesError: the file cannot be read, or says something else than rules.
    """
    source = path or resources.files("stafet.referrals") / RULES
    try:
        return parse_rules(source.name, source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(f"{source.name} cannot be read ({type(error).__name__})") from None
