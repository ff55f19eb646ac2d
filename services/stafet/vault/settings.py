"""What the vault must be told."""

from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class VaultSettings(BaseSettings):
    """Environment variables with the prefix `STAFET_VAULT_`.

    `token` is what other services show to be let in; without it the vault serves its own process only.
    `policy` is a policy file to use instead of the one that comes with the vault.
    `keys` says where key-encryption keys live: in files of the hub's home, or in what `pkcs11_module` (the
    library of a hardware security module) has under the label `pkcs11_token` behind `pkcs11_pin`.
    """

    model_config = SettingsConfigDict(env_prefix="STAFET_VAULT_", frozen=True)

    token: SecretStr | None = None
    policy: Path | None = None
    keys: Literal["files", "pkcs11"] = "files"
    pkcs11_module: Path | None = None
    pkcs11_token: str = "stafet"  # noqa: S105 - the label of a device
    pkcs11_pin: SecretStr | None = None
