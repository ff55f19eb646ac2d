"""New development keys for one agency of a home; those that it had still count (`stafet init --renew`)."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlsplit

from stafet_cli.credentials import DONE, CredentialsError, Files, Wanted
from stafet_runtime.partners import FILE, FOLDER, drop_of, endpoint_of
from stafet_sdk.development import Development, furnishers

SIMULATORS: Final = "simulators"
_SETTINGS: Final = frozenset({FILE, "identifiers.toml"})
# By these one side recognises the other: they hold the old beside the new, so that neither has to wait.
_KNOWN_BY: Final = ("partner_", "known_hosts")
_KNOWN_AT_THE_AGENCY_BY: Final = ("hub_", "authorized_keys")


def renew(home: Path, wanted: Wanted, agency: str) -> None:
    """Make new keys and certificates of both sides of an agency, or its first; no other agency's change.

    What either side recognises the other by holds both, the new one first: a message that was signed before
    is still taken. What was old before goes. Addresses and identifiers stay.

    Raises:
        CredentialsError: the home was not made yet, or no such agency is installed.
    """
    made = furnishers()
    if agency not in made:
        raise CredentialsError(f"{agency}: no connector of that name makes keys; there are {', '.join(made)}")
    if not (home / DONE).exists():
        raise CredentialsError(f"{home} was not made yet: run `stafet init`")
    with TemporaryDirectory(dir=home, prefix="renewing-") as folder:
        fresh = Development(Path(folder), _endpoints(home, wanted, agency), wanted.hosts)
        fresh.drops = _drops(home, wanted, agency)
        made[agency](fresh)
        # Trust comes first: nobody shows a certificate of the new authority before it is known.
        fresh.write("pki", {"ca.pem": fresh.authority.cert_pem.bytes()})
        authority = Files(home).authority
        _put(Path(folder) / "pki" / "ca.pem", authority, authority.read_bytes())
        for side, known in ((FOLDER, _KNOWN_BY), (SIMULATORS, _KNOWN_AT_THE_AGENCY_BY)):
            _put_all(Path(folder) / side / agency, home / side / agency, known)
        (home / agency).mkdir(exist_ok=True)


def _endpoints(home: Path, wanted: Wanted, agency: str) -> Mapping[str, str]:
    """Say where the agencies are; this one stays where it was."""
    file = home / FOLDER / agency / FILE
    if not file.exists():
        if agency not in wanted.endpoints:
            raise CredentialsError(f"{agency}: say where it receives: --partner {agency}=https://host:port")
        return wanted.endpoints
    parts = urlsplit(endpoint_of(file))
    return {**wanted.endpoints, agency: f"{parts.scheme}://{parts.netloc}"}


def _drops(home: Path, wanted: Wanted, agency: str) -> Mapping[str, str]:
    """Say where files are left; at this agency where they were, if anywhere."""
    file = home / FOLDER / agency / FILE
    if not file.exists():
        return wanted.drops
    drop = drop_of(file)
    return {agency: drop} if drop else {}


def _put_all(made: Path, where: Path, known: tuple[str, ...]) -> None:
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = sorted(made.iterdir(), key=lambda each: not each.name.startswith(known))
    for each in files:
        if each.name not in _SETTINGS or not (where / each.name).exists():
            kept = each.name.startswith(known) and (where / each.name).exists()
            _put(each, where / each.name, _newest((where / each.name).read_bytes()) if kept else b"")


def _newest(content: bytes) -> bytes:
    """Return the first key of a file: a PEM block, or a line."""
    end = content.find(b"-----END")
    return content[: content.find(b"\n", end) + 1 or None] if end >= 0 else content.splitlines()[0]


def _put(made: Path, where: Path, kept: bytes) -> None:
    if kept:
        made.write_bytes(made.read_bytes().rstrip() + b"\n" + kept)
    made.replace(where)
