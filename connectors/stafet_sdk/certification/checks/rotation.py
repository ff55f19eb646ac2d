"""Keys change while messages are under way, and none is lost."""

from typing import Final, cast

from stafet_sdk.certification.check import Checks, NotApplicableError, expect
from stafet_sdk.certification.reception import Reception
from stafet_sdk.certification.samples import NOW, Rotation
from stafet_sdk.certification.subject import Subject
from stafet_sdk.contract import Accepted, Request
from stafet_sdk.errors import InboundRefused

LOAD: Final = 60
ASKED: Final = "http-poll"

topic: Final = Checks("rotation")


@topic.check("Accept every key or certificate that the partner's files hold, as long as they hold both.")
def both_keys_are_good_in_the_overlap(subject: Subject) -> None:
    """While both keys are known, messages signed by either are taken."""
    rotation = _rotation(subject)
    reception = Reception(subject.connector, rotation.overlap)
    expect(_taken(reception, rotation.old(1)), "the old key is refused while both are known")
    expect(_taken(reception, rotation.new(2)), "the new key is refused while both are known")


@topic.check("Accept only the keys that the partner's files hold.")
def the_old_key_ends(subject: Subject) -> None:
    """Before the change the new key is refused, after it the old one."""
    rotation = _rotation(subject)
    early = Reception(subject.connector, rotation.before).accept(rotation.new(1), NOW)
    late = Reception(subject.connector, rotation.after).accept(rotation.old(1), NOW)
    expect(isinstance(early, InboundRefused), "a key that is not known yet is taken")
    expect(isinstance(late, InboundRefused), "the old key is taken after its end")


@topic.check(
    "Compare repetitions by what was said, not by who signed: Envelope.content leaves signatures out."
)
def a_repetition_may_be_signed_by_the_new_key(subject: Subject) -> None:
    """A message that was accepted by the old key gets its first receipt when it comes by the new one."""
    rotation = _rotation(subject)
    reception = Reception(subject.connector, rotation.overlap)
    outcomes = [reception.accept(each(1), NOW) for each in (rotation.old, rotation.new)]
    receipts = [each.receipt for each in outcomes if isinstance(each, Accepted)]
    same = len(receipts) == len(outcomes) and len(set(receipts)) == 1
    expect(same, "the new key makes it another message")


@topic.check("See the checks above; a message refused in the change must be taken when it is sent again.")
def no_message_is_lost_under_load(subject: Subject) -> None:
    """Under a stream of messages the key changes twice, and every message is kept exactly once."""
    rotation = _rotation(subject)
    reception = Reception(subject.connector, rotation.before)
    stages = (rotation.before, rotation.overlap, rotation.after)
    refused: list[int] = []
    for number in range(LOAD):
        reception.partner = stages[number * len(stages) // LOAD]
        # The agency changes in the middle of the overlap.
        sign = rotation.old if number < LOAD // 2 else rotation.new
        if not _taken(reception, sign(number)):
            refused.append(number)
    expect(not refused, f"{len(refused)} of {LOAD} messages are refused around the change")
    expect(len(reception.kept) == LOAD, f"{len(reception.kept)} messages are kept of {LOAD}")


def _rotation(subject: Subject) -> Rotation:
    if subject.connector.manifest.transport == ASKED:
        raise NotApplicableError("an agency that is asked signs nothing: TLS vouches for what it answers")
    rotation = subject.samples.rotated()
    expect(rotation is not None, "samples.rotated() gives no change of a key")
    return cast("Rotation", rotation)


def _taken(reception: Reception, request: Request) -> bool:
    return isinstance(reception.accept(request, NOW), Accepted)
