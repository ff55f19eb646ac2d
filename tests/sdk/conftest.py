"""A partner's SFTP site: behind the simulators' server, and behind OpenSSH's where there is one."""

from collections.abc import AsyncGenerator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.sdk.sftp_sites import Serving, Site, openssh, own_server


@pytest.fixture(scope="session")
async def sshd() -> AsyncGenerator[Serving | None]:
    """Run OpenSSH's server once for the session."""
    with TemporaryDirectory(prefix="stafet-sshd-") as folder:
        async with openssh(Path(folder)) as serving:
            yield serving


@pytest.fixture(params=["own", "openssh"])
async def site(request: pytest.FixtureRequest, tmp_path: Path, sshd: Serving | None) -> AsyncGenerator[Site]:
    """Serve empty folders."""
    if request.param == "openssh" and sshd is None:
        pytest.skip("OpenSSH's sshd is not on this machine, or does not start as this user")
    serving = own_server if request.param == "own" or sshd is None else sshd
    async with serving(tmp_path / "site") as served:
        yield served
