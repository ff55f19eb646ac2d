"""What ends the referrals of a case from outside."""

from stafet.referrals.domain.ending import CONSENT, case_closed, case_erased, unconsented
from stafet.referrals.handlers.applying import apply
from stafet.referrals.ports import Referrals
from stafet_runtime.outbox import Outbox
from stafet_schemas.case import CaseErased
from stafet_schemas.consent import ConsentWithdrawn
from stafet_schemas.likeness import CaseClosed


async def on_consent_withdrawn(event: ConsentWithdrawn, *, referrals: Referrals, outbox: Outbox) -> None:
    """End what the person agreed to no more; a duty or a ground that is taken back ends nothing."""
    data = event.data
    for known in referrals.of_case(data.case) if data.basis == CONSENT else []:
        apply(unconsented(known, event.id, data.named, data.purposes), referrals, outbox, event.time)


async def on_case_closed(event: CaseClosed, *, referrals: Referrals, outbox: Outbox) -> None:
    """End what is still open."""
    for known in referrals.of_case(event.data.case):
        apply(case_closed(known, event.id), referrals, outbox, event.time)


async def on_case_erased(event: CaseErased, *, referrals: Referrals, outbox: Outbox) -> None:
    """End what is still open, and forget what was asked; the case bars nobody in another any more."""
    referrals.cases.put(referrals.cases.get(event.data.case, "case", "case").moved("erased"))
    for known in referrals.of_case(event.data.case):
        apply(case_erased(known, event.id), referrals, outbox, event.time)
    for routing in referrals.routings.of_case(event.data.case):
        referrals.routings.put(routing.forgotten)
