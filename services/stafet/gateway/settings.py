"""What the gateway must be told."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from stafet_sdk.xml import MAX_BYTES


class GatewaySettings(BaseSettings):
    """Environment variables with the prefix `STAFET_GATEWAY_`.

    `max_body_bytes` is the largest message, at most what the vault takes (4 MiB); `body_seconds` is how long
    it may take to arrive, `store_seconds` how long to be committed before the sender is told to try again.
    `document_hours` is how long one half of a document, the message or its file, waits for the other.
    """

    model_config = SettingsConfigDict(env_prefix="STAFET_GATEWAY_", frozen=True)

    max_body_bytes: int = Field(default=MAX_BYTES, ge=1024, le=4 * 1024 * 1024)
    body_seconds: float = Field(default=30.0, gt=0)
    store_seconds: float = Field(default=10.0, gt=0)
    document_hours: float = Field(default=24.0, gt=0)
