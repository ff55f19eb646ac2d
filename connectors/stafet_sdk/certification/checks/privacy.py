"""Values of persons are only where they belong: not in errors, prints, logs, answers or other parts."""

import contextlib
import io
import logging
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Final

from stafet_sdk.certification.check import Checks, FailedError, expect
from stafet_sdk.certification.checks.mapping import read, texts
from stafet_sdk.certification.samples import NOW
from stafet_sdk.certification.subject import Subject
from stafet_sdk.contract import Accepted, Envelope, Outbound, Request, Unavailable
from stafet_sdk.draft import Release
from stafet_sdk.errors import InboundRefused

topic: Final = Checks("privacy")


@topic.check("List in samples.canaries values of persons that the samples hold, each unique.")
def canaries_are_in_the_samples(subject: Subject) -> None:
    """The samples hold the values that are looked for elsewhere."""
    expect(subject.samples.canaries, "samples.canaries is empty")
    held = [subject.samples.request().body, subject.samples.unknown()[1]]
    held += [str(value).encode() for each in subject.samples.releases() for _, _, value in texts(each)]
    lost = [
        canary for canary in subject.samples.canaries if not any(canary.encode() in each for each in held)
    ]
    expect(not lost, f"{len(lost)} of samples.canaries are in no sample")


@topic.check("Name fields in errors, never values; raise `from None` where the cause may quote the message.")
def errors_hold_no_value(subject: Subject) -> None:
    """Errors name fields and hold no value, nor does anything they were raised from."""
    spoilt = [*subject.samples.incomplete(), *subject.samples.malformed(), subject.samples.unknown()]
    for name, body in spoilt:
        error = read(subject, body)
        if isinstance(error, Exception):
            expect(not _leaking(subject, _chain(error)), f"the error about {name} holds a value")
    for request in subject.samples.forged():
        refused = refusal(subject, request)
        expect(not _leaking(subject, _chain(refused)), f"the refusal {refused.code} holds a value")


@topic.check("Word answers from codes and field names alone.")
def answers_hold_no_value(subject: Subject) -> None:
    """What the sender is answered holds no value, whatever the outcome."""
    request = subject.samples.request()
    outcomes = (
        Accepted("message-1", "receipt-1", NOW, again=False),
        Unavailable(retry_after=7),
        InboundRefused("conflict", "another message has this id", status=409),
    )
    replies = [subject.connector.reply(each, request, subject.partner, NOW) for each in outcomes]
    replies += [
        subject.connector.reply(refusal(subject, other), other, subject.partner, NOW)
        for other in subject.samples.forged()
    ]
    for each in replies:
        said = f"{each.headers}".encode() + each.body
        expect(not _leaking(subject, said.decode(errors="replace")), "an answer to the sender holds a value")


@topic.check("Define dataclasses that hold values with repr=False.")
def prints_show_no_value(subject: Subject) -> None:
    """What a connector takes and gives shows no value when it is printed."""
    samples, partner = subject.samples, subject.partner
    shown = repr((samples.request(), partner, samples.releases(), samples.took_it()))
    shown += "".join(repr(subject.connector.from_hub(each, partner, NOW)) for each in samples.releases())
    shown += repr(subject.connector.to_hub(samples.request().body, partner))
    shown += repr(subject.connector.accept(samples.request(), partner, NOW))
    expect(not _leaking(subject, shown), "a repr holds a value")


@topic.check("Log and print nothing in a connector: the hub logs, by names of its own.")
def nothing_is_logged_or_printed(subject: Subject) -> None:
    """Nothing of a message is logged or printed on its way through."""
    with _overheard() as heard:
        subject.connector.accept(subject.samples.request(), subject.partner, NOW)
        for _, body in [("", subject.samples.request().body), *subject.samples.incomplete()]:
            read(subject, body)
        for release in subject.samples.releases():
            subject.connector.from_hub(release, subject.partner, NOW)
    expect(not _leaking(subject, heard.getvalue()), "a log line or a print holds a value")


@topic.check("Give ids that the sender made up by a rule, and action names of your own.")
def envelopes_hold_no_value(subject: Subject) -> None:
    """The id and the action of a message hold no value: they travel outside the vault."""
    envelope = subject.connector.accept(subject.samples.request(), subject.partner, NOW)
    if isinstance(envelope, Envelope):
        said = f"{envelope.message_id} {envelope.action}"
        expect(not _leaking(subject, said), "the message id or the action holds a value")


@topic.check("Compose from the release alone, and leave out what it does not hold.")
def what_was_not_released_never_leaves(subject: Subject) -> None:
    """A value that was not released is nowhere in the message; one that was released is in it."""
    for release in subject.samples.releases():
        whole = subject.connector.from_hub(release, subject.partner, NOW).body
        for less, name, value in one_field_less(release):
            expect(value in whole, f"the released {name} is not worded")
            left = subject.connector.from_hub(less, subject.partner, NOW)
            expect(value not in _all(left), f"{name} leaves though it was not released")


@topic.check("Keep nothing of one release for the next.")
def one_part_holds_nothing_of_another(subject: Subject) -> None:
    """A message holds no value of another part or agency that was worded before it."""
    releases = subject.samples.releases()
    for release in [*releases, *releases]:
        outbound = subject.connector.from_hub(release, subject.partner, NOW)
        own = {value for _, _, value in texts(release)} | {str(each) for each in _lists(release)}
        strange = [
            each for each in _leaking(subject, _all(outbound).decode(errors="replace")) if not _in(each, own)
        ]
        expect(not strange, f"the part {release.part} holds a value of another release")


@topic.check("Put ids and codes into addresses, file names and headers; values go into the body.")
def addresses_and_headers_hold_no_value(subject: Subject) -> None:
    """Path, headers and trigger of what it sends hold no value."""
    for release in subject.samples.releases():
        outbound = subject.connector.from_hub(release, subject.partner, NOW)
        outside = f"{outbound.path} {outbound.headers} {(outbound.trigger or b'').decode(errors='replace')}"
        expect(
            not _leaking(subject, outside), f"an address or a header of the part {release.part} holds a value"
        )


def refusal(subject: Subject, request: Request) -> InboundRefused:
    """Have a request refused.

    Raises:
        FailedError: it was taken.
    """
    try:
        subject.connector.accept(request, subject.partner, NOW)
    except InboundRefused as refused:
        return refused
    raise FailedError("a message that is not authentic and whole is taken")


def one_field_less(release: Release) -> Iterator[tuple[Release, str, bytes]]:
    """Yield the release without one text field, that field's name, and the value that must then be gone."""
    for group, name, value in texts(release):
        less = {key: kept for key, kept in release.values[group].items() if key != name}
        yield replace(release, values={**release.values, group: less}), f"{group}.{name}", value.encode()


def _leaking(subject: Subject, text: str) -> list[str]:
    return [canary for canary in subject.samples.canaries if canary in text]


def _chain(error: BaseException) -> str:
    seen: BaseException | None = error
    shown = ""
    while seen is not None:
        shown += f"{seen!r} {seen} {seen.args}"
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return shown


def _all(outbound: Outbound) -> bytes:
    head = f"{outbound.path} {dict(outbound.headers)}".encode()
    return head + outbound.body + (outbound.trigger or b"")


def _lists(release: Release) -> Iterator[object]:
    for fields in release.values.values():
        yield from fields.values()


def _in(canary: str, own: set[str]) -> bool:
    return any(canary in each for each in own)


@contextlib.contextmanager
def _overheard() -> Generator[io.StringIO]:
    """Hear all that is logged and printed while the block runs."""
    heard = io.StringIO()
    listener, root = logging.StreamHandler(heard), logging.getLogger()
    before = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    try:
        with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
            yield heard
    finally:
        root.removeHandler(listener)
        root.setLevel(before)
