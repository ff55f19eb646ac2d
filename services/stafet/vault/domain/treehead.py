"""Signed tree heads: what the whole ledger came to at a time. Whoever keeps one can hold the hub to it."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from stafet.vault.domain.ledger import canonical
from stafet.vault.domain.signature import signed_by

PURPOSE: Final = b"stafet tree head 1\n"
"""In front of what is signed: a signature of the same key for another purpose is none of a tree head."""

Hash = Annotated[bytes, Field(min_length=32, max_length=32)]


class Signed(BaseModel):
    """What all files of the ledger have in common: closed, unchangeable, bytes in hex."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="hex", val_json_bytes="hex", hide_input_in_errors=True
    )

    def file_text(self) -> str:
        """Write it as a file says it."""
        return self.model_dump_json(indent=2) + "\n"


class TreeHead(Signed):
    """Size and root (RFC 9162) of the tree at a time, signed (Ed25519) by the hub of this public key."""

    size: Annotated[int, Field(gt=0)]
    root: Hash
    at: AwareDatetime
    key: Hash
    signature: Annotated[bytes, Field(min_length=64, max_length=64)]

    def __hash__(self) -> int:
        """Equal heads are one in a set."""
        return hash(self.signature)

    def holds(self) -> bool:
        """Say whether the signature is that of the key it names."""
        return signed_by(self.key, self.signature, head_bytes(self.size, self.root, self.at))


def head_bytes(size: int, root: bytes, at: datetime) -> bytes:
    """Write what is signed, in one way only."""
    said = {"at": at.isoformat(timespec="microseconds"), "root": root.hex(), "size": size}
    return PURPOSE + canonical(said)
