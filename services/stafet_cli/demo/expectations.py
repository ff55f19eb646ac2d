"""Answers against the plan: faults refused by their code, copies answered alike, nobody complaining. Pure."""

from collections import Counter
from collections.abc import Iterator

from stafet_cli.demo.hub_facts import HubFacts
from stafet_cli.demo.records import (
    ACCEPTED,
    CONFLICTING,
    FIRST,
    REPETITION,
    TAKEN,
    Answer,
    Answered,
    AnsweredAgain,
    Receipt,
    Received,
    Records,
    Refusal,
    Taken,
    Withdrawn,
)
from stafet_cli.demo.trail import SENDER, Trail
from stafet_connectors.police.simulator_plan import CONFLICT, FAULTS


def surprises(found: list[Trail], records: Records, hub: HubFacts) -> list[str]:
    """Name everything that was answered, refused or received otherwise than planned; one line per kind."""
    answers = *_wrong_answers(found), *_wrong_copies(records)
    said = Counter(
        (*answers, *_complaints(records), *_complaints_of_others(records), *_strays(found, records, hub))
    )
    return [f"{count} x {what}" for what, count in sorted(said.items())]


def _wrong_answers(found: list[Trail]) -> Iterator[str]:
    for trail in found:
        if trail.answer is None:
            continue
        what = "a sound message" if trail.fault is None else f"the fault {trail.fault}"
        expected = None if trail.fault is None else FAULTS.get(trail.fault)
        if trail.answer.code != (expected or ACCEPTED):
            yield f"{what} was answered {trail.answer.code}, not {expected or ACCEPTED}"
        elif trail.fault is None and trail.told_no:
            yield f"{what} was rejected later"
        elif trail.fault is not None and expected is None and trail.referral is not None:
            yield f"{what} went through as a referral"


def _wrong_copies(records: Records) -> Iterator[str]:
    answers = {(each.transaction, each.copy): each for each in records.police if isinstance(each, Answer)}
    for (transaction, copy), answer in answers.items():
        first = answers.get((transaction, FIRST))
        if copy == CONFLICTING and answer.code != CONFLICT:
            yield f"other content under the same id was answered {answer.code}, not {CONFLICT}"
        elif copy == REPETITION and first and (answer.code, answer.receipt) != (first.code, first.receipt):
            yield "a repetition did not get the first receipt again"


def _complaints(records: Records) -> Iterator[str]:
    for each in records.police:
        if isinstance(each, Refusal):
            yield f"the police refused a receipt ({each.code})"
    for line in records.redcross:
        match line:
            case Refusal():
                yield f"Red Cross refused a delivery ({line.code})"
            case Answered() if line.status != TAKEN:
                yield f"the hub refused Red Cross's {line.rung} ({line.status})"
            case Withdrawn() if line.status != TAKEN:
                yield f"the hub refused Red Cross's word of a withdrawal ({line.status})"
            case AnsweredAgain(same_receipt=False):
                yield "Red Cross's repeated answer did not get the first receipt again"
            case _:
                pass


def _complaints_of_others(records: Records) -> Iterator[str]:
    for agency, lines in records.others.items():
        for line in lines:
            match line:
                case Refusal():
                    yield f"{agency} refused a delivery ({line.code})"
                case Taken() if not line.held:
                    yield f"{agency} refused a {line.part} ({line.status})"
                case _:
                    pass


def _strays(found: list[Trail], records: Records, hub: HubFacts) -> Iterator[str]:
    """Find what belongs to nothing that was sent, and what the hub itself complains of."""
    transactions = {trail.transaction for trail in found}
    referrals = {referral for several in hub.referrals.values() for referral in several}
    for each in records.police:
        if isinstance(each, Receipt) and each.transaction not in transactions:
            yield "a receipt for a message that the police never sent"
    for line in records.redcross:
        if isinstance(line, Received) and line.referral not in referrals:
            yield f"a {line.part} at Red Cross of a referral that the hub does not know"
    for agency, lines in records.others.items():
        for other in lines:
            if isinstance(other, Taken) and other.referral is not None and other.referral not in referrals:
                yield f"a {other.part} at {agency} of a referral that the hub does not know"
    held = {each.receipt for each in records.police if isinstance(each, Answer)}
    for agency, receipt in {*hub.received, *hub.rejected}:
        if agency == SENDER and receipt not in held:
            yield "a message of the police at the hub that they hold no receipt for"
    yield from (f"the hub refused a step ({reason})" for reason in hub.refused)
    yield from (f"an answer of {agency} was rejected" for agency, _ in hub.rejected if agency != SENDER)
    yield from (f"a delivery came to a dead end ({cause})" for cause in hub.failed.values())
    going_on = {*hub.revoked.values()} - hub.cancelled
    yield from ("a content of a referral that goes on was kept back" for _ in going_on)
    yield from ("a record on a topic is no event" for _ in hub.undecodable)
