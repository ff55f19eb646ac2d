"""Development files for SFTP: keys of both sides that OpenSSH reads, too."""

import stat
import subprocess
from pathlib import Path

import asyncssh
import pytest

from stafet_sdk.development import Development, ssh_host, ssh_key_pair
from tests.sdk.sftp_sites import find


class TestSsh:
    def test_each_side_knows_the_other(self, tmp_path: Path) -> None:
        made = Development(tmp_path, {"shelter": "sftp://127.0.0.1:2222"}).ssh("shelter")

        known = asyncssh.import_known_hosts(made.partner["known_hosts"].decode())
        host = asyncssh.import_private_key(made.simulator["ssh_host_key"])
        own = asyncssh.import_private_key(made.partner["ssh_key"])
        assert known.match("127.0.0.1", "", 2222)[0] == [host.convert_to_public()]
        assert own.export_public_key().split()[:2] == made.simulator["authorized_keys"].split()[:2]

    @pytest.mark.parametrize(
        ("endpoint", "host"),
        [
            ("sftp://files.example", "files.example"),
            ("sftp://files.example:22/x", "files.example"),
            ("sftp://127.0.0.1:2222", "[127.0.0.1]:2222"),
        ],
    )
    def test_names_a_server_as_openssh_does(self, endpoint: str, host: str) -> None:
        assert ssh_host(endpoint) == host

    def test_openssh_reads_the_private_key(self, tmp_path: Path) -> None:
        program = find("ssh-keygen")
        if program is None:
            pytest.skip("there is no OpenSSH on this machine")
        private, public = ssh_key_pair("stafet")
        Development(tmp_path, {}).write("keys", {"key": private})

        said = subprocess.run([program, "-y", "-f", tmp_path / "keys/key"], capture_output=True, check=True)

        assert said.stdout.split()[:2] == public.split()[:2]
        assert stat.S_IMODE((tmp_path / "keys/key").stat().st_mode) == 0o600
