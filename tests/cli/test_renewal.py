"""New keys for one agency: they count, the old ones still do, and nobody else's change."""

import stat
from pathlib import Path

import pytest
from cryptography import x509

from stafet_cli.credentials import CredentialsError, Wanted, create
from stafet_cli.renewal import renew
from stafet_runtime.partners import load_partners
from stafet_sdk.discovery import connectors

WANTED = Wanted({"police": "https://127.0.0.1:1", "redcross": "https://127.0.0.1:2"})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create(tmp_path, WANTED)
    return tmp_path


def contents(home: Path) -> dict[str, bytes]:
    """Read all files of a home, by their names below it."""
    return {
        path.relative_to(home).as_posix(): path.read_bytes() for path in home.rglob("*") if path.is_file()
    }


class TestRenew:
    def test_touches_this_agency_and_what_is_trusted_and_nothing_else(self, home: Path) -> None:
        before = contents(home)
        renew(home, WANTED, "police")
        changed = {name for name, content in contents(home).items() if before.get(name) != content}
        assert {name for name in changed if "/police/" not in name} == {"pki/ca.pem"}
        assert {"partners/police/hub_key", "simulators/police/key.pem"} <= changed
        assert contents(home).keys() == before.keys()

    def test_either_side_knows_the_other_by_the_new_and_the_old(self, home: Path) -> None:
        before = contents(home)
        renew(home, WANTED, "police")
        after = contents(home)
        for known, own in (
            ("partners/police/partner_certificate", "simulators/police/certificate.pem"),
            ("simulators/police/hub_certificate.pem", "partners/police/hub_certificate"),
        ):
            new, *_, old = x509.load_pem_x509_certificates(after[known])
            assert x509.load_pem_x509_certificate(after[own]) == new
            assert x509.load_pem_x509_certificate(before[own]) == old
            assert len(x509.load_pem_x509_certificates(after[own])) == 1

    def test_a_file_drop_stays_where_it_was(self, tmp_path: Path) -> None:
        drops = {"police": "sftp://127.0.0.1:2222"}
        create(tmp_path, Wanted(WANTED.endpoints, drops=drops))
        before = load_partners(tmp_path, connectors())["police"]
        renew(tmp_path, WANTED, "police")
        after = load_partners(tmp_path, connectors())["police"]
        assert (after.drop, after.keys["ssh_key"] != before.keys["ssh_key"]) == (drops["police"], True)
        new, old = after.keys["known_hosts"].splitlines()
        assert [old] == before.keys["known_hosts"].splitlines()
        assert new.split()[0] == old.split()[0] == b"[127.0.0.1]:2222"

    def test_one_webhook_key_a_line_the_new_one_first(self, home: Path) -> None:
        before = contents(home)["partners/redcross/partner_webhook_public"].splitlines()
        renew(home, WANTED, "redcross")
        new, _next, old = contents(home)["partners/redcross/partner_webhook_public"].splitlines()
        assert (old, new == old) == (before[0], False)

    @pytest.mark.parametrize("agency", ["police", "redcross"])
    def test_again_and_again_keeps_only_the_key_of_before(self, home: Path, agency: str) -> None:
        renew(home, WANTED, agency)
        once = {name: len(content) for name, content in contents(home).items() if agency in name}
        for _ in range(3):
            renew(home, WANTED, agency)
        again = {name: len(content) for name, content in contents(home).items() if agency in name}
        assert {name for name in once if abs(again[name] - once[name]) > 64} == set()

    def test_old_and_new_tls_certificates_are_trusted(self, home: Path) -> None:
        before = contents(home)
        renew(home, WANTED, "police")
        after = contents(home)
        authorities = x509.load_pem_x509_certificates(after["pki/ca.pem"])
        for name in ("simulators/police/tls_certificate.pem", "tls/certificate.pem"):
            for content in (before[name], after[name]):
                issued = x509.load_pem_x509_certificate(content)
                (authority,) = (each for each in authorities if each.subject == issued.issuer)
                issued.verify_directly_issued_by(authority)

    def test_addresses_and_identifiers_stay(self, home: Path) -> None:
        before = load_partners(home, connectors())["police"]
        renew(home, Wanted({"police": "https://127.0.0.1:9"}), "police")
        after = load_partners(home, connectors())["police"]
        assert (after.endpoint, after.identifiers) == (before.endpoint, before.identifiers)

    def test_all_of_it_is_the_owners_alone(self, home: Path) -> None:
        renew(home, WANTED, "police")
        for path in (*(home / "partners/police").iterdir(), *(home / "simulators/police").iterdir()):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_an_agency_that_is_new_to_the_home_is_added(self, tmp_path: Path) -> None:
        create(tmp_path, Wanted({"redcross": "https://127.0.0.1:2"}))
        renew(tmp_path, WANTED, "police")
        assert set(load_partners(tmp_path, connectors())) == {"police", "redcross"}

    def test_says_what_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(CredentialsError, match="tax: no connector of that name makes keys; there are"):
            renew(tmp_path, WANTED, "tax")
        with pytest.raises(CredentialsError, match="run `stafet init`"):
            renew(tmp_path, WANTED, "police")
        create(tmp_path, Wanted({}))
        with pytest.raises(CredentialsError, match="--partner police=https://host:port"):
            renew(tmp_path, Wanted({}), "police")
