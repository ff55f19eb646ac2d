"""Erase: check the law, destroy, leave a line in the journal and a certificate, and tell of it."""

from dataclasses import dataclass, replace
from datetime import datetime

from stafet.vault.domain.erasure import (
    GROUNDS,
    REPLAYED,
    Clear,
    Counts,
    Held,
    Hold,
    Statement,
    case_digest,
    certificate_text,
    check,
    read_certificate,
    statement_bytes,
)
from stafet.vault.domain.zones import ZONES
from stafet.vault.handlers.tools import Tools
from stafet.vault.ports.erasures import Erasures, Journal, Request, Shred, Signer, Standing
from stafet_schemas.case import CaseErased, CaseErasedData


@dataclass(frozen=True, slots=True)
class Erased:
    """The case is shredded; `again` says that it was so before, and that the certificate is the first one."""

    certificate: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class UnknownCase:
    """There is no such case."""


@dataclass(frozen=True, slots=True)
class Paper:
    """Where an erasure leaves its proof, and who signs it."""

    journal: Journal
    signer: Signer


async def erase(
    case: str, reason: str, by: str, tools: Tools, *, erasures: Erasures, paper: Paper
) -> Erased | Held | UnknownCase:
    """Erase a case for a reason of the code list `erasure`; an order that a hold blocks is kept for later."""
    standing = await erasures.stand(case)
    if standing is None:
        return UnknownCase()
    now = tools.clock.now()
    verdict = check(standing.holds, standing.zones, now.date())
    reach = verdict.zones if isinstance(verdict, Clear) else ZONES
    if standing.certificate and not set(reach) & set(standing.zones):
        return Erased(standing.certificate, again=True)
    request = standing.request or Request(tools.ids.new(), case, reason, by, now)
    if isinstance(verdict, Held):
        await erasures.keep(request)
        return verdict
    return Erased(await _shred(request, verdict.zones, standing, tools, erasures=erasures, paper=paper))


async def shred_again(shred: Shred, tools: Tools, *, erasures: Erasures, paper: Paper) -> bool:
    """Shred what a restore brought back, whatever the restored rows say; false if there is nothing to do.

    Told again, too: nobody knows whether the commit that should have told of it came about.
    """
    standing = await erasures.stand(shred.case)
    if standing is None or not set(shred.zones) & set(standing.zones):
        return False
    request = Request(tools.ids.new(), shred.case, REPLAYED, REPLAYED, shred.at)
    await _shred(request, shred.zones, standing, tools, erasures=erasures, paper=paper)
    return True


async def hold(order: Hold, tools: Tools, *, erasures: Erasures) -> bool:
    """Keep a case from being erased; false if there is no such case, or nothing left of it to keep."""
    return await erasures.place(order, tools.clock.now())


async def lift(order: str, by: str, tools: Tools, *, erasures: Erasures) -> bool:
    """End a hold; false if there is none in force under this id."""
    return await erasures.lift(order, by, tools.clock.now())


async def _shred(
    request: Request,
    zones: tuple[str, ...],
    standing: Standing,
    tools: Tools,
    *,
    erasures: Erasures,
    paper: Paper,
) -> str:
    case, now = request.case, tools.clock.now()
    recipients = await erasures.recipients(case)
    destroyed = await erasures.destroy(case, zones, now)
    left = replace(standing, zones=tuple(each for each in standing.zones if each not in zones))
    known = paper.journal.certificate(case) if request.reason == REPLAYED else None
    head = await erasures.tree_head()
    certificate = known or _certify(request, now, left, destroyed, tree_head=head, signer=paper.signer)
    reason = read_certificate(certificate).reason
    await erasures.finish(request, now, certificate)
    # Before the commit: a line too many is shredded at the next start, a line too few never.
    paper.journal.write(Shred(case, now, zones), certificate)
    tools.outbox.emit(CaseErased, CaseErasedData(case=case, reason=reason, recipients=recipients))
    return certificate


def _certify(
    request: Request,
    now: datetime,
    left: Standing,
    destroyed: Counts,
    *,
    tree_head: str | None,
    signer: Signer,
) -> str:
    statement = Statement(
        erasure=request.erasure,
        case=case_digest(request.case),
        reason=request.reason,
        ground=GROUNDS.get(request.reason, ""),
        requested_at=request.at,
        shredded_at=now,
        kept=left.zones,
        wrapped_under=left.keks,
        destroyed=destroyed,
        tree_head=tree_head,
    )
    content = statement_bytes(statement)
    return certificate_text(content, signer.public, signer.sign(content))
