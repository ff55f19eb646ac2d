"""Sealing to the vault's public key."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from stafet_runtime.sealing import HEADER_BYTES, SUITE, VERSION, SealKeyFile, key_id, read_public_key, seal

PRIVATE = X25519PrivateKey.generate()
PUBLIC = PRIVATE.public_key()


class TestSeal:
    """What waits in the gateway."""

    def test_it_names_its_format_and_key(self) -> None:
        assert seal(PUBLIC, b"raw", b"context")[:HEADER_BYTES] == VERSION + key_id(PUBLIC)

    def test_the_private_key_opens_it(self) -> None:
        sealed = seal(PUBLIC, b"raw", b"context")
        header, ciphertext = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:]
        assert SUITE.decrypt(ciphertext, PRIVATE, info=header + b"context") == b"raw"

    def test_nothing_of_the_plaintext_shows_and_no_two_are_alike(self) -> None:
        first, second = seal(PUBLIC, b"Zorabelle", b""), seal(PUBLIC, b"Zorabelle", b"")
        assert b"Zorabelle" not in first
        assert first != second


class TestReadPublicKey:
    """The key the gateway is given."""

    def test_a_pem_file_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "vault_seal_public"
        path.write_bytes(PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        assert read_public_key(path).public_bytes_raw() == PUBLIC.public_bytes_raw()

    def test_a_key_of_another_kind_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "vault_seal_public"
        other = Ed25519PrivateKey.generate().public_key()
        path.write_bytes(other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        with pytest.raises(ValueError, match="not an X25519 key"):
            read_public_key(path)

    @pytest.mark.parametrize("content", [None, b"", b"not a key"])
    def test_a_file_without_a_key_is_refused(self, tmp_path: Path, content: bytes | None) -> None:
        path = tmp_path / "vault_seal_public"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ValueError, match="vault_seal_public: no readable PEM key"):
            read_public_key(path)


class TestSealKeyFile:
    """The newest public key on the sealer's side."""

    def test_keeps_a_newer_key_over_a_restart(self, tmp_path: Path) -> None:
        path, newer = tmp_path / "vault_seal_public", X25519PrivateKey.generate().public_key()
        pem = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        path.write_bytes(pem)
        file = SealKeyFile(path)
        assert file.public == PRIVATE.public_key()
        file.keep(newer.public_bytes_raw())
        assert file.public == SealKeyFile(path).public == newer
        assert [each.name for each in tmp_path.iterdir()] == [path.name]

    def test_does_not_use_what_cannot_be_kept(self, tmp_path: Path) -> None:
        path = tmp_path / "gateway" / "vault_seal_public"
        path.parent.mkdir()
        pem = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        path.write_bytes(pem)
        file = SealKeyFile(path)
        path.parent.rename(tmp_path / "away")
        with pytest.raises(OSError, match="vault_seal_public"):
            file.keep(X25519PrivateKey.generate().public_key().public_bytes_raw())
        assert file.public == PRIVATE.public_key()
