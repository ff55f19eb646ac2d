"""What is said of consent in tests, and an adult whom the police referred."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from stafet.vault.app.local import LocalVault
from stafet.vault.domain.consent import Scope
from stafet_runtime.database import Database
from stafet_runtime.vaultport import ConsentOrder, ReleaseRequest, StoredRecord
from stafet_schemas.groups import Group
from stafet_sdk.draft import Fields
from tests.services.vault.people import REGISTRATION, VALUES, request

ADULT_VALUES: Final[dict[Group, Fields]] = {
    **VALUES,
    Group.ROUTING: {**VALUES[Group.ROUTING], "age_group": "adult"},
    Group.HEALTH: {"care_needs": "Insulin for Zorabelle"},
}
ADULT: Final = replace(REGISTRATION, values=ADULT_VALUES)
CHILD: Final = replace(
    REGISTRATION, values={**ADULT_VALUES, Group.ROUTING: VALUES[Group.ROUTING]}, reference="child-1"
)
DAY: Final = timedelta(days=1)
SCOPE: Final = Scope(frozenset({"redcross"}), frozenset({"support"}), frozenset({"health", "narrative"}))
OPENED: Final = {Group.HEALTH, Group.NARRATIVE}
"""What `given` opens for the Red Cross, and nothing else does."""

# The ledger against the consents: releases of what a withdrawn consent had opened, after it and before.
SEEN_AFTER: Final = """
    select count(*) from disclosures d join consents c on c.case_id = d.lane
    where c.statement = 'withdrawn' and d.number > c.entries and d.groups && c.groups
"""
SEEN_BEFORE: Final = SEEN_AFTER.replace(">", "<=")


def given(stored: StoredRecord, **changes: Any) -> ConsentOrder:  # noqa: ANN401 - fields differ
    """Consent that the Red Cross sees health and narrative for support; `changes` replace fields."""
    order = ConsentOrder(
        statement="given",
        agency="operator",
        message="said-1",
        case=stored.case,
        recipients=("redcross",),
        purposes=("support",),
        groups=("health", "narrative"),
        language="vie",
        interpreter=True,
        how="oral",
    )
    return replace(order, **changes)


def duty(stored: StoredRecord, **changes: Any) -> ConsentOrder:  # noqa: ANN401 - fields differ
    """Record the duty to notify the Red Cross of the same."""
    texts = {"basis": "duty", "law": "Barnets lov § 133", "by": "K. Testgaard", "message": "duty-1"}
    return given(stored, **{**texts, "language": None, "how": None, "interpreter": False, **changes})


def withdrawn(stored: StoredRecord, **changes: Any) -> ConsentOrder:  # noqa: ANN401 - fields differ
    """Withdraw all consents."""
    order = ConsentOrder(statement="withdrawn", agency="operator", message="said-9", case=stored.case)
    return replace(order, **changes)


def narrowed(stored: StoredRecord, **changes: Any) -> ConsentOrder:  # noqa: ANN401 - fields differ
    """Leave health alone of the only consent."""
    order = ConsentOrder(
        statement="narrowed", agency="operator", message="said-5", case=stored.case, groups=("health",)
    )
    return replace(order, **changes)


def said(scope: Scope = SCOPE, **changes: Any) -> ConsentOrder:  # noqa: ANN401 - fields differ
    """Say as `given` does, of a scope."""
    return given(
        StoredRecord("c-1", "r-1", 1, (), ""),
        recipients=tuple(scope.recipients),
        purposes=tuple(scope.purposes),
        groups=tuple(scope.groups),
        until=scope.until,
        **{"interpreter": False, **changes},
    )


async def consent_rows(database: Database) -> list[tuple[int, str, list[str]]]:
    """Read all versions: number, statement, groups."""
    rows = await database.pool.fetch(
        "select version, statement, groups from consents order by recorded_at, version"
    )
    return [(row["version"], row["statement"], row["groups"]) for row in rows]


def recall(stored: StoredRecord) -> ReleaseRequest:
    """Ask for the notice of a withdrawal to the Red Cross."""
    return request(
        stored, part="withdrawal", purpose="consent_withdrawn", sender="stafet", record=None, referral=None,
        accepted=False, delivery="delivery-9",
    )  # fmt: skip


async def seen(vault: LocalVault, stored: StoredRecord, delivery: str = "delivery-1") -> set[Group]:
    """Ask for the content as the Red Cross does; return the groups that came."""
    return set((await vault.release(request(stored, delivery=delivery))).values)


@dataclass
class Race:
    """What came of releases around one withdrawal; `told` says that the Red Cross is to be told of it."""

    asked_after: int = 0
    seen_after: int = 0
    told: bool = False


def _another(number: int) -> dict[Group, Fields]:
    """Make the values of somebody else: cases of one person are registered one at a time."""
    identity = {
        **VALUES[Group.IDENTITY],
        "first_name": f"Zorabelle{number}",
        "last_name": f"Quistgaard{number}",
        "person_number": f"{number:010}",
    }
    contact = {
        "phone": f"+45{number:08}",
        "email": f"z{number}@example.org",
        "address": f"Ukendtvej {number}",
    }
    return {**ADULT_VALUES, Group.IDENTITY: identity, Group.CONTACT: contact}


async def race(vault: LocalVault, number: int) -> Race:
    """Give, then release and withdraw at the same time, some releases asking once it is committed."""
    own = replace(ADULT, message=f"m-{number}", reference=f"r-{number}", values=_another(number))
    stored = await vault.register(own)
    await vault.record_consent(given(stored))
    done, found = asyncio.Event(), Race()

    async def withdraw() -> None:
        await asyncio.sleep(0)
        await vault.record_consent(withdrawn(stored))
        done.set()

    async def ask(which: int) -> None:
        after = done.is_set()
        groups = await seen(vault, stored, f"d-{number}-{which}")
        found.asked_after += after
        found.seen_after += bool(after and groups & OPENED)

    first = [ask(which) for which in range(number % 3)]
    await asyncio.gather(*first, withdraw(), ask(8))
    await asyncio.gather(*(ask(which) for which in (10, 11)))
    found.told = bool((await vault.release(recall(stored))).groups)
    return found
