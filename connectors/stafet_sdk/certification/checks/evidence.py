"""What stands behind the words: files that are there, groups that are declared, figures that were measured.

A figure is written down, not judged: it depends on the machine.
"""

import time
from collections.abc import Callable
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from stafet_schemas.groups import VAULT_ONLY
from stafet_sdk.certification.check import Checks, Figures, NotApplicableError, expect
from stafet_sdk.certification.golden import inbound_pairs, lonely
from stafet_sdk.certification.quality import complaints, read_quality
from stafet_sdk.certification.samples import NOW
from stafet_sdk.certification.subject import Subject
from stafet_sdk.certification.tiers import wanted_lines
from stafet_sdk.draft import ReferralDraft

MEASURED_S: Final = 0.5
topic: Final = Checks("evidence")


@topic.check("Run `stafet connector check --fix`, and say of each line whether it is done, and if not, why.")
def quality_lines_are_complete(subject: Subject) -> None:
    """quality.toml has every line that people vouch for, with a comment where it is not done."""
    said = complaints(read_quality(subject.folder), wanted_lines())
    expect(not said, "; ".join(said))


@topic.check("Give each golden file its other half, or remove it.")
def golden_files_are_pairs(subject: Subject) -> None:
    """Every golden file has its other half."""
    alone = lonely(subject.samples.golden())
    expect(not alone, f"golden/ has no other half of {', '.join(alone)}")


@topic.check("Add the group to personal_data of the manifest, or do not read and word it.")
def personal_groups_are_declared(subject: Subject) -> None:
    """Groups of values about persons that it reads or words are in its manifest."""
    groups = {group for release in subject.samples.releases() for group in release.values}
    for _, message, _ in inbound_pairs(subject.samples.golden()):
        draft = subject.connector.to_hub(subject.samples.wrapped(message), subject.partner)
        if isinstance(draft, ReferralDraft):
            groups |= draft.values.keys()
    missing = (groups & VAULT_ONLY) - set(subject.connector.manifest.personal_data)
    expect(not missing, f"the manifest's personal_data lacks {', '.join(sorted(missing))}")


@topic.check("Write the page that the manifest names in `docs`, from its project's folder.")
def page_is_there(subject: Subject) -> None:
    """The page for those who run it is where the manifest says."""
    root = project_root(subject.folder)
    if root is None:
        raise NotApplicableError("it is installed without its project, and so without documents")
    page = subject.connector.manifest.docs
    expect((root / page).is_file(), f"{page} is missing")


@topic.check("See which call of the connector raises.", slow=True)
def load_figure(subject: Subject) -> Figures:
    """How many messages a second it accepts and reads, and how many releases it words, was measured."""
    request, partner = subject.samples.request(), subject.partner
    release = max(subject.samples.releases(), key=lambda each: sum(map(len, each.values.values())))

    def read() -> None:
        subject.connector.accept(request, partner, NOW)
        subject.connector.to_hub(request.body, partner)

    def word() -> None:
        subject.connector.from_hub(release, partner, NOW)

    return {"read_per_s": _rate(read), "worded_per_s": _rate(word)}


def project_root(folder: Traversable) -> Path | None:
    """Find the folder with pyproject.toml above a connector's folder; None if it is installed without."""
    if not isinstance(folder, Path):
        return None
    return next((each for each in folder.resolve().parents if (each / "pyproject.toml").is_file()), None)


def _rate(call: Callable[[], None]) -> float:
    call()
    begun, count = time.perf_counter(), 0
    while (taken := time.perf_counter() - begun) < MEASURED_S:
        call()
        count += 1
    return round(count / taken, 1)
