"""What the console must be told: who may look, for whom they enter, and how times are shown."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from stafet_schemas.codes import COORDINATOR


class ConsoleSettings(BaseSettings):
    """Environment variables with the prefix `STAFET_CONSOLE_`. The password has no default on purpose.

    `coordinator` is the agency that reports what is entered here without naming another.
    `timezone` is an IANA name; `page` is cases per list page, `steps` the newest events on a case's page,
    `trace_steps` those given as JSON; `wanted` the rows of what needs somebody now;
    `heartbeat_s` is the time between two signs of life of a live page.
    """

    model_config = SettingsConfigDict(env_prefix="STAFET_CONSOLE_", frozen=True)

    coordinator: str = Field(default=COORDINATOR, pattern=r"^[a-z][a-z0-9_]{0,63}$")
    operator: str = Field(default="operator", pattern=r"^[^:\s]{1,64}$")
    password: SecretStr = Field(min_length=12)
    timezone: str = "Europe/Copenhagen"
    page: int = Field(default=50, ge=1, le=500)
    steps: int = Field(default=500, ge=10, le=10_000)
    trace_steps: int = Field(default=5_000, ge=10, le=50_000)
    wanted: int = Field(default=200, ge=1, le=2_000)
    heartbeat_s: float = Field(default=15.0, gt=0)
