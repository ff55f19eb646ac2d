"""The gateway's two steps: accept a partner's message, and translate what was accepted."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from stafet.gateway.documents.joining import HalfWaitsError, join
from stafet.gateway.domain import (
    Arrival,
    answer_to,
    answered,
    check_codes,
    consented,
    decided,
    envelope_name,
    message_name,
    problems,
    reported,
    seal_context,
    stepped,
    submitted,
)
from stafet.gateway.ports import (
    Cursors,
    Desk,
    KnownDecision,
    KnownReferral,
    OpenReception,
    Pending,
    SealKey,
    Seals,
    Sender,
    StoreUnavailableError,
    Take,
    Waiting,
)
from stafet_runtime.cause import Cause
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.outbox import Outbox
from stafet_runtime.parked import TransientError
from stafet_runtime.sealing import key_id
from stafet_runtime.vaultport import ConsentRefusedError, Registration, Vault, VaultUnavailableError
from stafet_schemas.case import CaseErased
from stafet_schemas.inbound import (
    MessageReceived,
    MessageReceivedData,
    MessageRejected,
    MessageRejectedData,
    MessageSettled,
    MessageSettledData,
)
from stafet_schemas.referral import ReferralRefused, ReferralRouted, ReferralSubmitted
from stafet_schemas.step import StepReported
from stafet_schemas.support import SupportCapacityReported
from stafet_sdk.contract import Answered, Envelope, Outcome, Request, Unavailable
from stafet_sdk.draft import (
    AnswerDraft,
    CapacityDraft,
    ConsentDraft,
    DecisionDraft,
    DocumentDraft,
    Draft,
    FileDraft,
    ReferralDraft,
    StepDraft,
)
from stafet_sdk.errors import InboundRefused, MappingError
from stafet_sdk.source import Source

RETRY_AFTER_S: Final = 5
SMALL_BYTES: Final = 64 * 1024
"""A body up to this size costs its check a few milliseconds, and a thread would cost more."""


@dataclass(frozen=True, slots=True, repr=False)
class _Errand:
    """An accepted message that is being translated: the event that told of it, and what it takes."""

    event: MessageReceived
    pending: Pending
    raw: bytes
    sender: Sender
    desk: Desk
    vault: Vault
    outbox: Outbox
    ids: Ids

    @property
    def cause(self) -> Cause:
        """What the vault is to name as the cause of what it tells."""
        return Cause(self.event.id, self.event.traceparent)


async def accept(
    request: Request, sender: Sender, *, reception: OpenReception, seals: Seals, clock: Clock, ids: Ids
) -> Outcome | Answered:
    """Keep an authentic message, sealed, and tell of it in one commit; a repetition changes nothing.

    A question that its connector answers is not kept.
    """
    now = clock.now()
    try:
        envelope = await _checked(request, sender, now)
    except InboundRefused as refused:
        return refused
    if isinstance(envelope, Answered):
        return envelope
    arrival = _arrival(request, envelope, sender.partner.agency, seals=seals, ids=ids, at=now)
    try:
        async with reception() as opened:
            kept = await opened.messages.keep(arrival)
            if kept.fresh:
                data = MessageReceivedData(
                    agency=arrival.agency, message=arrival.receipt, size=len(request.body)
                )
                opened.outbox.emit(MessageReceived, data)
    except StoreUnavailableError:
        return Unavailable(RETRY_AFTER_S)
    return answer_to(arrival, kept)


async def collect(source: Source, *, take: Take, cursors: Cursors) -> float:
    """Fetch once and have all of it accepted or refused; return the seconds until the next time.

    Raises:
        DeliveryError: it could not be fetched, or the agency could not be told: it is fetched again.
        StoreUnavailableError: it is not known how far we are, or whether that was kept.
    """
    cursor = await cursors.load(source.agency)
    batch = await source.fetch(cursor)
    outcomes: list[Outcome | Answered] = []
    for request in batch.requests:
        outcome = await take(request)
        if isinstance(outcome, Unavailable):
            return outcome.retry_after
        outcomes.append(outcome)
    await batch.settle(outcomes)
    if batch.cursor != cursor:
        await cursors.keep(source.agency, batch.cursor)
    return 0.0 if batch.more else source.interval_s


async def translate(
    event: MessageReceived,
    *,
    desk: Desk,
    vault: Vault,
    senders: Mapping[str, Sender],
    outbox: Outbox,
    ids: Ids,
) -> None:
    """Find out what an accepted message means and say so; what cannot be used is rejected by its fields.

    Raises:
        TransientError: the vault is away: try again.
    """
    data = event.data
    pending = await desk.pending(data.agency, data.message)
    if pending is None:
        return
    sender = senders[data.agency]
    try:
        raw = await vault.open_message(pending.sealed, seal_context(data.agency, data.message))
        draft = sender.connector.to_hub(raw, sender.partner)
        case = await _take(draft, _Errand(event, pending, raw, sender, desk, vault, outbox, ids))
    except HalfWaitsError:
        return
    except (MappingError, ConsentRefusedError) as error:
        rejected = MessageRejectedData(
            agency=data.agency, message=data.message, problems=problems(error), placer=pending.message
        )
        outbox.emit(MessageRejected, rejected)
    except VaultUnavailableError:
        raise TransientError from None
    else:
        desk.settle(data.agency, data.message, case)


async def forget(event: CaseErased, *, desk: Desk) -> None:
    """Keep nothing that leads from an agency's own ids to a case that was erased."""
    desk.forget(event.data.case)


async def recognise(event: ReferralRouted, *, desk: Desk) -> None:
    """Know who is asked, so that its answer finds the case: the hub may have chosen, or sent it on."""
    data = event.data
    if data.part == "notice":
        desk.remember(KnownReferral(data.referral, data.case, data.sender, data.recipient))


async def nobody(event: ReferralRefused, *, desk: Desk) -> None:
    """Wait for no choice of the hub's, where it refused a submission; a refused answer changes nothing."""
    data = event.data
    if data.message is None:
        desk.remember(KnownReferral(data.referral, data.case, data.sender, data.sender))


async def renew(*, seal_key: SealKey, waiting: Waiting, vault: Vault) -> None:
    """Take over the vault's newest public key; tell it which ones are still needed here.

    Raises:
        VaultUnavailableError, StoreUnavailableError, OSError: all stays as it is: try again.
    """
    in_use = {key_id(seal_key.public), *await waiting.seal_ids()}
    newest = await vault.renew_seal_key(in_use)
    if newest != seal_key.public.public_bytes_raw():
        seal_key.keep(newest)


async def _checked(request: Request, sender: Sender, now: datetime) -> Envelope | Answered:
    if len(request.body) <= SMALL_BYTES:
        return sender.connector.accept(request, sender.partner, now)
    # In a thread: what a stranger sends may cost a parser long, and everybody else's work must go on.
    return await asyncio.to_thread(sender.connector.accept, request, sender.partner, now)


def _arrival(
    request: Request, envelope: Envelope, agency: str, *, seals: Seals, ids: Ids, at: datetime
) -> Arrival:
    receipt = ids.new()
    named = envelope.envelope_id
    return Arrival(
        agency=agency,
        message=envelope.message_id,
        key=seals.digest(message_name(agency, envelope.message_id)),
        receipt=receipt,
        digest=seals.digest(envelope.content),
        sealed=seals.seal(request.body, seal_context(agency, receipt)),
        at=at,
        envelope=seals.digest(envelope_name(agency, named)) if named else None,
    )


async def _take(draft: Draft, errand: _Errand) -> str | None:  # noqa: PLR0911 - one for each kind
    """Do what a draft asks for; return the case it is about, if it is about one."""
    match draft:
        case ReferralDraft():
            return await _refer(draft, errand)
        case AnswerDraft():
            return await _answer(draft, errand)
        case ConsentDraft():
            return await _consent(draft, errand)
        case DecisionDraft():
            return await _decide(draft, errand)
        case StepDraft():
            return await _step(draft, errand)
        case DocumentDraft() | FileDraft():
            return await join(
                draft,
                errand.event,
                errand.pending,
                desk=errand.desk,
                vault=errand.vault,
                sender=errand.sender,
                outbox=errand.outbox,
            )
        case CapacityDraft():
            _report(draft, errand)
            return None


def _report(draft: CapacityDraft, errand: _Errand) -> None:
    data = errand.event.data
    errand.outbox.emit(SupportCapacityReported, reported(draft, agency=data.agency, message=data.message))


async def _refer(draft: ReferralDraft, errand: _Errand) -> str:
    check_codes(draft)
    data, cause, pending = errand.event.data, errand.cause, errand.pending
    consents = tuple(
        consented(each, agency=data.agency, message=data.message, case=None, cause=cause)
        for each in draft.consents
    )
    registration = Registration(
        data.agency, data.message, pending.message, draft.reference, draft.values, errand.raw, cause, consents
    )
    stored = await errand.vault.register(registration)
    referral = errand.ids.new()
    errand.desk.remember(KnownReferral(referral, stored.case, data.agency, draft.receiver))
    errand.outbox.emit(
        ReferralSubmitted,
        submitted(draft, stored, referral=referral, sender=data.agency, placer=data.message),
    )
    return stored.case


async def _answer(draft: AnswerDraft, errand: _Errand) -> str:
    data = errand.event.data
    case = await errand.desk.case_of(draft.referral, data.agency)
    if case is None:
        raise MappingError(("referral", "unknown"))
    errand.outbox.emit(*answered(draft, case=case, agency=data.agency, message=data.message))
    if draft.filler is not None:
        errand.desk.note(draft.referral, draft.filler)
    return case


async def _consent(draft: ConsentDraft, errand: _Errand) -> str:
    """Have it recorded now: it counts from here on, whatever of the case waits anywhere."""
    data = errand.event.data
    case = None if draft.referral is None else await errand.desk.case_of(draft.referral, data.agency)
    if draft.referral is not None and case is None:
        raise MappingError(("referral", "unknown"))
    order = consented(draft, agency=data.agency, message=data.message, case=case, cause=errand.cause)
    record = await errand.vault.record_consent(order)
    if not record.consents:
        settled = MessageSettledData(agency=data.agency, message=data.message, case=record.case)
        errand.outbox.emit(MessageSettled, settled)
    return record.case


async def _decide(draft: DecisionDraft, errand: _Errand) -> str:
    """Tell a decision on, if its agency may decide as of that day; a reversal by what it takes back."""
    data, desk = errand.event.data, errand.desk
    case = await desk.case_of(draft.referral, data.agency)
    if case is None:
        raise MappingError(("referral", "unknown"))
    if not await errand.vault.may_identify(data.agency, draft.on):
        raise MappingError(("decision", "no mandate to identify as of that day"))
    before = await desk.decision_of(data.agency, draft.decision)
    if before is not None and before.case != case:
        raise MappingError(("decision", "about another case"))
    reverses = await _reversed(draft, data.agency, case, desk)
    decision = decided(draft, case=case, agency=data.agency, message=data.message, reverses=reverses)
    errand.outbox.emit(*decision)
    desk.decide(data.agency, draft.decision, KnownDecision(data.message, case))
    return case


async def _step(draft: StepDraft, errand: _Errand) -> str:
    """Tell a step on; by the time the message came, so that a replay judges it as before."""
    data = errand.event.data
    case = await errand.desk.case_of(draft.referral, data.agency)
    if case is None:
        raise MappingError(("referral", "unknown"))
    said = stepped(draft, case=case, agency=data.agency, message=data.message, now=errand.event.time)
    errand.outbox.emit(StepReported, said)
    return case


async def _reversed(draft: DecisionDraft, agency: str, case: str, desk: Desk) -> str | None:
    """Return the receipt of what a draft takes back; nothing if it takes nothing back."""
    if draft.reverses is None:
        return None
    known = await desk.decision_of(agency, draft.reverses)
    if known is None or known.case != case:
        raise MappingError(("reverses", "unknown"))
    return known.receipt
