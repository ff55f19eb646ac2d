"""What the referrals must be told."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class ReferralsSettings(BaseSettings):
    """Environment variables with the prefix `STAFET_REFERRALS_`.

    `rules` is a file of routing rules to use instead of the one that comes with the service.
    """

    model_config = SettingsConfigDict(env_prefix="STAFET_REFERRALS_", frozen=True)

    rules: Path | None = None
