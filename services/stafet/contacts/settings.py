"""What the contacts must be told."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class ContactsSettings(BaseSettings):
    """Environment variables with the prefix `STAFET_CONTACTS_`.

    `hours` is a file of opening hours to use instead of the one that comes with the service.
    """

    model_config = SettingsConfigDict(env_prefix="STAFET_CONTACTS_", frozen=True)

    hours: Path | None = None
