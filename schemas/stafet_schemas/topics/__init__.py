"""Every topic of the hub: one TOML file each beside this module, read into `Topic`."""

import tomllib
from functools import cache
from importlib import resources
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Topic(BaseModel):
    """What the migration step creates and what the guard tests hold; retention in days, sizes in bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^stafet-[a-z]+-v[0-9]+$")]
    description: Annotated[str, Field(min_length=20)]
    owner: str
    producers: Annotated[tuple[str, ...], Field(min_length=1)]
    consumers: Annotated[tuple[str, ...], Field(min_length=1)]
    key: str
    partitions: Annotated[int, Field(ge=1)]
    retention_days: Annotated[int, Field(ge=1, le=90)]
    max_message_bytes: Annotated[int, Field(ge=65_536)]
    dead_letter: Annotated[str, Field(min_length=20)]


@cache
def topics() -> dict[str, Topic]:
    """Read all topic files, by name."""
    files = [each for each in resources.files(__name__).iterdir() if each.name.endswith(".toml")]
    texts = [each.read_text(encoding="utf-8") for each in sorted(files, key=lambda each: each.name)]
    read = [Topic.model_validate(tomllib.loads(text)) for text in texts]
    return {each.name: each for each in read}
