"""What dispatch does: queue what recipients must learn, and bring it to them, one attempt at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stafet.dispatch.domain import (
    Delivered,
    Failed,
    Head,
    Item,
    Outcome,
    Referral,
    after_error,
    code,
    queued_data,
    recalls,
    renewed,
    request_of,
    vault_away,
)
from stafet.dispatch.ports import Book, Intake
from stafet_runtime.cause import Cause
from stafet_runtime.clock import Clock
from stafet_runtime.outbox import Outbox
from stafet_runtime.vaultport import DisclosureBlockedError, Vault, VaultUnavailableError
from stafet_schemas.case import CaseErased
from stafet_schemas.consent import ConsentGiven, ConsentNarrowed, ConsentWithdrawn
from stafet_schemas.delivery import DeliveryQueued
from stafet_schemas.event import Event
from stafet_schemas.inbound import MessageRejected
from stafet_schemas.referral import ReferralAccepted, ReferralRefused, ReferralRouted, ReferralSubmitted
from stafet_sdk.contract import Connector, Partner
from stafet_sdk.delivering import deliver as sent
from stafet_sdk.errors import DeliveryError
from stafet_sdk.transport import Push


@dataclass(frozen=True, slots=True)
class Tools:
    """The ports of an attempt; partners and connectors by agency, the schedule in seconds."""

    vault: Vault
    push: Push
    partners: Mapping[str, Partner]
    connectors: Mapping[str, Connector]
    clock: Clock
    schedule_s: Sequence[float]


async def on_referral_submitted(event: ReferralSubmitted, *, intake: Intake) -> None:
    """Keep where the values of a referral are."""
    intake.remember(Referral(event.data.referral, event.data.record, event.data.receiver))


async def on_referral_accepted(event: ReferralAccepted, *, intake: Intake) -> None:
    """Note that the receiver may have the content."""
    intake.accept(event.data.referral)


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
    )
    _queue(event, item, intake, outbox)


async def on_referral_refused(event: ReferralRefused, *, intake: Intake, outbox: Outbox) -> None:
    """Tell an agency that its answer could not be used; a refused submission is told by its own routing."""
    data = event.data
    if data.message is not None:
        item = _about_message(event.id, data.agency, data.message, rung="rejected", reason=data.reason)
        _queue(event, item, intake, outbox)


async def on_message_rejected(event: MessageRejected, *, intake: Intake, outbox: Outbox) -> None:
    """Tell an agency which fields of its message could not be used."""
    data = event.data
    problems = tuple((each.field, each.problem) for each in data.problems)
    item = _about_message(
        event.id, data.agency, data.message, rung="parse_rejected", problems=problems, placer=data.placer
    )
    _queue(event, item, intake, outbox)


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


async def deliver(head: Head, tools: Tools) -> Outcome:
    """Get the release, compose, send and judge: whatever happens is an outcome."""
    recipient = head.item.recipient
    partner, connector = tools.partners.get(recipient), tools.connectors.get(recipient)
    if partner is None or connector is None:
        return Failed("needs_action", "no_partner")
    try:
        release = await tools.vault.release(request_of(head))
        outbound = connector.from_hub(release, partner, tools.clock.now())
        warning = await sent(outbound, partner, connector=connector, push=tools.push)
    except DisclosureBlockedError as error:
        return Failed("policy", code(error.reason))
    except VaultUnavailableError:
        return vault_away(head.attempt, tools.schedule_s)
    except DeliveryError as error:
        return after_error(error, head.failures, tools.schedule_s)
    except Exception as error:  # noqa: BLE001 - a bug stops its own lane only; its text may quote a value
        return Failed("bug", type(error).__name__)
    return Delivered(None if warning is None else code(warning))


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
