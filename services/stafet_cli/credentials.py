"""Development credentials of a hub's home: made once, never overwritten (`stafet init`, `up`, `demo`).

Below `home`: `pki/` (the authority that all trust), `tls/` (the hub's certificate), `keys/` (the vault's
own), `gateway/` (the key of its digests, the vault's public key), `token/` (what services show the vault),
`console/` (the operator's password), `partners/` (what the hub holds about each agency), `simulators/` (what
each agency holds); and empty, for the vault to write to, `shreds/`, `certificates/` and `treeheads/`.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from stafet.vault.adapters import shreds, treeheads
from stafet.vault.keyfiles import SEAL_PUBLIC, create_key_files
from stafet_runtime.secretfiles import ExposedError, read_guarded
from stafet_sdk.development import Development, furnishers

OPERATOR: Final = "operator"
VAULT_WRITES: Final = (shreds.FOLDER, shreds.CERTIFICATES, treeheads.FOLDER)
DONE: Final = "pki/complete"
CREDENTIALS: Final = "credentials.toml"
DEFAULT_HOSTS: Final = ("localhost", "127.0.0.1")


class CredentialsError(Exception):
    """A file of the hub's home is missing or was left half made; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Files:
    """Where a hub finds its own secrets and certificates."""

    home: Path

    @property
    def authority(self) -> Path:
        """The certificate authority that hub and partners trust."""
        return self.home / "pki" / "ca.pem"

    @property
    def certificate(self) -> Path:
        """The hub's TLS certificate chain."""
        return self.home / "tls" / "certificate.pem"

    @property
    def key(self) -> Path:
        """Its private key."""
        return self.home / "tls" / "key.pem"

    @property
    def seal_public(self) -> Path:
        """The vault's public key, as the gateway has it."""
        return self.home / "gateway" / SEAL_PUBLIC

    def digest_key(self) -> bytes:
        """Read the key of the gateway's digests."""
        return bytes.fromhex(_read(self.home / "gateway" / "digest_key"))

    def vault_token(self) -> str:
        """Read what services show the vault."""
        return _read(self.home / "token" / "vault_token")

    def console_password(self) -> str:
        """Read the operator's password."""
        return _read(self.home / "console" / "password")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What `create` makes: the agencies' base URLs, the names in all TLS certificates, and the file drops."""

    endpoints: Mapping[str, str]
    hosts: tuple[str, ...] = field(default=DEFAULT_HOSTS)
    drops: Mapping[str, str] = field(default_factory=dict[str, str])


def create(home: Path, wanted: Wanted) -> bool:
    """Make everything a new hub needs; false if it is there already.

    Raises:
        CredentialsError: an earlier attempt was cut off half-way.
    """
    files, done = Files(home), home / DONE
    if done.exists():
        return False
    if files.authority.exists():
        raise CredentialsError(f"{home / 'pki'} was left half made: remove it and start again")
    development = Development(home, wanted.endpoints, wanted.hosts, drops=wanted.drops)
    development.write("pki", {"ca.pem": development.authority.cert_pem.bytes()})
    key, certificate = development.tls()
    development.write("tls", {files.key.name: key, files.certificate.name: certificate})
    for folder in VAULT_WRITES:
        (home / folder).mkdir(mode=0o700, exist_ok=True)
    public = (create_key_files(home) / SEAL_PUBLIC).read_bytes()
    development.write("gateway", {"digest_key": secrets.token_hex(32).encode(), SEAL_PUBLIC: public})
    development.write("token", {"vault_token": secrets.token_urlsafe(32).encode()})
    development.write("console", {"password": secrets.token_urlsafe(12).encode()})
    for agency, furnish in furnishers().items():
        if agency in wanted.endpoints:
            furnish(development)
    done.touch()
    return True


def announce(home: Path, console_url: str) -> Path:
    """Write what `stafet trace` and a person need to ask the console; returns the file."""
    path = home / CREDENTIALS
    path.touch(mode=0o600)
    password = Files(home).console_password()
    text = f'[console]\nurl = "{console_url}"\nuser = "{OPERATOR}"\npassword = "{password}"\n'
    path.write_text(text, encoding="utf-8")
    return path


def check(home: Path, *, tls: bool) -> Files:
    """Return the files of a home that was made; with `tls` the hub's own certificate must be there, too.

    Raises:
        CredentialsError: it was not, or its private key is open to others.
    """
    files = Files(home)
    for path in (files.authority, *((files.certificate, files.key) if tls else ())):
        if not path.exists():
            raise CredentialsError(
                f"{path} is missing: run `stafet init`, or put your own certificates there"
            )
    if tls:
        _refuse_exposed(files.key)
    return files


def _refuse_exposed(path: Path) -> None:
    try:
        read_guarded(path, always=True)
    except (ExposedError, OSError) as error:
        raise CredentialsError(str(error)) from None


def _read(path: Path) -> str:
    try:
        return read_guarded(path, always=True).decode("ascii").strip()
    except ExposedError as error:
        raise CredentialsError(str(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialsError(f"{path} cannot be read ({type(error).__name__}): run `stafet init`") from None
