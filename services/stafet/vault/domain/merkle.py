"""A Merkle tree over the ledger's rows: RFC 9162, section 2.1, with SHA-256.

A leaf is hashed behind 0x00 and a node behind 0x01, so that none passes for the other. The tree of n leaves
splits at the largest power of two below n. Its `Frontier` is all one must keep to let it grow.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

LEAF: Final = b"\x00"
NODE: Final = b"\x01"

Hash = bytes


def leaf_hash(content: bytes) -> Hash:
    """Hash a leaf."""
    return sha256(LEAF + content).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    """Hash a node of two subtrees."""
    return sha256(NODE + left + right).digest()


class Frontier:
    """The roots of the whole subtrees that a tree consists of, largest first: one per set bit of its size."""

    __slots__ = ("peaks", "size")

    def __init__(self, size: int = 0, peaks: Sequence[Hash] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)

    def add(self, content: bytes) -> None:
        """Append a leaf: as in counting, each carry joins two subtrees of one size."""
        peak, carry = sha256(LEAF + content).digest(), self.size
        while carry & 1:
            peak = sha256(NODE + self.peaks.pop() + peak).digest()
            carry >>= 1
        self.peaks.append(peak)
        self.size += 1

    def root(self) -> Hash:
        """Return the root of the tree so far; of an empty one, the hash of nothing."""
        if not self.peaks:
            return sha256().digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


class Tree:
    """A whole tree in memory, every level of it; makes proofs."""

    def __init__(self, contents: Sequence[bytes]) -> None:
        self._size = len(contents)
        self._levels = [[leaf_hash(each) for each in contents]]
        while len(below := self._levels[-1]) > 1:
            pairs = zip(below[::2], below[1::2], strict=False)
            self._levels.append([node_hash(left, right) for left, right in pairs])

    def inclusion(self, position: int, size: int) -> list[Hash]:
        """Return the audit path of a leaf, counted from 0, in the tree of the first `size` leaves.

        Raises:
            ValueError: there is no such leaf, or no such tree.
        """
        if not 0 <= position < size <= self._size:
            raise ValueError(f"no leaf {position} in a tree of {size} of {self._size} leaves")
        return self._path(position, 0, size)

    def consistency(self, first: int, second: int) -> list[Hash]:
        """Prove that the tree of the first `second` leaves begins with that of the first `first`.

        Raises:
            ValueError: there are no such trees.
        """
        if not 0 < first <= second <= self._size:
            raise ValueError(f"no trees of {first} and {second} among {self._size} leaves")
        return [] if first == second else self._subproof(first, 0, second, whole=True)

    def _path(self, position: int, begin: int, end: int) -> list[Hash]:
        if end - begin == 1:
            return []
        middle = begin + _split(end - begin)
        if position < middle:
            return [*self._path(position, begin, middle), self._root(middle, end)]
        return [*self._path(position, middle, end), self._root(begin, middle)]

    def _subproof(self, first: int, begin: int, end: int, *, whole: bool) -> list[Hash]:
        if first == end:
            return [] if whole else [self._root(begin, end)]
        middle = begin + _split(end - begin)
        if first <= middle:
            return [*self._subproof(first, begin, middle, whole=whole), self._root(middle, end)]
        return [*self._subproof(first, middle, end, whole=False), self._root(begin, middle)]

    def _root(self, begin: int, end: int) -> Hash:
        """Return the root over leaves begin to end; `begin` stands where a subtree of this width begins."""
        width = end - begin
        if width & (width - 1) == 0:
            level = width.bit_length() - 1
            return self._levels[level][begin >> level]
        middle = begin + _split(width)
        return node_hash(self._root(begin, middle), self._root(middle, end))


def root_by_inclusion(content: bytes, position: int, size: int, path: Sequence[Hash]) -> Hash:
    """Return the root that an audit path leads to from a leaf (RFC 9162, 2.1.3.2).

    Raises:
        ValueError: the path does not fit a tree of this size.
    """
    if not 0 <= position < size:
        raise ValueError(f"no leaf {position} in a tree of {size}")
    node, last, root = position, size - 1, leaf_hash(content)
    for each in path:
        if last == 0:
            raise ValueError("the path is too long")
        if node & 1 or node == last:
            root = node_hash(each, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, each)
        node, last = node >> 1, last >> 1
    if last:
        raise ValueError("the path is too short")
    return root


def roots_by_consistency(first: int, second: int, root: Hash, path: Sequence[Hash]) -> tuple[Hash, Hash]:
    """Return both roots that a consistency proof leads to; `root` is the known one of the first tree.

    They prove something only if they equal the two known roots (RFC 9162, 2.1.4.2).

    Raises:
        ValueError: the path does not fit trees of these sizes.
    """
    if not 0 < first <= second:
        raise ValueError(f"no tree of {second} begins with one of {first}")
    if first == second:
        if path:
            raise ValueError("the path is too long")
        return root, root
    nodes = [root, *path] if first & (first - 1) == 0 else list(path)
    if not nodes:
        raise ValueError("the path is too short")
    shift = ((first - 1) ^ first).bit_length() - 1
    return _climb((first - 1) >> shift, (second - 1) >> shift, nodes)


def _climb(node: int, last: int, nodes: Sequence[Hash]) -> tuple[Hash, Hash]:
    old = new = nodes[0]
    for each in nodes[1:]:
        if last == 0:
            raise ValueError("the path is too long")
        if node & 1 or node == last:
            old, new = node_hash(each, old), node_hash(each, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, each)
        node, last = node >> 1, last >> 1
    if last:
        raise ValueError("the path is too short")
    return old, new


def _split(width: int) -> int:
    """Return the largest power of two below a width of at least two."""
    return 1 << ((width - 1).bit_length() - 1)
