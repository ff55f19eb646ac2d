"""Proof files: what a partner holds about a disclosure, checked with no database and no vault.

An inclusion proves that the row stands in the tree of a signed head; an extension, that the tree of a later
head begins with that of an earlier one, so that nothing was changed or removed in between.
"""

from typing import Annotated, Final, Literal

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from stafet.vault.domain.ledger import canonical, link, row_digest
from stafet.vault.domain.merkle import root_by_inclusion, roots_by_consistency
from stafet.vault.domain.treehead import Hash, Signed, TreeHead

MOST_BYTES: Final = 64 * 1024


class Content(Signed):
    """What the row says, as far as its recipient may know, with the key that its digest was made with."""

    row: dict[str, JsonValue]
    row_key: Hash
    committed: Hash


class Inclusion(Signed):
    """The row, its links in the chain, and the path from its leaf to the head's root.

    `content` is None once the key of the case is destroyed: the row still stands there, saying nothing.
    """

    kind: Literal["stafet-inclusion-1"] = "stafet-inclusion-1"
    content: Content | None
    digest: Hash
    previous: Hash
    place: Hash
    position: int
    path: tuple[Hash, ...]
    head: TreeHead


class Extension(Signed):
    """Two heads, and the path that leads to both their roots."""

    kind: Literal["stafet-extension-1"] = "stafet-extension-1"
    first: TreeHead
    second: TreeHead
    path: tuple[Hash, ...]


Proof = Inclusion | Extension

_proofs: TypeAdapter[Proof] = TypeAdapter(Annotated[Proof, Field(discriminator="kind")])


class ProofError(ValueError):
    """It proves nothing; the text says why."""


def read_proof(text: bytes) -> Proof:
    """Read a proof file.

    Raises:
        ProofError: it is none.
    """
    if len(text) > MOST_BYTES:
        raise ProofError(f"no proof file: more than {MOST_BYTES} bytes")
    try:
        return _proofs.validate_json(text)
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_input=False, include_url=False)[0]["loc"]))
        raise ProofError(f"no proof file: {where or 'its text'} is not as it should be") from None


def check_proof(proof: Proof, fingerprint: str | None = None) -> None:
    """Check a proof; with a fingerprint (see `fingerprint_of`) it must be signed by the hub of that key.

    Raises:
        ProofError: it proves nothing.
    """
    heads = (proof.head,) if isinstance(proof, Inclusion) else (proof.first, proof.second)
    for head in heads:
        if not head.holds():
            raise ProofError("a tree head was changed after the hub signed it")
        if fingerprint is not None and fingerprint_of(head.key) != fingerprint:
            raise ProofError("signed by another key than the one you gave")
    try:
        _check_inclusion(proof) if isinstance(proof, Inclusion) else _check_extension(proof)
    except ProofError:
        raise
    except ValueError as error:
        raise ProofError(f"the path leads nowhere: {error}") from None


def fingerprint_of(key: bytes) -> str:
    """Name a public key so that two people can compare it: itself in hex, in groups of eight."""
    plain = key.hex()
    return "-".join(plain[begin : begin + 8] for begin in range(0, len(plain), 8))


def _check_inclusion(proof: Inclusion) -> None:
    content = proof.content
    if content and row_digest(content.row_key, canonical(content.row), content.committed) != proof.digest:
        raise ProofError("the row is not the one that the hub wrote")
    leaf = link(proof.previous, proof.digest, proof.place)
    if root_by_inclusion(leaf, proof.position, proof.head.size, proof.path) != proof.head.root:
        raise ProofError("the row does not stand in the tree of the signed head")


def _check_extension(proof: Extension) -> None:
    first, second = proof.first, proof.second
    if roots_by_consistency(first.size, second.size, first.root, proof.path) != (first.root, second.root):
        raise ProofError("the later tree does not begin with the earlier one: the ledger was rewritten")
