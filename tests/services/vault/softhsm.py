"""SoftHSM2, a hardware security module in software: the system's own, or unpacked into the user's cache."""

import hashlib
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pkcs11
from platformdirs import user_cache_path

# Debian 12's packages for amd64, by version and SHA-256; apt knows where they are.
VERSION: Final = "2.6.1-2.1"
PACKAGES: Final = {
    "libsofthsm2": "8c29aa37b082c2904d5ff8c65432e6b018929687400854dbeafd1c2a787d3508",
    "softhsm2": "10bf00517295d1da6229684a73fbf90d64841d0a8df69517dc0004586720d04e",
}
MODULE: Final = "libsofthsm2.so"
UTIL: Final = "softhsm2-util"
SYSTEM: Final = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/opt/homebrew/lib")
PIN: Final = "2468"
SECONDS: Final = 60
TOKENS: Final = "tokens"

_numbers = itertools.count(1)


class NoSoftHsmError(Exception):
    """There is none on this machine, and it cannot be had."""


@dataclass(frozen=True, slots=True)
class SoftHsm:
    """Where its library and its program are."""

    module: Path
    util: Path

    def token(self) -> str:
        """Make an empty token and return its label; sessions that are open break, as at a restart."""
        label = f"stafet-{next(_numbers)}"
        command = ["--init-token", "--free", "--label", label, "--so-pin", PIN, "--pin", PIN]
        subprocess.run([self.util, "--module", self.module, *command], check=True, capture_output=True)
        self.restart()
        return label

    def restart(self) -> None:
        """Forget all sessions of this process, and look for tokens anew."""
        pkcs11.lib(str(self.module)).reinitialize()

    @contextmanager
    def away(self) -> Generator[None]:
        """Take all tokens away while the block runs."""
        tokens = Path(os.environ["SOFTHSM2_CONF"]).with_name(TOKENS)
        elsewhere = tokens.rename(tokens.with_name("elsewhere"))
        tokens.mkdir()
        self.restart()
        try:
            yield
        finally:
            tokens.rmdir()
            elsewhere.rename(tokens)
            self.restart()


def find_softhsm() -> SoftHsm:
    """Find it, or fetch it once per user.

    Raises:
        NoSoftHsmError: neither; the text says why.
    """
    util = shutil.which(UTIL)
    for folder in SYSTEM if util else ():
        for module in sorted(Path(folder).rglob(MODULE)):
            return SoftHsm(module, Path(util or ""))
    cache = user_cache_path("stafet", appauthor=False) / "softhsm" / VERSION
    if not cache.exists():
        _fetch(cache)
    return SoftHsm(next(cache.rglob(MODULE)), next(cache.rglob(UTIL)))


def configured(folder: Path) -> Path:
    """Write settings that keep tokens in a folder, for the environment's SOFTHSM2_CONF."""
    tokens, settings = folder / TOKENS, folder / "softhsm2.conf"
    tokens.mkdir()
    settings.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
    return settings


def _fetch(cache: Path) -> None:
    cache.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=cache.parent) as folder:
        unpacked = Path(folder) / "unpacked"
        wanted = [f"{package}={VERSION}" for package in PACKAGES]
        try:
            _run("apt-get", "download", *wanted, within=Path(folder))
            for package, sha256 in PACKAGES.items():
                (found,) = Path(folder).glob(f"{package}_*.deb")
                if hashlib.sha256(found.read_bytes()).hexdigest() != sha256:
                    raise NoSoftHsmError(f"{found.name} is not the pinned one")
                _run("dpkg-deb", "--extract", str(found), str(unpacked), within=Path(folder))
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            what = f"SoftHSM2 is not installed, and apt does not give it ({type(error).__name__})"
            raise NoSoftHsmError(f"{what}: install softhsm2") from error
        unpacked.replace(cache)


def _run(*command: str, within: Path) -> None:
    subprocess.run(command, check=True, capture_output=True, cwd=within, timeout=SECONDS)
