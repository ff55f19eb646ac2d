"""What support must be told."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class SupportSettings(BaseSettings):
    """Environment variables with the prefix `STAFET_SUPPORT_`.

    `rules` is a file of rules to use instead of the one that comes with the service.
    """

    model_config = SettingsConfigDict(env_prefix="STAFET_SUPPORT_", frozen=True)

    rules: Path | None = None
