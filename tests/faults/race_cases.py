"""People who consented, and whose content stands in dispatch's lanes: made before the hub starts."""

import asyncio
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeVar

from stafet.dispatch import handlers
from stafet.dispatch.adapters.intake import PostgresIntake
from stafet.gateway.adapters import PostgresDesk
from stafet.gateway.ports import KnownReferral
from stafet.vault.app.local import LocalVault
from stafet_runtime.clock import SystemClock, SystemIds
from stafet_runtime.database import Database
from stafet_runtime.unit import transaction
from stafet_runtime.vaultport import ConsentOrder, Registration, ReleaseRequest, StoredRecord
from stafet_schemas.event import Event, EventData
from stafet_schemas.groups import Group
from stafet_schemas.referral import ReferralAccepted, ReferralRouted, ReferralSubmitted
from stafet_sdk.draft import Fields

CODED: Final = {"service": "accommodation", "priority": "urgent", "age_group": "adult", "sex": "female"}
VALUES: Final[dict[Group, Fields]] = {
    Group.ROUTING: CODED,
    Group.NARRATIVE: {"text": "Found at Testrup station"},
}
CONSENT: Final = ConsentOrder(
    statement="given",
    agency="police",
    message="",
    recipients=("redcross",),
    purposes=("support",),
    groups=("narrative",),
    language="vie",
    how="oral",
)
AT_ONCE: Final = 8
INBOX_SHARE: Final = 0.25
Told = TypeVar("Told", bound=Event)

READY: Final = "ready"
BUSY: Final = "busy"
COMING_BACK: Final = "coming_back"
REFUSING: Final = "refusing"
TEMPERS: Final[Mapping[str, int]] = {READY: 78, BUSY: 16, COMING_BACK: 3, REFUSING: 3}
"""What the Red Cross's system does when it is told of a content, and with how many of a hundred cases.

It fetches it; says 503 the first time it is told; fetches it, and once more when the consent is withdrawn; or
refuses to be told as long as there is consent, so that the lane stands until a human starts it again.
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One person's referral. `delivery` is that of its content, `inbox` how its consent is withdrawn."""

    number: int
    stored: StoredRecord
    referral: str
    delivery: str
    temper: str
    inbox: bool


def strict_policy(folder: Path) -> Path:
    """Write the policy with nothing for the Red Cross but by consent: without it, content is blocked."""
    text = (resources.files("stafet.vault") / "policy.toml").read_text(encoding="utf-8")
    before, head, rest = text.partition("[receivers.childrens_centre.cells]\n")
    cells, after, others = rest.partition("\n[receivers.")
    strict = before + head + cells.replace('mark = "A"', 'mark = "c"') + after + others
    path = folder / "strict_policy.toml"
    path.write_text(re.sub(r'(?m)^version = ".*"$', 'version = "strict"', strict, count=1), encoding="utf-8")
    return path


async def make_cases(
    count: int, chance: random.Random, vault: LocalVault, gateway: Database, dispatch: Database
) -> list[Case]:
    """Register so many people with their consent, and queue what the Red Cross accepted of each.

    Some of the withdrawals will come through the Red Cross's inbox: it knows those cases by a notice.
    """
    ids = SystemIds()
    tempers = chance.choices(list(TEMPERS), list(TEMPERS.values()), k=count)
    inbox = [temper in {READY, BUSY} and chance.random() < INBOX_SHARE for temper in tempers]
    numbers, made = iter(range(count)), list[Case]()

    async def register() -> None:
        for number in numbers:
            stored = await vault.register(_registration(number))
            case = Case(number, stored, ids.new(), ids.new(), tempers[number], inbox[number])
            if case.inbox:
                await vault.release(_notice(case))
            made.append(case)

    await asyncio.gather(*(register() for _ in range(AT_ONCE)))
    await _queue(made, gateway, dispatch)
    return sorted(made, key=lambda case: case.number)


def _registration(number: int) -> Registration:
    message = f"tx-{number}"
    consent = replace(CONSENT, message=message)
    return Registration(
        agency="police",
        message=message,
        placer=message,
        reference=f"ref-{number}",
        values=VALUES,
        raw=b"<raw/>",
        consents=(consent,),
    )


def _notice(case: Case) -> ReleaseRequest:
    return ReleaseRequest(
        delivery=f"notice-{case.number}",
        case=case.stored.case,
        record=case.stored.record,
        referral=case.referral,
        sender="police",
        recipient="redcross",
        part="notice",
        purpose="referral_notice",
        placer=f"tx-{case.number}",
    )


async def _queue(cases: Sequence[Case], gateway: Database, dispatch: Database) -> None:
    clock, ids = SystemClock(), SystemIds()
    async with transaction(gateway, clock, ids) as unit:
        desk = PostgresDesk(unit)
        for each in cases:
            desk.remember(KnownReferral(each.referral, each.stored.case, "police", "redcross"))
            # Of a message that the gateway does not have: a referral is kept with the end of its message.
            desk.settle("police", ids.new(), each.stored.case)
        await desk.save()
    async with transaction(dispatch, clock, ids) as unit:
        intake = PostgresIntake(unit)
        for each in cases:
            await handlers.on_referral_submitted(_submitted(each), intake=intake)
            await handlers.on_referral_accepted(
                _event(ReferralAccepted, each, receiver="redcross"), intake=intake
            )
            await handlers.on_referral_routed(_routed(each), intake=intake, outbox=unit.outbox)
        await intake.save()


def _submitted(case: Case) -> ReferralSubmitted:
    stored = case.stored
    return _event(
        ReferralSubmitted, case, receiver="redcross", record=stored.record, version=stored.version,
        groups=stored.groups, digest=stored.digest, **CODED,
    )  # fmt: skip


def _routed(case: Case) -> ReferralRouted:
    routed = _event(
        ReferralRouted, case, recipient="redcross", part="content", purpose="support", rule="routing-2"
    )
    return routed.model_copy(update={"id": case.delivery})


def _event(kind: type[Told], case: Case, **data: Any) -> Told:  # noqa: ANN401 - fields differ
    now, about = SystemClock().now(), case.stored.case
    fields: type[EventData] = kind.__annotations__["data"]
    who = {"case": about, "referral": case.referral, "sender": "police", "placer": f"tx-{case.number}"}
    return kind(
        id=SystemIds().new(),
        source="/stafet/referrals",
        type=kind.type_name(),
        time=now,
        correlationid=about,
        partitionkey=about,
        recordedtime=now,
        data=fields.model_validate(who | data),
    )
