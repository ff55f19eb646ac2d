"""What dispatch does: queue what recipients must learn, bring it to them, or hand it over when they come."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from stafet.dispatch.domain import (
    NOT_FETCHED,
    REVOCATION,
    REVOKED,
    Delivered,
    Failed,
    Head,
    Item,
    Outcome,
    Referral,
    after_error,
    alerts,
    awaiting,
    code,
    queued_data,
    recalls,
    renewed,
    request_of,
    schedule,
    vault_away,
)
from stafet.dispatch.ports import Book, Intake, Shelf, ShelfUnavailableError
from stafet_runtime.cause import Cause
from stafet_runtime.clock import Clock
from stafet_runtime.outbox import Outbox
from stafet_runtime.vaultport import DisclosureBlockedError, Vault, VaultUnavailableError
from stafet_schemas.case import CaseDocumentReceived, CaseErased
from stafet_schemas.consent import ConsentGiven, ConsentNarrowed, ConsentWithdrawn
from stafet_schemas.deadline import DeadlineBreached, DeadlineWarned
from stafet_schemas.delivery import DeliveryQueued
from stafet_schemas.event import Event
from stafet_schemas.inbound import MessageRejected
from stafet_schemas.referral import ReferralAccepted, ReferralRefused, ReferralRouted, ReferralSubmitted
from stafet_schemas.step import StepRefused
from stafet_sdk.contract import Connector, Fetched, Partner, Reply, Request, Unavailable, Waiting
from stafet_sdk.delivering import deliver as sent
from stafet_sdk.errors import DeliveryError, InboundRefused
from stafet_sdk.transport import Push

RETRY_AFTER_S: Final = 5


@dataclass(frozen=True, slots=True)
class Tools:
    """The ports of an attempt; partners and connectors by agency, `fetched` those whose agencies fetch.

    `schedule_s` is in seconds, None for the connectors' own; `chance` gives a number from 0 to 1.
    """

    vault: Vault
    push: Push
    partners: Mapping[str, Partner]
    connectors: Mapping[str, Connector]
    fetched: Mapping[str, Fetched]
    clock: Clock
    schedule_s: Sequence[float] | None
    chance: Callable[[], float]


async def on_referral_submitted(event: ReferralSubmitted, *, intake: Intake) -> None:
    """Keep where the values of a referral are."""
    intake.remember(Referral(event.data.referral, event.data.record, event.data.receiver))


async def on_referral_accepted(event: ReferralAccepted, *, intake: Intake) -> None:
    """Note that the receiver may have the content."""
    intake.accept(event.data.referral, event.data.receiver)


async def on_referral_routed(event: ReferralRouted, *, intake: Intake, outbox: Outbox) -> None:
    """Put what the recipient must learn into its lane."""
    data = event.data
    item = Item(
        delivery=event.id,
        lane=data.case,
        recipient=data.recipient,
        case=data.case,
        referral=data.referral,
        sender=data.sender,
        placer=data.placer,
        part=data.part,
        purpose=data.purpose,
        rung=data.rung,
        reason=data.reason,
        problems=tuple((each, "wanted") for each in data.wanted),
    )
    if item.part == REVOCATION:
        intake.revoke(item)
    _queue(event, item, intake, outbox)


async def on_referral_refused(event: ReferralRefused, *, intake: Intake, outbox: Outbox) -> None:
    """Tell an agency that its answer could not be used; a refused submission is told by its own routing."""
    data = event.data
    if data.message is not None:
        item = _about_message(event.id, data.agency, data.message, rung="rejected", reason=data.reason)
        _queue(event, item, intake, outbox)


async def on_step_refused(event: StepRefused, *, intake: Intake, outbox: Outbox) -> None:
    """Tell an agency that nothing followed from its step; one typed at the console has no system to tell."""
    data = event.data
    if data.connected:
        problems = () if data.field is None else ((data.field, data.reason),)
        item = _about_message(
            event.id, data.agency, data.message, rung="rejected", reason=data.reason, problems=problems
        )
        _queue(event, item, intake, outbox)


async def on_deadline_told(
    event: DeadlineWarned | DeadlineBreached, *, intake: Intake, outbox: Outbox
) -> None:
    """Tell those who must act, or help, and whom the hub has brought something of the case before.

    The others are the coordinator's to tell: nobody learns by an alert that there is such a case, and for who
    is not connected nothing would be fetched.
    """
    data = event.data
    if data.tells:
        concerned = intake.served(data.matter, (data.owner, *data.notify))
        for item in alerts(event, concerned, intake.referral(data.subject)):
            _queue(event, item, intake, outbox)


async def on_message_rejected(event: MessageRejected, *, intake: Intake, outbox: Outbox) -> None:
    """Tell an agency which fields of its message could not be used."""
    data = event.data
    problems = tuple((each.field, each.problem) for each in data.problems)
    item = _about_message(
        event.id, data.agency, data.message, rung="parse_rejected", problems=problems, placer=data.placer
    )
    _queue(event, item, intake, outbox)


async def on_document_received(event: CaseDocumentReceived, *, intake: Intake, outbox: Outbox) -> None:
    """Tell an agency that both halves of its document are here, by the receipt of its message."""
    data = event.data
    item = _about_message(event.id, data.agency, data.announcement, rung="delivered")
    _queue(event, replace(item, lane=data.case), intake, outbox)


async def on_consent_cut(
    event: ConsentNarrowed | ConsentWithdrawn, *, intake: Intake, outbox: Outbox
) -> None:
    """Tell who holds what they may not use any more."""
    for item in recalls("withdrawal", event.id, event.data.case, event.data.recipients):
        _queue(event, item, intake, outbox)


async def on_consent_given(event: ConsentGiven, *, intake: Intake, outbox: Outbox) -> None:
    """Let the vault decide again about content that was blocked for want of a consent."""
    data = event.data
    for item in intake.blocked(data.case, data.named, data.purposes):
        _queue(event, renewed(item, event.id), intake, outbox)


async def on_case_erased(event: CaseErased, *, intake: Intake, outbox: Outbox) -> None:
    """Tell who was given values of a case that it is to be forgotten; end all else that is in its lanes."""
    intake.forget(event.data.case)
    for item in recalls("erasure", event.id, event.data.case, event.data.recipients):
        _queue(event, item, intake, outbox)


async def attempt(head: Head, *, book: Book, tools: Tools) -> None:
    """Make one attempt from end to end; that it begins was written down when its lane was taken."""
    await book.settle(head, await deliver(head, tools))


async def hand_over(request: Request, agency: str, *, shelf: Shelf, tools: Tools) -> Reply | None:
    """Answer a request for a delivery; None if no agency of this name fetches anything.

    It counts as delivered before the answer leaves: whoever has lost the answer asks again, and gets the
    same as long as policy and consent allow it.
    """
    partner, connector = tools.partners.get(agency), tools.fetched.get(agency)
    if partner is None or connector is None:
        return None
    try:
        return await _hand_over(request, partner, connector, shelf, tools)
    except InboundRefused as refused:
        return connector.reply(refused, request, partner, tools.clock.now())
    except (VaultUnavailableError, ShelfUnavailableError):
        return connector.reply(Unavailable(RETRY_AFTER_S), request, partner, tools.clock.now())


async def deliver(head: Head, tools: Tools) -> Outcome:
    """Get the release, compose, send and judge, or tell that it waits: whatever happens is an outcome."""
    if head.taken_back:
        return Failed(*REVOKED)
    recipient = head.item.recipient
    partner, connector = tools.partners.get(recipient), tools.connectors.get(recipient)
    if partner is None or connector is None:
        return Failed("needs_action", "no_partner")
    waits = schedule(tools.schedule_s, connector.manifest.retries_s, tools.chance)
    fetched = tools.fetched.get(recipient)
    try:
        if fetched is not None and fetched.thin(head.item.part):
            outcome = await _notify(head, fetched, partner, tools, waits)
        else:
            outcome = await _send(head, connector, partner, tools)
    except DisclosureBlockedError as error:
        outcome = Failed("policy", code(error.reason))
    except VaultUnavailableError:
        outcome = vault_away(head.attempt, waits)
    except DeliveryError as error:
        outcome = after_error(error, head.failures, waits)
    except Exception as error:  # noqa: BLE001 - a bug stops its own lane only; its text may quote a value
        outcome = Failed("bug", type(error).__name__)
    return outcome


async def _send(head: Head, connector: Connector, partner: Partner, tools: Tools) -> Outcome:
    release = await tools.vault.release(request_of(head))
    outbound = connector.from_hub(release, partner, tools.clock.now())
    warning = await sent(outbound, partner, connector=connector, push=tools.push)
    return Delivered(None if warning is None else code(warning))


async def _hand_over(
    request: Request, partner: Partner, connector: Fetched, shelf: Shelf, tools: Tools
) -> Reply:
    fetch = connector.read_fetch(request, partner, tools.clock.now())
    offer = await shelf.find(partner.agency, fetch)
    head = offer.head
    if head.taken_back:
        await shelf.settle(head, Failed(*REVOKED))
        raise InboundRefused("gone", "this may not be handed over any more", status=410)
    if not connector.thin(head.item.part):
        raise InboundRefused("unknown_delivery", "nothing of this id waits here", status=404)
    try:
        release = await tools.vault.release(request_of(head))
    except DisclosureBlockedError as error:
        await shelf.settle(head, Failed("policy", code(error.reason)))
        raise InboundRefused("gone", "this may not be handed over any more", status=410) from None
    reply = connector.hand_over(release, fetch, request, partner, tools.clock.now())
    await shelf.settle(head, Delivered())
    return reply


async def _notify(
    head: Head, connector: Fetched, partner: Partner, tools: Tools, waits: Sequence[float]
) -> Outcome:
    """Tell the recipient that something waits; the vault is asked when it comes for it."""
    if head.forgotten:
        # Nobody is told of what is not there any more: the vault says so, once more, in the ledger.
        await tools.vault.release(request_of(head))
        raise LookupError("released from an erased case")
    if head.notified and head.failures >= len(waits):
        return Failed("exhausted", NOT_FETCHED)
    item = head.item
    waiting = Waiting(item.delivery, item.referral, item.part)
    outbound = connector.notify(waiting, partner, tools.clock.now())
    await sent(outbound, partner, connector=connector, push=tools.push)
    return awaiting(head.failures, connector.manifest.fetch_s, waits)


def _about_message(
    delivery: str,
    agency: str,
    message: str,
    *,
    rung: str,
    reason: str | None = None,
    problems: tuple[tuple[str, str], ...] = (),
    placer: str | None = None,
) -> Item:
    """Make the status about a message that belongs to no case: its lane is the message's receipt."""
    return Item(
        delivery=delivery,
        lane=message,
        recipient=agency,
        case=None,
        referral=None,
        sender=agency,
        placer=placer or message,
        part="status",
        purpose="referral_status",
        rung=rung,
        reason=reason,
        problems=problems,
    )


def _queue(event: Event, item: Item, intake: Intake, outbox: Outbox) -> None:
    intake.queue(item, Cause(outbox.emit(DeliveryQueued, queued_data(item)), event.traceparent))
