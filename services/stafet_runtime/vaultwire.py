"""What the vault's port looks like on the wire: JSON, bytes as base64url, one object per call."""

from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from stafet_runtime.vaultport import ConsentOrder, ConsentRecord, Registration, ReleaseRequest, StoredRecord
from stafet_sdk.draft import Release

PREFIX: Final = "/vault/v1"
MAX_BODY_BYTES: Final = 8 * 1024 * 1024
"""A raw message of at most 4 MiB in base64, with room for its values."""


class _Wire(BaseModel):
    # A printed model, or an error about one, would show values of a person.
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        ser_json_bytes="base64",
        val_json_bytes="base64",
        hide_input_in_errors=True,
    )

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        """Show no field."""
        return []


class SealedWire(_Wire):
    """Body of `open`."""

    sealed: bytes
    context: bytes


class OpenedWire(_Wire):
    """Answer of `open`."""

    raw: bytes


class SealKeyQueryWire(_Wire):
    """Body of `seal-key`."""

    in_use: tuple[bytes, ...]


class SealKeyWire(_Wire):
    """Answer of `seal-key`."""

    public: bytes


class RegistrationWire(_Wire):
    """Body of `register`."""

    registration: Registration


class StoredRecordWire(_Wire):
    """Answer of `register`."""

    stored: StoredRecord


class ConsentOrderWire(_Wire):
    """Body of `consent`."""

    order: ConsentOrder


class ConsentRecordWire(_Wire):
    """Answer of `consent`."""

    record: ConsentRecord


class MandateQueryWire(_Wire):
    """Body of `mandate`."""

    agency: str
    on: date


class MandateWire(_Wire):
    """Answer of `mandate`."""

    identifies: bool


class ReleaseRequestWire(_Wire):
    """Body of `release`."""

    request: ReleaseRequest


class ReleaseWire(_Wire):
    """Answer of `release`."""

    release: Release


class Problem(_Wire):
    """Every answer that is not 200: a stable code, and for a blocked release its reason.

    `problems` are those of a refused consent: (field, what is wrong with it).
    """

    code: str
    detail: str
    fields: tuple[str, ...] = ()
    reason: str | None = None
    problems: tuple[tuple[str, str], ...] = ()


def fields_of(error: ValidationError, kind: type[BaseModel]) -> tuple[str, ...]:
    """Name the fields an error is about, two levels deep and by names of our own; never what was in them."""
    own = set(kind.model_fields)
    for each in kind.model_fields.values():
        own |= set(getattr(each.annotation, "__dataclass_fields__", ()))
    found = (".".join(str(part) for part in each["loc"][:2] if part in own) for each in error.errors())
    return tuple(sorted({name or "body" for name in found}))
