"""Where the policy, and what makes cases alike, are read from."""

from importlib import resources
from pathlib import Path

from stafet.vault.domain.likeness import Matching, parse_matching
from stafet.vault.policy import Policy, PolicyError, parse_policy


def load_policy(path: Path | None = None) -> Policy:
    """Read a policy file; without a path, the one that comes with the vault.

    Raises:
        PolicyError: the file cannot be read, or is no policy.
    """
    source = path or resources.files("stafet.vault") / "policy.toml"
    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        raise PolicyError(f"{source.name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise PolicyError(f"{source.name} is no TOML: it is not UTF-8") from None
    return parse_policy(source.name, text)


def load_matching() -> Matching:
    """Read the file of signs that comes with the vault.

    Raises:
        MatchingError: it says something else than signs.
    """
    source = resources.files("stafet.vault") / "matching.toml"
    return parse_matching(source.name, source.read_text(encoding="utf-8"))
