"""Subject reports of a made-up person, whose values try to be markup."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from stafet.vault.adapters.datafiles import load_policy
from stafet.vault.app.subject import Reporter
from stafet.vault.domain.consent import CONSENT, DUTY, GIVEN, GROUND, Scope, Version
from stafet.vault.domain.subject import Disclosed, Record, Report, laws
from stafet.vault.handlers.reporting import Written
from stafet_schemas.groups import Group
from tests.services.vault.people import VALUES

POLICY: Final = load_policy()
AT: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
OFFICER: Final = "d.officer"
STAFF: Final = "k.namedsen"
EVIL: Final = "<script>alert(1)</script>\"'&amp;{title}"
SCOPE: Final = Scope(
    frozenset({"redcross", "police"}), frozenset({"support"}), frozenset({"narrative", "child"})
)


def version(basis: str = CONSENT) -> Version:
    """Make a first version of a basis of two agencies'; a duty or ground has its law and its human."""
    day_before = AT - timedelta(days=1)
    spoken = Version(f"{basis}-1", 1, basis, GIVEN, SCOPE, day_before, day_before, "police")
    if basis == CONSENT:
        return replace(spoken, language="vie", how="oral")
    return replace(spoken, law=f"{basis} by § 1", by=STAFF)


HISTORY: Final = (version(), version(DUTY), version(GROUND))
ROW: Final = Disclosed(
    disclosure="d-1", at=AT, sender="police", recipient="redcross", purpose="support", part="content",
    policy=POLICY.version, fields=("narrative.text", "routing.service"), bases=("consent:consent-1:1",),
)  # fmt: skip


def row(**changes: Any) -> Disclosed:  # noqa: ANN401 - fields differ
    """Make a row of the ledger: content to the Red Cross, by the person's consent."""
    return replace(ROW, **changes)


def report_of(*rows: Disclosed) -> Report:
    """Make a report of a person whose values are markup."""
    values = {**VALUES, Group.NARRATIVE: {"text": EVIL}, Group.IDENTITY: {"first_name": EVIL, EVIL: "x"}}
    return Report(
        number="n-1",
        at=AT,
        policy=POLICY.version,
        records=(Record("police", AT, values), Record(EVIL, AT, {Group.ROUTING: {"service": EVIL}})),
        withheld=("perpetrator",),
        disclosed=tuple((each, laws(each, POLICY, HISTORY)) for each in rows or (row(),)),
        bases=HISTORY,
    )


async def written(desk: Reporter, case: str, language: str = "da") -> Written:
    """Have a report written."""
    outcome = await desk.report(case, language, OFFICER)
    assert isinstance(outcome, Written)
    return outcome
