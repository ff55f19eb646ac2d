"""Certification as a test class: every check is a test of its own.

    class TestPolice(CertifiedConnector):
        samples = samples

What does not hold is a failure up to the tier that the manifest claims, and skipped with its reason above it.
"""

from functools import cache
from typing import ClassVar

import pytest

from stafet_sdk.certification.certify import asked_of
from stafet_sdk.certification.check import Check, Finding, run
from stafet_sdk.certification.checks import ALL
from stafet_sdk.certification.quality import read_quality
from stafet_sdk.certification.samples import Samples
from stafet_sdk.certification.subject import subject_of
from stafet_sdk.certification.tiers import earned, rank

_BY_NAME = {check.name: check for check in ALL}


class CertifiedConnector:
    """Inherit as `Test<Agency>Conforms` and give the agency's samples."""

    samples: ClassVar[Samples]

    @pytest.mark.parametrize("check", ALL, ids=lambda each: each.name)
    def test_holds(self, check: Check) -> None:
        """Hold a connector to one promise."""
        found = _found(self.samples, check.name)
        claimed = self.samples.connector.manifest.quality
        if found.state == "not_applicable" or (
            found.state == "failed" and check.name not in asked_of(claimed)
        ):
            pytest.skip(found.said)
        assert found.state == "passed", f"{check.promise}: {found.said}"

    def test_earns_what_it_claims(self) -> None:
        """Compute the tier from all findings."""
        subject = subject_of(self.samples)
        tier, lacking = earned(
            [_found(self.samples, name) for name in _BY_NAME], read_quality(subject.folder)
        )
        claimed = subject.connector.manifest.quality
        assert rank(tier) >= max(1, rank(claimed)), f"earned {tier}, claimed {claimed}: {lacking}"


@cache
def _found(samples: Samples, name: str) -> Finding:
    """Run a check once, however many tests ask."""
    return run(_BY_NAME[name], subject_of(samples))
