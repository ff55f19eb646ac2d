"""Where the policy, and what makes cases alike, are read from."""

from pathlib import Path

from stafet.vault.domain.likeness import Matching, parse_matching
from stafet.vault.policy import Policy, parse_policy
from stafet_runtime.datafiles import load


def load_policy(path: Path | None = None) -> Policy:
    """Read a policy file; without a path, the one that comes with the vault.

    Raises:
        DataError: the file cannot be read, or (PolicyError) is no policy.
    """
    return load(parse_policy, path, "vault", "policy.toml")


def load_matching() -> Matching:
    """Read the file of signs that comes with the vault."""
    return load(parse_matching, None, "vault", "matching.toml")
