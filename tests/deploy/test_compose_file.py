import re
from urllib.parse import urlsplit

import pytest

from stafet.console.settings import ConsoleSettings
from stafet.contacts.settings import ContactsSettings
from stafet.deadlines.settings import DeadlinesSettings
from stafet.dispatch.settings import DispatchSettings
from stafet.gateway.settings import GatewaySettings
from stafet.identification.settings import IdentificationSettings
from stafet.referrals.settings import ReferralsSettings
from stafet.support.settings import SupportSettings
from stafet.vault.settings import VaultSettings
from stafet_cli.credentials import VAULT_WRITES
from stafet_runtime.host import LAST_RELAY_S
from stafet_runtime.settings import SERVICES, HubSettings
from stafet_runtime.subscriber import COMMIT_S, DRAIN_S
from stafet_sdk.server import PATIENCE_S
from tests.deploy.compose import FILE, read, seconds

CONTAINERS = read()
OWN = {name: each for name, each in CONTAINERS.items() if each.own}
HUB = {name: OWN[name] for name in SERVICES}
AGENCIES = ("police", "redcross", "shelter", "immigration")
SETTINGS = (
    HubSettings,
    GatewaySettings,
    VaultSettings,
    ReferralsSettings,
    IdentificationSettings,
    SupportSettings,
    DeadlinesSettings,
    ContactsSettings,
    DispatchSettings,
    ConsoleSettings,
)


class TestServices:
    def test_are_all_there_each_in_a_container_of_its_own(self) -> None:
        assert {name: each.command for name, each in HUB.items()} == {
            name: ("run", name) for name in SERVICES
        }

    def test_come_with_the_broker_the_database_the_set_up_and_all_agencies(self) -> None:
        assert set(CONTAINERS) == {*SERVICES, *AGENCIES, "setup", "kafka", "postgres"}

    def test_start_without_a_profile_and_the_agencies_with_one(self) -> None:
        assert {name for name, each in CONTAINERS.items() if each.profiles} == set(AGENCIES)


@pytest.mark.parametrize("name", OWN)
class TestOwnContainer:
    def test_runs_the_one_image(self, name: str) -> None:
        assert OWN[name].image == OWN["setup"].image
        assert OWN[name].build == {"context": ".", "dockerfile": "deploy/Dockerfile"}

    def test_can_change_nothing_but_its_mounts(self, name: str) -> None:
        container = OWN[name]
        assert container.read_only
        assert container.tmpfs == ("/tmp",)
        assert container.cap_drop == ("ALL",)
        assert container.security_opt == ("no-new-privileges:true",)

    def test_comes_again_after_a_crash_except_the_set_up(self, name: str) -> None:
        assert OWN[name].restart == ("no" if name == "setup" else "unless-stopped")

    def test_has_longer_to_stop_than_its_running_work_takes(self, name: str) -> None:
        longest = 2 * PATIENCE_S + DRAIN_S + COMMIT_S + LAST_RELAY_S
        assert seconds(OWN[name].stop_grace_period) > longest

    def test_reads_only_settings_that_there_are(self, name: str) -> None:
        known = {
            f"{each.model_config.get('env_prefix', '')}{field}".upper()
            for each in SETTINGS
            for field in each.model_fields
        }
        assert set(OWN[name].environment) <= known


@pytest.mark.parametrize("name", SERVICES)
class TestHubContainer:
    def test_is_asked_for_its_health(self, name: str) -> None:
        check = HUB[name].check
        assert check is not None
        assert check.test == ("CMD", "stafet", "ready")
        assert seconds(check.start_interval) < seconds(check.interval)
        assert check.retries > 0

    def test_waits_for_the_set_up_and_both_servers(self, name: str) -> None:
        assert {other: each.condition for other, each in HUB[name].depends_on.items()} == {
            "setup": "service_completed_successfully",
            "kafka": "service_healthy",
            "postgres": "service_healthy",
        }

    def test_has_a_name_so_that_it_reads_on_at_once_after_a_crash(self, name: str) -> None:
        assert HUB[name].environment["STAFET_INSTANCE"]

    def test_mounts_single_folders_and_changes_none_but_keys_and_proofs(self, name: str) -> None:
        assert len(HUB[name].mounts) == len(HUB[name].volumes)
        assert all(each.subpath for each in HUB[name].mounts)
        changed = {each.subpath for each in HUB[name].mounts if not each.read_only}
        written = {"vault": {"keys", *VAULT_WRITES}, "gateway": {"gateway"}}
        assert changed == written.get(name, set())


class TestNetwork:
    def test_only_the_gateway_and_the_console_can_be_reached_and_by_default_from_this_machine_only(
        self,
    ) -> None:
        assert {name: each.ports for name, each in CONTAINERS.items() if each.ports} == {
            "gateway": ("127.0.0.1:8443:8443",),
            "dispatch": ("127.0.0.1:8445:8443",),
            "console": ("127.0.0.1:8480:8480",),
        }

    def test_the_published_ports_are_those_that_are_listened_on(self) -> None:
        fields = HubSettings.model_fields
        assert (fields["gateway_port"].default, fields["console_port"].default) == (8443, 8480)

    def test_agencies_meet_only_who_speaks_with_partners(self) -> None:
        met = {name for name, each in CONTAINERS.items() if "partners" in each.networks}
        assert met == {"gateway", "dispatch", *AGENCIES}
        assert all(OWN[name].networks == ("partners",) for name in AGENCIES)

    def test_agencies_know_neither_the_broker_nor_the_database(self) -> None:
        assert all(set(OWN[name].environment) == {"STAFET_HOME"} for name in AGENCIES)


class TestSecrets:
    def test_are_seen_only_by_those_who_need_them(self) -> None:
        seen = {
            folder: {name for name, each in OWN.items() if folder in {one.subpath for one in each.mounts}}
            for folder in ("keys", "gateway", "token", "console", "partners", "tls", *VAULT_WRITES)
        }
        assert seen == {
            "keys": {"vault"},
            "gateway": {"gateway"},
            "token": {"vault", "gateway", "dispatch", "console"},
            "console": {"console"},
            "partners": {"gateway", "dispatch"},
            "tls": {"vault", "gateway", "dispatch"},
            **{folder: {"vault"} for folder in VAULT_WRITES},
        }

    def test_of_an_agency_are_seen_by_itself_only(self) -> None:
        for agency in AGENCIES:
            folder = f"simulators/{agency}"
            assert {name for name, each in OWN.items() if folder in {one.subpath for one in each.mounts}} == {
                agency
            }


class TestServers:
    def test_stand_where_the_services_look_for_them(self) -> None:
        kafka, postgres = CONTAINERS["kafka"].environment, CONTAINERS["postgres"].environment
        for container in HUB.values():
            told = container.environment
            assert kafka["KAFKA_ADVERTISED_LISTENERS"] == f"PLAINTEXT://{told['STAFET_KAFKA']}"
            dsn = urlsplit(told["STAFET_POSTGRES"])
            assert (dsn.hostname, dsn.port) == ("postgres", 5432)
            assert dsn.path == f"/{postgres['POSTGRES_DB']}"
            assert (dsn.username, dsn.password) == ("postgres", postgres["POSTGRES_PASSWORD"])

    def test_the_brokers_log_is_in_its_volume(self) -> None:
        kafka = CONTAINERS["kafka"]
        assert kafka.volumes == (f"kafka:{kafka.environment['KAFKA_LOG_DIRS']}",)

    def test_are_asked_by_address_so_that_a_database_in_the_making_is_not_taken_for_one(self) -> None:
        check = CONTAINERS["postgres"].check
        assert check is not None
        assert check.test[:4] == ("CMD", "pg_isready", "-h", "127.0.0.1")

    def test_are_of_named_versions(self) -> None:
        assert all(re.search(r":\d", each.image) for each in CONTAINERS.values())

    def test_the_vault_is_named_to_those_who_call_it(self) -> None:
        told = {name for name, each in HUB.items() if "STAFET_VAULT_URL" in each.environment}
        assert told == {"gateway", "dispatch", "console"}
        port = HubSettings.model_fields["vault_port"].default
        assert HUB["gateway"].environment["STAFET_VAULT_URL"] == f"https://vault:{port}"


class TestFile:
    def test_leaves_to_the_environment_only_what_has_a_default(self) -> None:
        found = re.findall(r"\$\{(\w+)([^}]*)\}", FILE.read_text("utf-8"))
        assert {name for name, _ in found} == {
            "FETCH_ADDRESS",
            "GATEWAY_ADDRESS",
            "POSTGRES_PASSWORD",
            "STAFET_OTLP",
        }
        assert all(default.startswith(":-") for _, default in found)
