import ssl
import stat
from pathlib import Path

import pytest

from stafet.vault.keyfiles import read_key_files
from stafet_cli.credentials import CredentialsError, Wanted, announce, check, create
from stafet_runtime.partners import load_partners
from stafet_runtime.sealing import read_public_key
from stafet_sdk.discovery import connectors

WANTED = Wanted({"police": "https://127.0.0.1:1", "redcross": "https://127.0.0.1:2"})


class TestCreate:
    def test_makes_what_hub_vault_and_partners_need(self, tmp_path: Path) -> None:
        assert create(tmp_path, WANTED)

        files = check(tmp_path, tls=True)
        assert len(files.digest_key()) == 32
        assert len(files.vault_token()) >= 32
        assert len(files.console_password()) >= 12
        assert read_key_files(tmp_path).seals.current.public == read_public_key(files.seal_public)
        assert set(load_partners(tmp_path, connectors())) == {"police", "redcross"}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.certificate, files.key)
        assert ssl.create_default_context(cafile=files.authority).cert_store_stats()["x509_ca"] == 1

    def test_is_for_the_owner_only(self, tmp_path: Path) -> None:
        create(tmp_path, WANTED)

        open_to_others = {
            path.name
            for path in tmp_path.rglob("*")
            if path.is_file() and path.stat().st_size and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        }
        assert open_to_others == {"ledger_public", "vault_seal_public"}

    def test_never_overwrites(self, tmp_path: Path) -> None:
        create(tmp_path, WANTED)
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

        assert not create(tmp_path, WANTED)
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before

    def test_says_what_to_do_after_a_half_made_start(self, tmp_path: Path) -> None:
        (tmp_path / "pki").mkdir()
        (tmp_path / "pki/ca.pem").touch()

        with pytest.raises(CredentialsError, match="remove it and start again"):
            create(tmp_path, WANTED)

    def test_leaves_out_an_agency_that_nobody_named(self, tmp_path: Path) -> None:
        create(tmp_path, Wanted({"redcross": "https://127.0.0.1:2"}))

        assert set(load_partners(tmp_path, connectors())) == {"redcross"}


class TestCheck:
    def test_names_the_missing_file_and_the_remedy(self, tmp_path: Path) -> None:
        with pytest.raises(CredentialsError, match=r"ca\.pem is missing: run `stafet init`"):
            check(tmp_path, tls=False)

    def test_asks_for_a_certificate_only_where_one_is_needed(self, tmp_path: Path) -> None:
        create(tmp_path, WANTED)
        (tmp_path / "tls/key.pem").unlink()

        assert check(tmp_path, tls=False).home == tmp_path
        with pytest.raises(CredentialsError, match=r"key\.pem is missing"):
            check(tmp_path, tls=True)

    def test_refuses_a_key_that_others_can_read(self, tmp_path: Path) -> None:
        create(tmp_path, WANTED)
        (tmp_path / "tls/key.pem").chmod(0o644)

        with pytest.raises(CredentialsError, match=r"mode 644\): chmod 600 .*tls/key\.pem"):
            check(tmp_path, tls=True)


class TestFiles:
    @pytest.mark.parametrize("name", ["token/vault_token", "gateway/digest_key", "console/password"])
    def test_refuse_a_secret_that_others_can_read(self, tmp_path: Path, name: str) -> None:
        create(tmp_path, WANTED)
        (tmp_path / name).chmod(0o644)
        files = check(tmp_path, tls=True)

        with pytest.raises(CredentialsError, match=f"chmod 600 .*{name}"):
            {"vault_token": files.vault_token, "digest_key": files.digest_key}.get(
                Path(name).name, files.console_password
            )()

    def test_say_what_to_do_when_a_secret_is_missing(self, tmp_path: Path) -> None:
        create(tmp_path, WANTED)
        (tmp_path / "token/vault_token").unlink()

        with pytest.raises(CredentialsError, match=r"vault_token cannot be read \(FileNotFoundError\)"):
            check(tmp_path, tls=False).vault_token()


class TestAnnounce:
    def test_writes_address_and_password_for_the_owner_only(self, tmp_path: Path) -> None:
        create(tmp_path, WANTED)

        path = announce(tmp_path, "http://127.0.0.1:8480")

        assert path.read_text("utf-8").splitlines()[:2] == ["[console]", 'url = "http://127.0.0.1:8480"']
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
