"""What the vault must be told."""

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class VaultSettings(BaseSettings):
    """Environment variables with the prefix `STAFET_VAULT_`.

    `token` is what other services show to be let in; without it the vault serves its own process only.
    `policy` is a policy file to use instead of the one that comes with the vault.
    """

    model_config = SettingsConfigDict(env_prefix="STAFET_VAULT_", frozen=True)

    token: SecretStr | None = None
    policy: Path | None = None
