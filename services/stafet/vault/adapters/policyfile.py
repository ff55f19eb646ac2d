"""Where the policy is read from."""

from importlib import resources
from pathlib import Path

from stafet.vault.policy import Policy, parse_policy


def load_policy(path: Path | None = None) -> Policy:
    """Read a policy file; without a path, the one that comes with the vault.

    Raises:
        ValueError: the file cannot be read, or is no policy.
    """
    source = path or resources.files("stafet.vault") / "policy.toml"
    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{source.name} cannot be read: {error.strerror}") from None
    return parse_policy(source.name, text)
