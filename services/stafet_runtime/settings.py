"""What a process must be told: where the log and the database are, and where its files live."""

from pathlib import Path

import platformdirs
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

SERVICES = ("gateway", "vault", "referrals", "dispatch", "console")


class HubSettings(BaseSettings):
    """Environment variables with the prefix `STAFET_`; every default is for one machine without a container.

    `kafka` is a bootstrap list, `postgres` a DSN; both empty means the embedded servers. `home` holds keys,
    partners and logs. `topic_prefix` lets several hubs share a cluster.
    """

    model_config = SettingsConfigDict(env_prefix="STAFET_", frozen=True)

    kafka: str = ""
    postgres: str = ""
    home: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("stafet")))
    topic_prefix: str = ""
    replication: int = Field(default=1, ge=1)
    otlp: str = ""
    batch: int = Field(default=500, ge=1, le=5000)
    poll_ms: int = Field(default=10, ge=1, le=1000)
