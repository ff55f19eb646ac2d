"""The configured partners: who may send, where they receive, and the key files their connectors ask for.

Files: `<home>/partners/<agency>/partner.toml` with `endpoint` (https or sftp), where it wants them `drop`
(sftp), `egress`, `networks`, `rate_per_s` and `interval_s`, and a table `identifiers`; beside it one file per
name in `keys` of the connector's manifest, and where there is a `drop`, in its `drop_keys`.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stafet_runtime.secretfiles import ExposedError, read_guarded
from stafet_sdk import egress
from stafet_sdk.contract import Connector, Partner

FOLDER: Final = "partners"
FILE: Final = "partner.toml"


class PartnerError(Exception):
    """A partner's files cannot be used; the message names the file and what to do."""


class PartnerFile(BaseModel):
    """What `partner.toml` holds.

    `egress` lists hosts (`host:port`) besides the endpoint's that the hub may connect to for this partner,
    `networks` the private ones (CIDR) that they may be in; `rate_per_s` is the most requests a second;
    `interval_s` is how often messages are fetched there, in place of what its connector's manifest says;
    `drop` is where it leaves files beside the messages that it sends.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    endpoint: str
    drop: str = ""
    egress: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    rate_per_s: Annotated[float, Field(gt=0)] | None = None
    interval_s: Annotated[float, Field(gt=0)] | None = None
    identifiers: dict[str, str] = {}

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        egress.destinations(self.endpoint, self.egress)
        if self.drop:
            egress.destinations(self.drop, self.egress)
        for each in self.networks:
            egress.network(each)
        return self


def load_partners(home: Path, connectors: Mapping[str, Connector]) -> dict[str, Partner]:
    """Read every partner below `home` that has a folder, by agency.

    Raises:
        PartnerError: a file is missing or wrong, a private key is open to others, or no connector of that
            name is installed.
    """
    folders = sorted(each for each in (home / FOLDER).glob("*") if each.is_dir())
    return {each.name: _partner(each, connectors) for each in folders}


def endpoint_of(file: Path) -> str:
    """Read where a partner receives from its `partner.toml`.

    Raises:
        PartnerError: the file cannot be used.
    """
    return _read(file).endpoint


def drop_of(file: Path) -> str:
    """Read where a partner leaves files beside its messages, empty if it leaves none; raises as above."""
    return _read(file).drop


def _partner(folder: Path, connectors: Mapping[str, Connector]) -> Partner:
    agency = folder.name
    if agency not in connectors:
        raise PartnerError(
            f"{folder} is there, but no connector of that name is installed: install it or remove the folder"
        )
    read = _read(folder / FILE)
    manifest = connectors[agency].manifest
    try:
        names = (*manifest.keys, *(manifest.drop_keys if read.drop else ()))
        keys = {name: read_guarded(folder / name) for name in names}
    except ExposedError as error:
        raise PartnerError(str(error)) from None
    except OSError as error:
        raise PartnerError(
            f"{error.filename} cannot be read: {agency}'s manifest asks for it; put the key there"
        ) from None
    return Partner(
        agency,
        read.endpoint,
        read.identifiers,
        keys,
        read.egress,
        read.networks,
        read.rate_per_s,
        read.interval_s,
        read.drop,
    )


def _read(file: Path) -> PartnerFile:
    try:
        return PartnerFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise PartnerError(
            f"{file} cannot be used ({type(error).__name__}): it needs endpoint and "
            "[identifiers], and may have drop (sftp), egress (host:port), networks (CIDR), rate_per_s and "
            "interval_s"
        ) from None
