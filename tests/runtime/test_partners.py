from pathlib import Path

import pytest

from stafet_runtime.partners import PartnerError, load_partners
from stafet_sdk.development import Development, furnishers
from stafet_sdk.discovery import connectors
from stafet_sdk.egress import is_allowed

ENDPOINTS = {
    "police": "https://police.example:8453",
    "redcross": "https://redcross.example:8454/",
    "immigration": "https://immigration.example:8456",
    "shelter": "sftp://shelter.example:8455",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    development = Development(tmp_path, ENDPOINTS)
    for furnish in furnishers().values():
        furnish(development)
    return tmp_path


class TestLoadPartners:
    def test_reads_endpoint_identifiers_and_the_keys_that_the_manifest_asks_for(self, home: Path) -> None:
        found = load_partners(home, connectors())

        assert found["police"].endpoint == "https://police.example:8453/fordeling"
        assert found["redcross"].endpoint == "https://redcross.example:8454/webhook"
        assert {agency: set(each.keys) for agency, each in found.items()} == {
            agency: set(each.manifest.keys) for agency, each in connectors().items()
        }
        assert "agency_redcross" in found["police"].identifiers

    def test_reads_a_file_drop_with_the_keys_that_it_needs(self, tmp_path: Path) -> None:
        drops = {"police": "sftp://files.police.example:2222"}
        furnishers()["police"](Development(tmp_path, ENDPOINTS, drops=drops))

        found = load_partners(tmp_path, connectors())["police"]

        assert (found.drop, found.at_drop().endpoint) == (drops["police"], drops["police"])
        assert found.keys["known_hosts"].startswith(b"[files.police.example]:2222 ")
        (tmp_path / "partners/police/ssh_key").unlink()
        with pytest.raises(PartnerError, match="ssh_key cannot be read"):
            load_partners(tmp_path, connectors())

    def test_finds_none_where_there_are_none(self, tmp_path: Path) -> None:
        assert load_partners(tmp_path, connectors()) == {}

    def test_names_the_missing_key(self, home: Path) -> None:
        (home / "partners/redcross/webhook_private").unlink()

        with pytest.raises(PartnerError, match=r"webhook_private cannot be read: redcross's manifest asks"):
            load_partners(home, connectors())

    def test_reads_where_it_may_connect_to_and_how_often(self, home: Path) -> None:
        more = 'egress = ["token.example:443"]\nnetworks = ["10.0.0.0/8"]\nrate_per_s = 2.5\ninterval_s = 5\n'
        (home / "partners/police/partner.toml").write_text(
            f'endpoint = "https://a"\n{more}', encoding="utf-8"
        )

        found = load_partners(home, connectors())["police"]

        assert (found.egress, found.networks, found.rate_per_s) == (
            ("token.example:443",),
            ("10.0.0.0/8",),
            2.5,
        )

    def test_lets_a_partner_of_development_be_on_this_machine_and_another_be_nowhere_near(
        self, home: Path
    ) -> None:
        found = load_partners(home, connectors())["police"]
        (home / "partners/police/partner.toml").write_text('endpoint = "https://a"\n', encoding="utf-8")
        plain = load_partners(home, connectors())["police"]

        for address in ("127.0.0.1", "172.18.0.5", "::1"):
            assert is_allowed(address, found.networks)
            assert not is_allowed(address, plain.networks)

    @pytest.mark.parametrize(
        "text",
        [
            "endpoint = 1",
            "endpoint",
            'endpoint = "https://a"\nsecret = "x"',
            'endpoint = "https://a"\negress = ["secret"]',
            'endpoint = "https://a"\nnetworks = ["10.0.0.1/8"]',
            'endpoint = "https://a"\nrate_per_s = 0',
        ],
    )
    def test_names_the_file_that_is_wrong_and_nothing_in_it(self, home: Path, text: str) -> None:
        (home / "partners/police/partner.toml").write_text(text, encoding="utf-8")

        with pytest.raises(PartnerError, match=r"partner\.toml cannot be used \(\w+\): it needs") as caught:
            load_partners(home, connectors())

        assert "secret" not in str(caught.value)

    def test_refuses_a_partner_without_a_connector(self, home: Path) -> None:
        (home / "partners/tax").mkdir()

        with pytest.raises(PartnerError, match="no connector of that name"):
            load_partners(home, connectors())

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
    @pytest.mark.parametrize("key", ["police/hub_key", "redcross/webhook_private", "shelter/ssh_key"])
    def test_refuses_a_private_key_that_others_can_read(self, home: Path, key: str, mode: int) -> None:
        path = home / "partners" / key
        path.chmod(mode)

        with pytest.raises(PartnerError, match=f"open to group or others .* chmod 600 {path}$"):
            load_partners(home, connectors())

    def test_takes_a_certificate_that_others_can_read(self, home: Path) -> None:
        (home / "partners/police/partner_certificate").chmod(0o644)

        assert "police" in load_partners(home, connectors())
