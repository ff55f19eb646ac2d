"""What deadlines must be told."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class DeadlinesSettings(BaseSettings):
    """Environment variables with the prefix `STAFET_DEADLINES_`.

    `clocks` is a file of clocks to use instead of the one that comes with the service.
    """

    model_config = SettingsConfigDict(env_prefix="STAFET_DEADLINES_", frozen=True)

    clocks: Path | None = None
