"""Proof files in the hands of those who were given them, and of those who forge them."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stafet.vault.domain.ledger import HIDDEN, SHOWN
from stafet.vault.domain.merkle import Tree
from stafet.vault.domain.proof import (
    Extension,
    Inclusion,
    ProofError,
    check_proof,
    fingerprint_of,
    read_proof,
)
from tests.services.vault.proofs import SIGNING, SIZE, extension, head, holds, inclusion, leaves, variants

FINGERPRINT = fingerprint_of(SIGNING.public_key().public_bytes_raw())


class TestReadProof:
    """Files."""

    @pytest.mark.parametrize("proof", [inclusion(), extension()], ids=["inclusion", "extension"])
    def test_what_was_written_is_read(self, proof: Inclusion | Extension) -> None:
        assert read_proof(proof.file_text().encode()) == proof

    @pytest.mark.parametrize(
        "text", [b"", b"{}", b"[]", b"\xff", b'{"kind": "stafet-inclusion-2"}', b"[" * 9_999, b" " * 70_000]
    )
    def test_what_is_no_proof_is_refused(self, text: bytes) -> None:
        with pytest.raises(ProofError, match="no proof file"):
            read_proof(text)

    def test_an_error_does_not_quote_the_file(self) -> None:
        text = (
            inclusion()
            .file_text()
            .replace('"delivery-1"', '"Zorabelle"')
            .replace('"position": 4', '"position": []')
        )
        with pytest.raises(ProofError, match="position") as refused:
            read_proof(text.encode())
        assert "Zorabelle" not in str(refused.value)


class TestCheckProof:
    """What holds and what does not."""

    @pytest.mark.parametrize("fingerprint", [None, FINGERPRINT])
    @pytest.mark.parametrize("proof", [inclusion(), extension()], ids=["inclusion", "extension"])
    def test_a_true_one_holds(self, proof: Inclusion | Extension, fingerprint: str | None) -> None:
        check_proof(proof, fingerprint)
        assert read_proof(proof.file_text().encode()) == proof

    @pytest.mark.parametrize("proof", [inclusion(), extension()], ids=["inclusion", "extension"])
    def test_changed_anywhere_it_does_not_hold(self, proof: Inclusion | Extension) -> None:
        changed = [json.dumps(each) for each in variants(json.loads(proof.file_text()))]
        assert len(changed) > 20
        assert [each for each in changed if holds(each)] == []

    def test_of_an_erased_case_it_holds_and_says_nothing(self) -> None:
        silent = inclusion().model_copy(update={"content": None})
        check_proof(silent)
        assert "redcross" not in silent.file_text()

    def test_it_names_no_case(self) -> None:
        content = inclusion().content
        assert content is not None
        assert set(content.row) == set(SHOWN)
        assert set(content.row).isdisjoint(HIDDEN)

    def test_one_of_another_hub_holds_only_for_who_asks_for_no_key(self) -> None:
        foreign = inclusion(Ed25519PrivateKey.generate())
        check_proof(foreign)
        with pytest.raises(ProofError, match="another key"):
            check_proof(foreign, FINGERPRINT)

    def test_of_another_tree_it_does_not_hold(self) -> None:
        with pytest.raises(ProofError, match=r"leads nowhere|does not stand"):
            check_proof(inclusion().model_copy(update={"head": head(SIZE - 1)}))

    def test_a_tree_that_is_no_longer_begins_with_the_earlier_one(self) -> None:
        swapped = Extension(first=head(SIZE), second=head(3), path=())
        with pytest.raises(ProofError, match="leads nowhere"):
            check_proof(swapped)

    def test_a_rewritten_tree_does_not_begin_with_the_earlier_one(self) -> None:
        others = [b"x" * 32, *leaves()[1:]]
        path = tuple(Tree(others).consistency(3, SIZE))
        with pytest.raises(ProofError, match="rewritten"):
            check_proof(extension().model_copy(update={"path": path}))
