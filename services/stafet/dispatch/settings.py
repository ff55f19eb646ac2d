"""What dispatch must be told: how much at once, and how patient it is."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class DispatchSettings(BaseSettings):
    """Environment variables with the prefix `STAFET_DISPATCH_`.

    `in_flight` is attempts at once per recipient. `schedule_s` is the wait after each failed attempt, in
    seconds (as JSON in the environment), in place of what the connectors' manifests say; the failure after
    the last one is a dead end. The deadline of one attempt is the transport's.
    """

    model_config = SettingsConfigDict(env_prefix="STAFET_DISPATCH_", frozen=True)

    in_flight: int = Field(default=8, ge=1, le=64)
    schedule_s: tuple[float, ...] | None = Field(default=None, min_length=1)
