"""The tree of the ledger beside RFC 9162 word for word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet.vault.domain.merkle import Frontier, Tree, root_by_inclusion, roots_by_consistency
from tests.services.vault import naive_merkle

LEAVES = [bytes([number]) * 32 for number in range(130)]
CERTIFICATE_TRANSPARENCY = [
    bytes.fromhex(each)
    for each in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
"""The test vectors of Certificate Transparency's own implementations."""
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}

sizes = st.integers(1, len(LEAVES))
trees = st.tuples(sizes, sizes).map(sorted)


class TestFrontier:
    """A tree that grows."""

    @pytest.mark.parametrize("size", range(len(LEAVES)))
    def test_its_root_is_the_standard_s(self, size: int) -> None:
        frontier = Frontier()
        for each in LEAVES[:size]:
            frontier.add(each)
        assert frontier.root() == naive_merkle.root(LEAVES[:size])
        assert (frontier.size, len(frontier.peaks)) == (size, size.bit_count())

    @pytest.mark.parametrize(("size", "root"), ROOTS.items())
    def test_its_root_is_that_of_the_known_vectors(self, size: int, root: str) -> None:
        frontier = Frontier()
        for each in CERTIFICATE_TRANSPARENCY[:size]:
            frontier.add(each)
        assert frontier.root().hex() == root

    @given(trees)
    def test_it_goes_on_where_it_was_stored(self, pair: list[int]) -> None:
        first, second = pair
        frontier = Frontier()
        for each in LEAVES[:first]:
            frontier.add(each)
        restored = Frontier(frontier.size, tuple(frontier.peaks))
        for each in LEAVES[first:second]:
            restored.add(each)
        assert restored.root() == naive_merkle.root(LEAVES[:second])


class TestInclusion:
    """A row is in a tree."""

    @given(sizes, st.data())
    def test_a_path_is_the_standard_s_and_leads_to_the_root(self, size: int, data: st.DataObject) -> None:
        position = data.draw(st.integers(0, size - 1))
        path = Tree(LEAVES).inclusion(position, size)
        assert path == naive_merkle.path(position, LEAVES[:size])
        assert root_by_inclusion(LEAVES[position], position, size, path) == naive_merkle.root(LEAVES[:size])

    @given(sizes, st.data())
    def test_no_other_leaf_place_or_path_leads_there(self, size: int, data: st.DataObject) -> None:
        position, other = (data.draw(st.integers(0, size - 1)) for _ in range(2))
        path, root = Tree(LEAVES).inclusion(position, size), naive_merkle.root(LEAVES[:size])
        assert root_by_inclusion(b"another", position, size, path) != root
        if other != position:
            assert naive_merkle.leads_to(LEAVES[position], other, size, path) != root
        if path:
            place = data.draw(st.integers(0, len(path) - 1))
            changed = [*path[:place], bytes(32), *path[place + 1 :]]
            assert root_by_inclusion(LEAVES[position], position, size, changed) != root

    @given(sizes, st.data())
    def test_a_path_of_another_length_is_refused(self, size: int, data: st.DataObject) -> None:
        position = data.draw(st.integers(0, size - 1))
        path = Tree(LEAVES).inclusion(position, size)
        with pytest.raises(ValueError, match="too long"):
            root_by_inclusion(LEAVES[position], position, size, [*path, bytes(32)])
        if path:
            with pytest.raises(ValueError, match="too short"):
                root_by_inclusion(LEAVES[position], position, size, path[:-1])

    @pytest.mark.parametrize(("position", "size"), [(-1, 3), (3, 3), (0, 0), (0, 131)])
    def test_a_leaf_that_is_not_there_has_no_path(self, position: int, size: int) -> None:
        with pytest.raises(ValueError, match="no leaf"):
            Tree(LEAVES).inclusion(position, size)

    @pytest.mark.parametrize(("position", "size"), [(-1, 3), (3, 3), (0, 0)])
    def test_a_leaf_that_cannot_be_is_not_checked(self, position: int, size: int) -> None:
        with pytest.raises(ValueError, match="no leaf"):
            root_by_inclusion(b"", position, size, [])


class TestConsistency:
    """A tree begins with another."""

    @given(trees)
    def test_a_proof_is_the_standard_s_and_leads_to_both_roots(self, pair: list[int]) -> None:
        first, second = pair
        path = Tree(LEAVES).consistency(first, second)
        old, new = (naive_merkle.root(LEAVES[:size]) for size in pair)
        assert path == naive_merkle.proof(first, LEAVES[:second])
        assert roots_by_consistency(first, second, old, path) == (old, new)

    @given(trees, st.data())
    def test_a_rewritten_past_has_no_proof(self, pair: list[int], data: st.DataObject) -> None:
        first, second = pair
        place = data.draw(st.integers(0, first - 1))
        rewritten = [*LEAVES[:place], b"rewritten", *LEAVES[place + 1 :]]
        old, new = naive_merkle.root(LEAVES[:first]), naive_merkle.root(rewritten[:second])
        path = Tree(rewritten).consistency(first, second)
        assert roots_by_consistency(first, second, old, path) != (old, new)

    @given(trees)
    def test_a_path_of_another_length_is_refused(self, pair: list[int]) -> None:
        first, second = pair
        root, path = naive_merkle.root(LEAVES[:first]), Tree(LEAVES).consistency(first, second)
        with pytest.raises(ValueError, match="too long"):
            roots_by_consistency(first, second, root, [*path, bytes(32)])
        if path:
            with pytest.raises(ValueError, match="too short"):
                roots_by_consistency(first, second, root, path[:-1])

    @pytest.mark.parametrize(("first", "second"), [(0, 3), (4, 3), (1, 131)])
    def test_trees_that_are_not_there_have_no_proof(self, first: int, second: int) -> None:
        with pytest.raises(ValueError, match="no trees"):
            Tree(LEAVES).consistency(first, second)

    @pytest.mark.parametrize(("first", "second"), [(0, 3), (4, 3)])
    def test_trees_that_cannot_be_are_not_checked(self, first: int, second: int) -> None:
        with pytest.raises(ValueError, match="begins with"):
            roots_by_consistency(first, second, bytes(32), [])
