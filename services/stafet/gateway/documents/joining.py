"""The half of a document that comes first waits, sealed; the one that comes second is joined to it.

The announcement is the truth: a file that does not fit it is rejected, and the announcement goes on waiting.
"""

from datetime import timedelta

from stafet.gateway.documents.facts import (
    ANNOUNCEMENT,
    FILE,
    NOT_COME,
    misfits,
    received,
    registration,
    rejected,
)
from stafet.gateway.domain import seal_context
from stafet.gateway.ports import Desk, OpenOverlook, Pending, Sender, WaitingHalf
from stafet_runtime.cause import Cause
from stafet_runtime.clock import Clock
from stafet_runtime.outbox import Outbox
from stafet_runtime.vaultport import Vault
from stafet_schemas.case import CaseDocumentReceived
from stafet_schemas.inbound import MessageReceived, MessageRejected
from stafet_sdk.draft import DocumentDraft, FileDraft


class HalfWaitsError(Exception):
    """The other half has not come: the message is not settled, and stays sealed."""


async def join(
    draft: DocumentDraft | FileDraft,
    event: MessageReceived,
    pending: Pending,
    *,
    desk: Desk,
    vault: Vault,
    sender: Sender,
    outbox: Outbox,
) -> str | None:
    """Keep a document whose other half is there, and return its case; None for a file of no use.

    Of what is rejected nothing stays.

    Raises:
        HalfWaitsError: the other half is not there.
    """
    agency, receipt = event.data.agency, event.data.message
    own, other = (ANNOUNCEMENT, FILE) if isinstance(draft, DocumentDraft) else (FILE, ANNOUNCEMENT)
    while (half := await desk.half(agency, draft.link, other)) is not None:
        document, file = _pair(draft, await _read(half, agency, vault, sender))
        if wrong := misfits(document, file):
            useless = WaitingHalf(receipt, pending) if own == FILE else half
            outbox.emit(MessageRejected, rejected(agency, useless.receipt, useless.pending.message, *wrong))
            if own == FILE:
                return None
            await desk.met(half.receipt)
            desk.settle(agency, half.receipt, None)
            continue
        announced = WaitingHalf(receipt, pending) if own == ANNOUNCEMENT else half
        names = {"receipt": announced.receipt, "placer": announced.pending.message}
        cause = Cause(event.id, event.traceparent)
        stored = await vault.register(registration(document, file, agency=agency, cause=cause, **names))
        told = received(document, stored, agency, first=half.receipt, announcement=announced.receipt)
        outbox.emit(CaseDocumentReceived, told)
        await desk.met(half.receipt)
        desk.settle(agency, half.receipt, stored.case)
        return stored.case
    await desk.wait(agency, draft.link, own, receipt)
    raise HalfWaitsError


async def give_up(*, overlook: OpenOverlook, clock: Clock, hours: float) -> None:
    """Reject the halves that have waited so long, so that their sender and the operator learn of it.

    Raises:
        StoreUnavailableError: they go on waiting.
    """
    async with overlook() as opened:
        for each in await opened.halves.overdue(clock.now() - timedelta(hours=hours)):
            told = rejected(each.agency, each.receipt, each.message, NOT_COME[each.half])
            opened.outbox.emit(MessageRejected, told)


async def _read(half: WaitingHalf, agency: str, vault: Vault, sender: Sender) -> object:
    raw = await vault.open_message(half.pending.sealed, seal_context(agency, half.receipt))
    return sender.connector.to_hub(raw, sender.partner)


def _pair(one: object, two: object) -> tuple[DocumentDraft, FileDraft]:
    match one, two:
        case (DocumentDraft(), FileDraft()):
            return one, two
        case (FileDraft(), DocumentDraft()):
            return two, one
        case _:
            raise TypeError("a half is read as something else than when it came")
