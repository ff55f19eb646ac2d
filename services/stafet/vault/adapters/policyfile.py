"""Where the policy is read from."""

from importlib import resources
from pathlib import Path

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
