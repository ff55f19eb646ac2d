"""What `stafet doctor` finds in a home's key files: certificates that end soon, secrets open to others."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509

from stafet_cli.doctor_checks import Check, Surroundings
from stafet_runtime.secretfiles import exposed, secret

WARN_WITHIN: Final = timedelta(days=14)
"""Time enough to order a certificate, and to give the other side the new one before the old one ends."""

FOLDERS: Final = ("pki", "tls", "partners", "simulators")
MARK: Final = b"-----BEGIN CERTIFICATE-----"
LARGEST_BYTES: Final = 1024**2
RENEW: Final = "put the new one in place while the old one holds: docs/operations/keys-and-certificates.md"


async def check_certificates(surroundings: Surroundings) -> Check:
    """Is every certificate of this home valid now, and for 14 days more?"""
    home, now = surroundings.settings.home, surroundings.clock.now()
    bundles = {name: content for name, content in _files(home) if MARK in content}
    if not bundles:
        return Check("expiry", None, f"none in {home}")
    unusable: list[str] = []
    ends: dict[str, datetime] = {}
    for name, content in bundles.items():
        try:
            until = holds_until(x509.load_pem_x509_certificates(content), now)
        except ValueError:
            unusable.append(f"{name} cannot be read")
            continue
        if until is None:
            unusable.append(f"{name} is not valid yet")
        else:
            ends[name] = until
    over = [f"{name} ended {end:%Y-%m-%d}" for name, end in _by_end(ends) if end <= now]
    soon = [f"{name} ends {end:%Y-%m-%d}" for name, end in _by_end(ends) if now < end <= now + WARN_WITHIN]
    wrong = [*unusable, *over]
    if wrong or soon:
        return Check("expiry", not wrong, "; ".join(wrong + soon), RENEW, warns=not wrong)
    first, end = _by_end(ends)[0]
    return Check(
        "certificates", ok=True, detail=f"{len(ends)} files, the first to end is {first}, {end:%Y-%m-%d}"
    )


async def check_secrets(surroundings: Surroundings) -> Check:
    """Are all private keys of this home their owner's alone?"""
    home = surroundings.settings.home
    secrets = [name for name, content in _files(home) if secret(Path(name).name, content)]
    if not secrets:
        return Check("secrets", None, f"none in {home}")
    found = [exposed(name, (home / name).stat().st_mode) for name in secrets]
    open_ones = [each.partition(": chmod")[0] for each in found if each]
    names = " ".join(str(home / name) for name, each in zip(secrets, found, strict=True) if each)
    detail = "; ".join(open_ones) or f"{len(secrets)} files, each its owner's alone"
    return Check("secrets", not open_ones, detail, f"chmod 600 {names}")


def holds_until(certificates: Sequence[x509.Certificate], now: datetime) -> datetime | None:
    """Say until when a file of certificates serves its purpose; None if it does not yet.

    While keys are rotated a file holds the old and the new one: it serves as long as one of them does. With a
    certificate comes the authority above it: it serves until the first of both ends. One that is not valid
    yet does not count.
    """
    above = {each.issuer for each in certificates if each.issuer != each.subject}
    leaves = [each for each in certificates if each.subject not in above] or list(certificates)
    begun = [each for each in leaves if each.not_valid_before_utc <= now]
    return max((_chain_end(each, certificates) for each in begun), default=None)


def _chain_end(leaf: x509.Certificate, certificates: Sequence[x509.Certificate]) -> datetime:
    above = [each for each in certificates if each.subject == leaf.issuer != leaf.subject]
    ends = (each.not_valid_after_utc for each in above)
    return min(leaf.not_valid_after_utc, max(ends, default=leaf.not_valid_after_utc))


def _by_end(ends: Mapping[str, datetime]) -> list[tuple[str, datetime]]:
    return sorted(ends.items(), key=lambda each: each[1])


def _files(home: Path) -> Iterator[tuple[str, bytes]]:
    """Give every small file of the folders with keys: its name below `home`, and its content."""
    for folder in FOLDERS:
        for path in sorted((home / folder).rglob("*")):
            if path.is_file() and path.stat().st_size <= LARGEST_BYTES:
                try:
                    yield path.relative_to(home).as_posix(), path.read_bytes()
                except PermissionError:
                    continue
