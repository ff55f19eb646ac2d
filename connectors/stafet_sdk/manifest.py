"""The manifest of a connector: what it is, what it speaks and why it may, checked when it is loaded."""

import tomllib
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from stafet_schemas.groups import Group


class Manifest(BaseModel):
    """`manifest.toml` of a connector's folder; the folder's name is `agency`.

    `keys` are the key files (in the partner's folder) it needs, `drop_keys` those that it needs besides where
    the agency leaves files beside its messages; `data_retention` in days at the hub.
    `interval_s` is how often messages are fetched from an agency that does not send them, in seconds.
    `retries_s` are the waits after failed attempts to deliver, in seconds (none: the hub's own); an agency
    that fetches is reminded after `fetch_s`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    agency: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")]
    name: str
    owner: str
    version: str
    quality: Literal["bronze", "silver", "gold", "platinum"] | None = None
    transport: Literal["soap", "webhook", "http-push", "http-poll", "sftp"]
    authentication: str
    consumes: tuple[str, ...]
    produces: tuple[str, ...]
    personal_data: tuple[Group, ...]
    legal_basis: str
    data_retention: int
    content_type: str
    keys: tuple[str, ...]
    drop_keys: tuple[str, ...] = ()
    docs: str
    interval_s: Annotated[float, Field(gt=0)] = 60.0
    retries_s: tuple[Annotated[float, Field(ge=0)], ...] = ()
    fetch_s: Annotated[float, Field(gt=0)] = 3600.0


def load_manifest(package: str) -> Manifest:
    """Read and check `manifest.toml` beside a connector's `__init__`."""
    text = (resources.files(package) / "manifest.toml").read_text(encoding="utf-8")
    return Manifest.model_validate(tomllib.loads(text))
