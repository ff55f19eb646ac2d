"""What a process must be told: where the log and the database are, where its files live, where it listens."""

from pathlib import Path

import platformdirs
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

SERVICES = (
    "gateway", "vault", "referrals", "identification", "support", "deadlines", "contacts", "dispatch",
    "console",
)  # fmt: skip


class HubSettings(BaseSettings):
    """Environment variables with the prefix `STAFET_`; every default is for one machine without a container.

    `kafka` is a bootstrap list, `postgres` a DSN; empty means the embedded server. `home` holds keys,
    partners and logs. `topic_prefix` lets several hubs share a cluster. `instance` names this process among
    those of the same services, the same over its restarts: killed and started again, it reads on at once
    instead of after Kafka's session time-out. `host` is where all ports listen;
    `gateway_port` is what faces the agencies, of the gateway and of dispatch.
    `vault_url` (https) and `vault_token` lead to a vault in another process; `console_password` is the
    operator's; secrets that are not given are read from files in `home`. `otlp` is a full traces URL.
    """

    model_config = SettingsConfigDict(env_prefix="STAFET_", frozen=True)

    kafka: str = ""
    postgres: str = ""
    home: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("stafet")))
    topic_prefix: str = ""
    instance: str = ""
    replication: int = Field(default=1, ge=1)
    otlp: str = ""
    batch: int = Field(default=500, ge=1, le=5000)
    host: str = "127.0.0.1"
    gateway_port: int = Field(default=8443, ge=0, le=65535)
    console_port: int = Field(default=8480, ge=0, le=65535)
    vault_port: int = Field(default=8444, ge=0, le=65535)
    health_port: int = Field(default=8481, ge=0, le=65535)
    vault_url: str = ""
    vault_token: SecretStr | None = None
    console_password: SecretStr | None = Field(default=None, min_length=12)
