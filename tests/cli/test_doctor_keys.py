"""What the doctor says of key files: real X.509 files, a clock that stands still."""

import asyncio
from pathlib import Path

import pytest

from stafet_cli.credentials import Wanted, create
from stafet_cli.doctor import summary
from stafet_cli.doctor_checks import Check, Surroundings
from stafet_cli.doctor_keys import check_certificates, check_secrets
from stafet_runtime.settings import HubSettings
from stafet_sdk.discovery import connectors
from tests.cli.issued import NOON, certificate
from tests.fakes.clock import FakeClock

ROOT = Path(__file__).parents[2]
PLACES = (
    "tls/certificate.pem",
    "pki/ca.pem",
    "partners/police/partner_certificate",
    "partners/immigration/tls_certificate",
    "simulators/police/tls_certificate.pem",
)


def found(home: Path) -> Check:
    """Look at the certificates of a home at noon."""
    return asyncio.run(check_certificates(Surroundings(HubSettings(home=home), clock=FakeClock(NOON))))


def put(home: Path, place: str, *certificates: bytes) -> None:
    """Write certificates into one file of a home."""
    (home / place).parent.mkdir(parents=True, exist_ok=True)
    (home / place).write_bytes(b"".join(certificates))


class TestCertificates:
    @pytest.mark.parametrize("place", PLACES)
    def test_one_that_ends_within_14_days_is_named_in_time(self, tmp_path: Path, place: str) -> None:
        put(tmp_path, place, certificate("a", 14))
        said = found(tmp_path)
        assert (said.ok, said.warns) == (True, True)
        assert said.detail == f"{place} ends 2026-12-09"
        assert "-> put the new one in place" in said.line

    def test_one_that_holds_for_longer_is_not(self, tmp_path: Path) -> None:
        put(tmp_path, PLACES[0], certificate("a", 14.01))
        said = found(tmp_path)
        assert (said.ok, said.warns) == (True, False)
        assert "1 files, the first to end is tls/certificate.pem, 2026-12-09" in said.detail

    @pytest.mark.parametrize("days", [0, -1])
    def test_one_that_has_ended_fails(self, tmp_path: Path, days: float) -> None:
        put(tmp_path, PLACES[2], certificate("a", days))
        put(tmp_path, PLACES[0], certificate("b", 3))
        said = found(tmp_path)
        assert (said.ok, said.warns) == (False, False)
        assert said.detail.index("partner_certificate ended") < said.detail.index("tls/certificate.pem ends")

    def test_one_that_is_not_valid_yet_fails(self, tmp_path: Path) -> None:
        put(tmp_path, PLACES[2], certificate("a", 400, begins=1))
        assert found(tmp_path).ok is False
        assert found(tmp_path).detail == f"{PLACES[2]} is not valid yet"

    def test_old_and_new_together_hold_as_long_as_one_does(self, tmp_path: Path) -> None:
        put(tmp_path, PLACES[2], certificate("police", -3), certificate("police", 300))
        assert (found(tmp_path).ok, found(tmp_path).warns) == (True, False)

    def test_a_new_one_that_has_not_begun_does_not_count_yet(self, tmp_path: Path) -> None:
        put(tmp_path, PLACES[2], certificate("police", 3), certificate("police", 300, begins=1))
        assert found(tmp_path).warns

    def test_a_chain_ends_with_its_authority(self, tmp_path: Path) -> None:
        put(
            tmp_path,
            PLACES[0],
            certificate("hub", 300, issuer="between"),
            certificate("between", 5, issuer="root"),
        )
        assert found(tmp_path).warns

    def test_a_file_that_is_none_fails_by_its_name(self, tmp_path: Path) -> None:
        put(tmp_path, PLACES[0], b"-----BEGIN CERTIFICATE-----\nGaxipypuno\n-----END CERTIFICATE-----\n")
        assert found(tmp_path).detail == "tls/certificate.pem cannot be read"

    def test_a_home_without_any_is_skipped(self, tmp_path: Path) -> None:
        assert found(tmp_path).ok is None

    def test_those_of_a_new_home_hold(self, tmp_path: Path) -> None:
        create(tmp_path, Wanted({"police": "https://127.0.0.1:1", "redcross": "https://127.0.0.1:2"}))
        assert (found(tmp_path).ok, found(tmp_path).warns) == (True, False)

    def test_a_warning_is_counted_and_fails_nothing(self) -> None:
        assert summary([Check("a", ok=True, detail="", warns=True)]) == (
            "1 ok, 0 failed, 0 skipped, 1 with a warning"
        )


class TestSecrets:
    def said(self, home: Path) -> Check:
        return asyncio.run(check_secrets(Surroundings(HubSettings(home=home))))

    def test_those_of_a_new_home_are_their_owners_alone(self, tmp_path: Path) -> None:
        create(tmp_path, Wanted({"police": "https://127.0.0.1:1", "redcross": "https://127.0.0.1:2"}))
        assert self.said(tmp_path).ok

    @pytest.mark.parametrize(
        "place", ["tls/key.pem", "partners/police/hub_key", "simulators/redcross/webhook_private"]
    )
    def test_one_that_others_can_read_is_named_with_the_remedy(self, tmp_path: Path, place: str) -> None:
        create(tmp_path, Wanted({"police": "https://127.0.0.1:1", "redcross": "https://127.0.0.1:2"}))
        (tmp_path / place).chmod(0o640)
        said = self.said(tmp_path)
        assert said.ok is False
        assert said.line.endswith(f"-> chmod 600 {tmp_path / place}")

    def test_a_home_without_any_is_skipped(self, tmp_path: Path) -> None:
        assert self.said(tmp_path).ok is None


class TestPage:
    def test_names_every_key_file_that_a_connector_asks_for(self) -> None:
        page = (ROOT / "docs/operations/keys-and-certificates.md").read_text(encoding="utf-8")
        named = {key for each in connectors().values() for key in each.manifest.keys}
        assert {key for key in named if f"`{key}`" not in page} == set()
