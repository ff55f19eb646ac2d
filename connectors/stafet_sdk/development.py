"""Development credentials: one authority that everybody on this machine trusts, keys and ids of both sides.

Never for real people: the private keys of the hub and of all partners come from one place. Needs the extra
`services` (trustme). A connector takes part by an entry point in the group `stafet.development`.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

GROUP: Final = "stafet.development"
# Simulated agencies are on this machine or in a container beside it: RFC 1918, RFC 4193, loopback.
_INTERVAL_S: Final = 0.5
"""On one machine nobody is troubled by being asked often, and somebody watches."""
_NETWORKS: Final = json.dumps(
    ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]
)
_SPACE: Final = uuid.UUID("4d1f5b9e-3f0a-4c59-9d53-0a6f6d3f0c11")


@dataclass(frozen=True, slots=True)
class Identity:
    """The synthetic public ids of the hub or an agency: an eight-digit `cvr` and a UUID."""

    cvr: str
    uuid: str


def identity(name: str) -> Identity:
    """Invent the ids of `hub` or an agency: always the same for the same name."""
    made = uuid.uuid5(_SPACE, name)
    # Real CVR numbers do not begin with 0.
    return Identity(f"0{made.int % 10**7:07}", str(made))


@dataclass(frozen=True, slots=True)
class SshFiles:
    """Key files for SFTP: `ssh_key`, `known_hosts` at the hub; `ssh_host_key`, `authorized_keys` there."""

    partner: Mapping[str, bytes]
    simulator: Mapping[str, bytes]


@dataclass(slots=True)
class Development:
    """Makes files of both sides below `home`; `hosts` are the names and addresses in TLS certificates.

    `endpoints` holds the base URL (https, or sftp) of every agency's system, `drops` where (sftp) those leave
    files that send messages, too.
    """

    home: Path
    endpoints: Mapping[str, str]
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1")
    authority: trustme.CA = field(default_factory=trustme.CA)
    drops: Mapping[str, str] = field(default_factory=dict[str, str])

    def tls(self) -> tuple[bytes, bytes]:
        """Issue a server certificate: (private key, certificate chain), PEM."""
        issued = self.authority.issue_cert(*self.hosts)
        return issued.private_key_pem.bytes(), b"".join(each.bytes() for each in issued.cert_chain_pems)

    def signing(self, name: str) -> tuple[bytes, bytes]:
        """Issue a certificate for signatures: (private key, certificate), PEM."""
        issued = self.authority.issue_cert(common_name=name, organization_name="Stafet development")
        return issued.private_key_pem.bytes(), issued.cert_chain_pems[0].bytes()

    def ssh(self, agency: str) -> SshFiles:
        """Make the keys of a login at an agency's SFTP server: its drop, or else its base URL (sftp)."""
        own, own_public = ssh_key_pair("stafet")
        host, host_public = ssh_key_pair(agency)
        known = f"{ssh_host(self.drops.get(agency) or self.endpoints[agency])} ".encode() + host_public
        return SshFiles(
            partner={"ssh_key": own, "known_hosts": known},
            simulator={"ssh_host_key": host, "authorized_keys": own_public},
        )

    def partner(
        self, agency: str, path: str, identifiers: Mapping[str, str], keys: Mapping[str, bytes]
    ) -> None:
        """Write what the hub holds about an agency; `path` is where below its base URL it receives."""
        endpoint = self.endpoints[agency].rstrip("/") + path
        drop = f'drop = "{self.drops[agency]}"\n' if agency in self.drops else ""
        text = (
            f'endpoint = "{endpoint}"\n{drop}networks = {_NETWORKS}\ninterval_s = {_INTERVAL_S}\n\n'
            f"[identifiers]\n{_toml(identifiers)}"
        )
        self.write(f"partners/{agency}", {"partner.toml": text.encode(), **keys})

    def simulator(self, agency: str, identifiers: Mapping[str, str], files: Mapping[str, bytes]) -> None:
        """Write what the agency itself holds, with a TLS certificate; make the folder of its record."""
        (self.home / agency).mkdir(parents=True, exist_ok=True)
        key, certificate = self.tls()
        own = {
            "identifiers.toml": _toml(identifiers).encode(),
            "tls_key.pem": key,
            "tls_certificate.pem": certificate,
        }
        self.write(f"simulators/{agency}", {**own, **files})

    def write(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Write files for the owner only."""
        where = self.home / folder
        where.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, content in files.items():
            (where / name).touch(mode=0o600)
            (where / name).write_bytes(content)


def ssh_key_pair(comment: str) -> tuple[bytes, bytes]:
    """Make an Ed25519 key pair in OpenSSH's formats: (private key, line for `authorized_keys`)."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return private, public + f" {comment}\n".encode()


def ssh_host(endpoint: str) -> str:
    """Name the server of an `sftp://host:port` as `known_hosts` does."""
    parts = urlsplit(endpoint)
    return f"[{parts.hostname}]:{parts.port}" if parts.port not in (None, 22) else str(parts.hostname)


def furnishers() -> dict[str, Callable[[Development], None]]:
    """Load what makes each agency's development files, by agency."""
    return {point.name: point.load() for point in entry_points(group=GROUP)}


def _toml(values: Mapping[str, str]) -> str:
    return "".join(f'{name} = "{value}"\n' for name, value in values.items())
