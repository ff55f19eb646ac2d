"""Certify a connector: run the checks, compute the tier, compare it with what the manifest claims."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from stafet_sdk.certification.check import Check, Finding, run
from stafet_sdk.certification.checks import ALL
from stafet_sdk.certification.quality import AGENCY, Lines, read_quality
from stafet_sdk.certification.subject import Subject
from stafet_sdk.certification.tiers import earned, rank, tiers


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was found; `tier` is earned, `claimed` is what the manifest says, `lacking` what each tier lacks.

    A quick one left out slow checks, so that its tier is only what can be told without them.
    """

    agency: str
    version: str
    transport: str
    at: datetime
    quick: bool
    findings: tuple[Finding, ...]
    tier: str | None
    claimed: str | None
    lacking: dict[str, list[str]]
    agency_lines: dict[str, str]

    @property
    def failed(self) -> tuple[Finding, ...]:
        """Promises that do not hold, of every tier."""
        return tuple(each for each in self.findings if each.state == "failed")

    @property
    def broken(self) -> tuple[Finding, ...]:
        """Promises that do not hold, of the tier that is claimed and those before it; bronze is the least."""
        asked = asked_of(self.claimed)
        return tuple(each for each in self.failed if each.check in asked)

    @property
    def overclaimed(self) -> bool:
        """Say whether more is claimed than was earned, or not even the least; a quick run cannot tell."""
        return not self.quick and max(1, rank(self.claimed)) > rank(self.tier)

    @property
    def ok(self) -> bool:
        """Say whether the connector is what its manifest claims."""
        return not self.broken and not self.overclaimed

    def as_json(self) -> dict[str, Any]:
        """Word it for a file."""
        return {**asdict(self), "at": self.at.isoformat(), "ok": self.ok}


def asked_of(claimed: str | None) -> frozenset[str]:
    """Name the checks of a tier and of those before it; bronze is the least."""
    return frozenset(name for tier in tiers()[: max(1, rank(claimed))] for name in tier.checks)


def certify(
    subject: Subject,
    *,
    quick: bool = False,
    checks: Iterable[Check] = ALL,
    told: Callable[[Check, Finding], None] = lambda _check, _finding: None,
) -> Certificate:
    """Run checks, telling each finding at once; a quick run leaves out slow checks."""
    findings: list[Finding] = []
    for check in checks:
        skipped = quick and check.slow
        found = Finding(check.name, "skipped", "left out by --quick") if skipped else run(check, subject)
        findings.append(found)
        told(check, found)
    quality: Lines = read_quality(subject.folder)
    tier, lacking = earned(findings, quality)
    manifest = subject.connector.manifest
    return Certificate(
        agency=manifest.agency,
        version=manifest.version,
        transport=manifest.transport,
        at=datetime.now(UTC),
        quick=quick,
        findings=tuple(findings),
        tier=tier,
        claimed=manifest.quality,
        lacking=lacking,
        agency_lines={name: line.status for name, line in quality.get(AGENCY, {}).items()},
    )
