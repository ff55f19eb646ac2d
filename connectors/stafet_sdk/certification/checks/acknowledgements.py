"""Both sides' answers: what the hub tells a sender, and how the agency's answers are judged."""

from dataclasses import replace
from typing import Final

from stafet_sdk.certification.check import Checks, FailedError, NotApplicableError, expect
from stafet_sdk.certification.checks.privacy import refusal
from stafet_sdk.certification.samples import NOW
from stafet_sdk.certification.subject import Subject
from stafet_sdk.contract import Reply, Unavailable
from stafet_sdk.errors import (
    ContractBroken,
    DeliveryError,
    InboundRefused,
    NeedsAction,
    Refused,
    Retriable,
    Throttled,
)

HTML: Final = Reply(200, {"content-type": "text/html; charset=utf-8"}, b"<html><body>Log ind</body></html>")
ANSWERS: Final[tuple[tuple[Reply, type[DeliveryError]], ...]] = (
    (Reply(302, {"location": "/login"}, b""), ContractBroken),
    (Reply(400, {}, b""), Refused),
    (Reply(403, {}, b""), NeedsAction),
    (Reply(404, {}, b""), NeedsAction),
    (Reply(410, {}, b""), NeedsAction),
    (Reply(422, {}, b""), Refused),
    (Reply(500, {}, b""), Retriable),
    (Reply(503, {"retry-after": "30"}, b""), Retriable),
    (HTML, ContractBroken),
)
FETCHED: Final = frozenset({"http-poll", "sftp"})
"""Transports by which the hub fetches what the agency says, so that nobody waits for an answer."""

topic: Final = Checks("acknowledgements")


@topic.check("Check signature or certificate first, in accept, and answer with a 4xx or 5xx.")
def what_is_not_authentic_is_refused(subject: Subject) -> None:
    """A message with a changed byte, or without its signature, is refused with a clear status."""
    forged = list(subject.samples.forged())
    if not forged:
        raise NotApplicableError("the channel alone vouches for a message: samples.forged() gives nothing")
    for each in forged:
        refused = refusal(subject, each)
        reply = subject.connector.reply(refused, each, subject.partner, NOW)
        expect(reply.status >= 400, f"the refusal {refused.code} is answered with {reply.status}")


@topic.check("Raise InboundRefused for an empty body.")
def an_empty_message_is_refused(subject: Subject) -> None:
    """An empty message is refused."""
    try:
        subject.connector.accept(replace(subject.samples.request(), body=b""), subject.partner, NOW)
    except InboundRefused:
        return
    raise FailedError("an empty message is taken")


@topic.check("Answer Unavailable with 503 and Retry-After.")
def unavailable_says_when_to_come_back(subject: Subject) -> None:
    """When nothing can be accepted, the sender is told when to come back."""
    if subject.connector.manifest.transport in FETCHED:
        raise NotApplicableError("the hub fetches its messages: it comes back by itself")
    reply = subject.connector.reply(
        Unavailable(retry_after=7), subject.samples.request(), subject.partner, NOW
    )
    expect(reply.status == 503, f"it is answered with {reply.status}")
    expect(reply.headers.get("retry-after") == "7", "there is no Retry-After of 7 seconds")


@topic.check("Let read_reply return for the agency's answer in samples.took_it().")
def an_answer_that_took_it_passes(subject: Subject) -> None:
    """The agency's answer to a message that it took passes."""
    subject.connector.read_reply(subject.samples.took_it(), subject.partner)


@topic.check("Judge the status by stafet_sdk.replies.judge_status, then the body.")
def other_answers_are_named_by_what_happens_next(subject: Subject) -> None:
    """Every other answer is named by what happens next: again, refused, act, or ask a developer."""
    if subject.connector.manifest.transport == "sftp":
        raise NotApplicableError("files are put down without an answer")
    for reply, kind in ANSWERS:
        found = judged(subject, reply)
        what = "a web page" if reply is HTML else f"{reply.status}"
        named = "taken" if found is None else type(found).__name__
        expect(type(found) is kind, f"{what} is judged as {named}, not as {kind.__name__}")


@topic.check("Read Retry-After by stafet_sdk.replies.judge_status.")
def throttled_waits_as_long_as_asked(subject: Subject) -> None:
    """Too many requests wait as long as the agency says."""
    if subject.connector.manifest.transport == "sftp":
        raise NotApplicableError("files are put down without an answer")
    found = judged(subject, Reply(429, {"retry-after": "3"}, b""))
    waits = isinstance(found, Throttled) and found.retry_after == 3
    expect(waits, "429 with Retry-After is not judged as Throttled with that wait")


def judged(subject: Subject, reply: Reply) -> DeliveryError | None:
    """Have an answer judged: the error, None if it passes."""
    try:
        subject.connector.read_reply(reply, subject.partner)
    except DeliveryError as error:
        return error
    return None
