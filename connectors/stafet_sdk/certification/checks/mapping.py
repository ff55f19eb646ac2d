"""What a message means and how a release is worded: golden pairs, and every kind of spoilt field."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, cast

from stafet_schemas.groups import Group
from stafet_sdk.certification.check import Checks, FailedError, NotApplicableError, expect
from stafet_sdk.certification.golden import inbound_pairs, outbound_pairs, show_draft
from stafet_sdk.certification.samples import NOW
from stafet_sdk.certification.subject import Subject
from stafet_sdk.draft import Draft, Release
from stafet_sdk.errors import MappingError

DRAWN: Final = 200

topic: Final = Checks("mapping")


@topic.check(
    "Put golden/NAME.message.* and what it means as golden/NAME.draft.json, one pair per kind of message."
)
def golden_messages_read_as_recorded(subject: Subject) -> None:
    """Each golden message is read as the draft beside it."""
    pairs = list(inbound_pairs(subject.samples.golden()))
    if not pairs:
        raise NotApplicableError("the folder golden/ has no NAME.message.* with NAME.draft.json")
    for name, message, expected in pairs:
        draft = subject.connector.to_hub(subject.samples.wrapped(message), subject.partner)
        differing = differences(show_draft(draft), json.loads(expected))
        expect(not differing, f"golden/{name} is read with another {', '.join(differing)}")


@topic.check("Put golden/NAME.release.json and its message as golden/NAME.outbound.*, one pair per part.")
def golden_releases_are_worded_as_recorded(subject: Subject) -> None:
    """Each golden release is worded as the message beside it."""
    pairs = list(outbound_pairs(subject.samples.golden()))
    if not pairs:
        raise NotApplicableError("the folder golden/ has no NAME.release.json with NAME.outbound.*")
    for name, release, expected in pairs:
        said = subject.samples.unwrapped(subject.connector.from_hub(release, subject.partner, NOW))
        expect(subject.samples.same(said, expected), f"golden/{name} is worded in another way")


@topic.check("Add a golden release for each part and rung in samples.releases().")
def golden_releases_cover_all_parts(subject: Subject) -> None:
    """Every part that the agency gets has a golden pair."""
    covered = {(each.part, each.rung) for _, each, _ in outbound_pairs(subject.samples.golden())}
    missing = {(each.part, each.rung) for each in subject.samples.releases()} - covered
    said = ", ".join(sorted(f"{part} {rung or ''}".strip() for part, rung in missing))
    expect(not missing, f"no golden pair for {said}")


@topic.check("Collect (field, problem) for every field that must be there, and raise one MappingError.")
def missing_fields_are_named(subject: Subject) -> None:
    """Every missing field is reported by its name."""
    spoilt = list(subject.samples.incomplete())
    if not spoilt:
        raise NotApplicableError("samples.incomplete() gives no message")
    for name, body in spoilt:
        expect(name in named(subject, body), f"without {name} another field is reported, or none")


@topic.check("Check the shape of each field and report it by its name; offer samples.malformed().")
def malformed_fields_are_named(subject: Subject) -> None:
    """Every malformed field is reported by its name."""
    spoilt = list(subject.samples.malformed())
    if not spoilt:
        raise NotApplicableError("samples.malformed() gives no message")
    for name, body in spoilt:
        expect(name in named(subject, body), f"with a malformed {name} another field is reported, or none")


@topic.check("Ignore the field, or report its name: never take it for another.")
def unknown_field_does_no_harm(subject: Subject) -> None:
    """A field that nobody knows is ignored or reported by its name, and changes nothing."""
    name, body = subject.samples.unknown()
    draft = read(subject, body)
    if isinstance(draft, MappingError):
        expect(
            name in {field for field, _ in draft.problems},
            "a message with an unknown field is refused, unnamed",
        )
    else:
        same = draft == subject.connector.to_hub(subject.samples.request().body, subject.partner)
        expect(same, f"the unknown field {name} changes what the message means")


@topic.check("Read what is known and ignore the rest: the agency may add fields before the hub knows them.")
def unknown_fields_are_tolerated(subject: Subject) -> None:
    """A message with a field that nobody knows is of use all the same."""
    name, body = subject.samples.unknown()
    expect(
        not isinstance(read(subject, body), MappingError), f"the unknown field {name} makes a message useless"
    )


@topic.check("Keep the code as it came; an agency's list is newer than ours.")
def unknown_codes_are_kept(subject: Subject) -> None:
    """A code that no list has is in the draft as it came."""
    strange = list(subject.samples.strange_codes())
    if not strange:
        raise NotApplicableError("samples.strange_codes() gives no message")
    for code, body in strange:
        draft = read(subject, body)
        said = "" if isinstance(draft, MappingError) else json.dumps(show_draft(draft), ensure_ascii=False)
        expect(code in said, f"the code {code} of a sample is refused or replaced")


@topic.check("Make what from_hub sends valid by the published format; samples.invalid() names what is not.")
def emitted_messages_are_valid(subject: Subject) -> None:
    """Everything it sends is valid by the format that the agency published."""
    for release in [*subject.samples.releases(), *thinned(subject, 20)]:
        broken = subject.samples.invalid(subject.connector.from_hub(release, subject.partner, NOW))
        if broken is None:
            raise NotApplicableError("samples.invalid() knows no published format")
        expect(not broken, f"the part {release.part} breaks the format at {', '.join(broken)}")


@topic.check("Word only what the release holds, under every subset of its fields.")
def every_subset_of_fields_is_worded(subject: Subject) -> None:
    """A release with any subset of its fields is worded, with these values and no others."""
    for release in thinned(subject, 50):
        body = subject.connector.from_hub(release, subject.partner, NOW).body
        for group, name, value in texts(release):
            expect(value.encode() in body, f"the released {group}.{name} is not worded")


@topic.check(
    "Offer samples.drawn(): a message drawn at random with what it means, written without the mapping."
)
def drawn_messages_read_as_meant(subject: Subject) -> None:
    """Messages drawn at random are read as their author meant them."""
    for number in range(DRAWN):
        drawn = subject.samples.drawn(random.Random(number))
        if drawn is None:
            raise NotApplicableError("samples.drawn() draws no message")
        body, meant = drawn
        draft = read(subject, body)
        if isinstance(draft, MappingError):
            raise FailedError(f"drawn message {number} is refused")
        said = ", ".join(differences(show_draft(draft), show_draft(meant)))
        expect(draft == meant, f"drawn message {number} is read with another {said}")


def read(subject: Subject, body: bytes) -> Draft | MappingError:
    """Translate, or return the error."""
    try:
        return subject.connector.to_hub(body, subject.partner)
    except MappingError as error:
        return error


def named(subject: Subject, body: bytes) -> set[str]:
    """Translate a spoilt message and return the names of the fields that are reported.

    Raises:
        FailedError: it was taken.
    """
    error = read(subject, body)
    if not isinstance(error, MappingError):
        raise FailedError("a spoilt message is taken")
    return {field for field, _ in error.problems}


def texts(release: Release) -> Iterator[tuple[Group, str, str]]:
    """Yield each text value that travels as it is: (group, field, value)."""
    for group, fields in release.values.items():
        for name, value in fields.items():
            if isinstance(value, str) and group not in {Group.ROUTING, Group.EXPLOITATION}:
                yield group, name, value


def thinned(subject: Subject, count: int) -> list[Release]:
    """Draw releases with a subset of their fields; those without values are left out."""
    source = random.Random(1)
    full = [each for each in subject.samples.releases() if each.values]
    return [_thinned(full[number % len(full)], source) for number in range(count if full else 0)]


def _thinned(release: Release, source: random.Random) -> Release:
    values = {
        group: {name: value for name, value in fields.items() if source.random() < 0.5}
        for group, fields in release.values.items()
    }
    return replace(release, values={group: fields for group, fields in values.items() if fields})


def differences(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Name the fields that differ, down to the group and name of a value."""
    names: list[str] = []
    for key in sorted(found.keys() | expected.keys()):
        left, right = found.get(key), expected.get(key)
        if isinstance(left, dict) and isinstance(right, dict):
            inner = differences(cast("dict[str, Any]", left), cast("dict[str, Any]", right))
            names += [f"{key}.{each}" for each in inner]
        elif left != right:
            names.append(key)
    return names
