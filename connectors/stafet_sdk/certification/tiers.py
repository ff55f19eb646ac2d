"""The tier that a connector earned: computed from its findings and its quality.toml, never claimed."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from stafet_sdk.certification.check import Finding
from stafet_sdk.certification.quality import AGENCY, Lines

FILE: Final = "tiers.toml"


@dataclass(frozen=True, slots=True)
class Tier:
    """What one tier asks for, on top of those before it; see `tiers.toml`."""

    name: str
    means: str
    passed: tuple[str, ...]
    passed_or_not_applicable: tuple[str, ...]
    lines: Mapping[str, str]

    @property
    def checks(self) -> tuple[str, ...]:
        """Every check that it asks for."""
        return (*self.passed, *self.passed_or_not_applicable)


@cache
def tiers() -> tuple[Tier, ...]:
    """Read the tiers, lowest first."""
    return tuple(
        Tier(
            name,
            said["means"],
            tuple(said["passed"]),
            tuple(said["passed_or_not_applicable"]),
            said.get("lines", {}),
        )
        for name, said in _read().items()
        if name != AGENCY
    )


def wanted_lines() -> dict[str, tuple[str, ...]]:
    """Give the lines of each section of a quality.toml, the agency's last."""
    asked = {tier.name: tuple(tier.lines) for tier in tiers() if tier.lines}
    return {**asked, AGENCY: tuple(agency_lines())}


def agency_lines() -> dict[str, str]:
    """Give what only the agency can do, with what it means."""
    return dict(_read()[AGENCY]["lines"])


def unmet(tier: Tier, findings: Mapping[str, Finding], quality: Lines) -> list[str]:
    """Say what one tier lacks."""
    said = [_lacking(name, findings, {"passed"}) for name in tier.passed]
    said += [_lacking(name, findings, {"passed", "not_applicable"}) for name in tier.passed_or_not_applicable]
    said += [
        f"quality.toml: [{tier.name}] {name} is not done"
        for name in tier.lines
        if name not in quality.get(tier.name, {}) or not quality[tier.name][name].met
    ]
    return [each for each in said if each]


def earned(findings: Iterable[Finding], quality: Lines) -> tuple[str | None, dict[str, list[str]]]:
    """Compute the highest tier of which nothing is lacking, nor of those before; and what each tier lacks."""
    by_name = {each.check: each for each in findings}
    lacking = {tier.name: unmet(tier, by_name, quality) for tier in tiers()}
    reached: str | None = None
    for tier in tiers():
        if lacking[tier.name]:
            break
        reached = tier.name
    return reached, lacking


def rank(tier: str | None) -> int:
    """Order tiers: 0 is none."""
    return 0 if tier is None else 1 + [each.name for each in tiers()].index(tier)


def _lacking(name: str, findings: Mapping[str, Finding], good: set[str]) -> str:
    state = findings[name].state if name in findings else "skipped"
    return "" if state in good else f"{name} is {state.replace('_', ' ')}"


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__ or "") / FILE).read_text(encoding="utf-8"))
