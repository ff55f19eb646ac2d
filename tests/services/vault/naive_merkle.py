"""RFC 9162, section 2.1, word for word: slow, and without the shortcuts of `stafet.vault.domain.merkle`."""

from collections.abc import Sequence
from hashlib import sha256

from stafet.vault.domain.merkle import root_by_inclusion


def split(width: int) -> int:
    """Return the largest power of two below a width."""
    power = 1
    while power * 2 < width:
        power *= 2
    return power


def root(leaves: Sequence[bytes]) -> bytes:
    """MTH(D[n]) of 2.1.1."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    middle = split(len(leaves))
    return sha256(b"\x01" + root(leaves[:middle]) + root(leaves[middle:])).digest()


def path(position: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of 2.1.3.1."""
    if len(leaves) == 1:
        return []
    middle = split(len(leaves))
    if position < middle:
        return [*path(position, leaves[:middle]), root(leaves[middle:])]
    return [*path(position - middle, leaves[middle:]), root(leaves[:middle])]


def proof(first: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PROOF(m, D[n]) of 2.1.4.1."""
    return subproof(first, leaves, whole=True)


def subproof(first: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of 2.1.4.1."""
    if first == len(leaves):
        return [] if whole else [root(leaves)]
    middle = split(len(leaves))
    if first <= middle:
        return [*subproof(first, leaves[:middle], whole=whole), root(leaves[middle:])]
    return [*subproof(first - middle, leaves[middle:], whole=False), root(leaves[:middle])]


def leads_to(content: bytes, position: int, size: int, path: list[bytes]) -> bytes | None:
    """Return the root a path leads to, None where it does not fit."""
    try:
        return root_by_inclusion(content, position, size, path)
    except ValueError:
        return None
