"""The duplicate matrix: what is new, what is a repetition, and what is neither.

Source: MedCom's rules of reliable messaging.
"""

from typing import Final

from stafet_sdk.certification.check import Checks, NotApplicableError, expect
from stafet_sdk.certification.checks.acknowledgements import FETCHED
from stafet_sdk.certification.reception import Reception
from stafet_sdk.certification.samples import NOW, Copies
from stafet_sdk.certification.subject import Subject
from stafet_sdk.contract import Accepted, Answered, Outcome
from stafet_sdk.errors import InboundRefused

topic: Final = Checks("idempotency")

_OFFER: Final = "samples.copies() gives no messages"


@topic.check("Give message_id the sender's business id.")
def new_messages_are_new(subject: Subject) -> None:
    """Two messages with ids of their own are both kept, with a receipt each."""
    copies = _copies(subject)
    reception = _reception(subject)
    first = _accepted(reception.accept(copies.first, NOW), "the first message")
    fresh = _accepted(reception.accept(copies.fresh, NOW), "a new message")
    expect(not fresh.again and first.receipt != fresh.receipt, "a new message is taken for a repetition")


@topic.check("Leave out of Envelope.content what changes when a message is sent again: times and signatures.")
def repetition_gets_the_first_receipt(subject: Subject) -> None:
    """A message that is sent again, signed anew, is kept once and gets its first receipt."""
    copies = _copies(subject)
    reception = _reception(subject)
    first = _accepted(reception.accept(copies.first, NOW), "the first message")
    again = _accepted(reception.accept(copies.again, NOW), "its repetition")
    expect(again.again and again.receipt == first.receipt, "a repetition gets another receipt")


@topic.check("Take the business id for message_id, not the id of the envelope around it.")
def new_envelope_is_a_repetition(subject: Subject) -> None:
    """The same message under a new envelope id is a repetition."""
    copies = _copies(subject)
    if copies.enveloped is None:
        raise NotApplicableError("the protocol has one id, for message and envelope alike")
    reception = _reception(subject)
    first = _accepted(reception.accept(copies.first, NOW), "the first message")
    again = _accepted(reception.accept(copies.enveloped, NOW), "the message in a new envelope")
    expect(again.again and again.receipt == first.receipt, "a new envelope makes it another message")


@topic.check(
    "Put everything that was said into Envelope.content, so that other words under one id are noticed."
)
def reused_id_is_a_conflict(subject: Subject) -> None:
    """An id that is used for other content is refused as a conflict, and the first message stays."""
    copies = _copies(subject)
    reception = _reception(subject)
    first = _accepted(reception.accept(copies.first, NOW), "the first message")
    other = reception.accept(copies.other, NOW)
    refused = isinstance(other, InboundRefused) and other.status == 409
    expect(refused, "other content under a used id is not refused as a conflict")
    again = _accepted(reception.accept(copies.first, NOW), "the first message after a conflict")
    expect(again.receipt == first.receipt, "a conflict changes what was kept")


@topic.check("Give Envelope.envelope_id, where the protocol names the copy of a message.")
def reused_envelope_is_a_conflict(subject: Subject) -> None:
    """Another message under the id of an envelope that was used is refused as a conflict."""
    copies = _copies(subject)
    if copies.reused is None:
        raise NotApplicableError("samples.copies() has no message in a used envelope: one id for both")
    reception = _reception(subject)
    _accepted(reception.accept(copies.first, NOW), "the first message")
    other = reception.accept(copies.reused, NOW)
    refused = isinstance(other, InboundRefused) and other.status == 409
    expect(refused, "another message in a used envelope is not refused as a conflict")


@topic.check("Word an Accepted from the outcome alone, `again` or not.")
def both_receipts_say_the_same(subject: Subject) -> None:
    """A repetition is answered with the receipt and status of the first time."""
    if subject.connector.manifest.transport in FETCHED:
        raise NotApplicableError("the hub fetches its messages: nobody waits for a receipt")
    request = subject.samples.request()
    first, second = (
        subject.connector.reply(
            Accepted("message-1", "receipt-1", NOW, again=again), request, subject.partner, NOW
        )
        for again in (False, True)
    )
    expect(200 <= first.status < 300, "an accepted message is not answered with a 2xx")
    expect(first.status == second.status, "a repetition is answered with another status")
    said = b"receipt-1" in first.body and b"receipt-1" in second.body
    expect(said, "the answer does not hold the hub's receipt")


def _copies(subject: Subject) -> Copies:
    copies = subject.samples.copies()
    if copies is None:
        raise NotApplicableError(_OFFER)
    return copies


def _reception(subject: Subject) -> Reception:
    return Reception(subject.connector, subject.partner)


def _accepted(outcome: Outcome | Answered, what: str) -> Accepted:
    code = f" ({outcome.code})" if isinstance(outcome, InboundRefused) else ""
    expect(isinstance(outcome, Accepted), f"{what} is not accepted{code}")
    if not isinstance(outcome, Accepted):
        raise TypeError
    return outcome
