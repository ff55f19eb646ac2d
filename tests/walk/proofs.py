"""What the walk is held against: names a partner may see, the ladder, the ledger, the printed trace."""

import asyncio
import io
from collections.abc import Iterator, Mapping
from typing import Final

from rich.console import Console

from stafet.vault.app.ledger import Notary
from stafet.vault.domain.ledger import FIRST, link, place
from stafet_cli.demo.leak_patterns import Patterns
from stafet_cli.receipts import receipt_of
from stafet_cli.seat import vault_seat
from stafet_cli.trace import trace_command
from stafet_connectors.police.simulator_plan import Planned
from tests.walk.whole_hub import Json, WholeHub

NOTICE_NAMES: Final = frozenset(
    {
        "cas_ReasonForOutgoingReferral", "cas_ReferredOrganisation", "cas_ReferringOrganisation",
        "prs_Gender", "prs_PrimaryLanguage", "stafet_age_group", "stafet_interpreter", "stafet_person",
        "stafet_priority", "stafet_purpose", "stafet_referral", "stafet_risk", "stafet_safe_contact",
        "stafet_service", "stafet_sex",
    }
)  # fmt: skip
"""Routing facts, and who refers to whom."""

CONTENT_NAMES: Final = frozenset(
    {
        "prs_FirstName", "prs_SecondName", "prs_Birthdate", "prs_Citizenship", "prs_IdentityNumber",
        "prs_MobilePhone", "prs_Email", "prs_MailingStreet", "stafet_residence_status",
        "vic_TraffickingStatus",
    }
)  # fmt: skip
"""What only somebody who has accepted may see."""

LADDER: Final = (
    "referral.submitted",
    "referral.delivered",
    "referral.accepted",
    "referral.started",
    "referral.completed",
    "referral.loop_closed",
)
LEDGER: Final = "select * from vault.disclosures where lane = $1 order by number"


def said_of(planned: Planned, blob: bytes) -> list[int]:
    """Number the values of a referral's person that stand in bytes, in whatever encoding."""
    return sorted(
        {number for number, _ in Patterns([*planned.person.values(), planned.reference]).hits(blob)}
    )


def names_seen(received: Json) -> set[str]:
    """Return the names of the fields that came with a delivery, by the Red Cross's record."""
    return set(received["groups_seen"].split())


def climb(event: Json, events: Mapping[str, Json]) -> Iterator[Json]:
    """Go from an event to its cause, and on to the one that nobody caused."""
    yield event
    while (cause := event["causation"]) is not None:
        event = events[cause]
        yield event


async def ledger_chain(hub: WholeHub, case: str) -> list[str]:
    """Compute the chain of a case anew, and audit the whole ledger; return which part each row released."""
    head = FIRST
    rows = await hub.rows(LEDGER, case)
    for number, row in enumerate(rows, 1):
        assert (row["number"], row["prev_hash"]) == (number, head)
        head = link(head, row["digest"], place(case, number, row["keyed"]))
        assert row["hash"] == head
    (chain,) = await hub.rows("select entries, head from vault.chains where lane = $1", case)
    assert (chain["entries"], chain["head"]) == (len(rows), head)
    async with vault_seat(hub.settings) as session:
        audit = await Notary(session, hub.home).verify()
    assert (audit.faults, audit.rows >= len(rows)) == ((), True)
    return [row["part"] for row in rows]


async def printed_trace(hub: WholeHub, reference: str) -> str:
    """Print a case, by the hub's id or an agency's, as `stafet trace` does."""
    known = await receipt_of(hub.settings, reference) or reference
    output = io.StringIO()
    console = Console(file=output, width=200, highlight=False)
    code = await asyncio.to_thread(trace_command, known, home=hub.home, output=console)
    assert code == 0
    return output.getvalue()
