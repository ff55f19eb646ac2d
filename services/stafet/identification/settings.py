"""What identification must be told."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class IdentificationSettings(BaseSettings):
    """Environment variables with the prefix `STAFET_IDENTIFICATION_`.

    `rules` is a file of rules, `vocabularies` a folder of them, to use instead of those of the service.
    """

    model_config = SettingsConfigDict(env_prefix="STAFET_IDENTIFICATION_", frozen=True)

    rules: Path | None = None
    vocabularies: Path | None = None
