"""The hotline's connector, broken on purpose: for every check a way to make it fail, and what is said."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from itertools import count
from pathlib import Path

from stafet_schemas.groups import Group
from stafet_sdk.certification.samples import Copies, Promise, Rotation
from stafet_sdk.certification.subject import Subject
from stafet_sdk.contract import Accepted, Envelope, Outbound, Outcome, Reply, Request
from stafet_sdk.draft import AnswerDraft, Draft, Release
from stafet_sdk.errors import MappingError, Refused
from tests.sdk.changing import HERE, ChangedConnector, Elsewhere, Given, doing, subject
from tests.sdk.hotline import mapping
from tests.sdk.hotline.samples import NEW, OLD, HotlineSamples, message, partner, signed

WHOLE = HotlineSamples()
CONTENT = WHOLE.releases()[1]
COUNT = count()


def read(body: bytes) -> AnswerDraft:
    """Read a message as it should be."""
    return mapping.to_answer(mapping.read(body))


def reading(change: Callable[[AnswerDraft, dict[str, object]], Draft]) -> Subject:
    """Break how a message is read."""
    return doing(ChangedConnector(read=lambda body: change(read(body), mapping.read(body))))


def sending(change: Callable[[Outbound], Outbound]) -> Subject:
    """Break what is sent."""
    return doing(ChangedConnector(worded=lambda go: change(go())))


def accepting(change: Callable[[Request, Envelope], Envelope]) -> Subject:
    """Break what is accepted."""
    return doing(ChangedConnector(accepted=lambda request, go: change(request, go())))


def answering(change: Callable[[Outcome, Reply], Reply]) -> Subject:
    """Break what a sender is answered."""
    return doing(ChangedConnector(replied=lambda outcome, _, said: change(outcome, said)))


def judging_nothing() -> Subject:
    """Break how answers are judged."""
    return doing(ChangedConnector(judged=lambda _: None))


def taking_all() -> Subject:
    """Break what is looked at."""
    return doing(ChangedConnector(accepted=lambda _, __: Envelope("1", b"")))


def copies(change: Callable[[Copies], Copies]) -> Subject:
    """Break the duplicate matrix."""
    return subject(Given(copies=change(WHOLE.copies())))


def rotated(change: Callable[[Rotation], Rotation]) -> Subject:
    """Break the change of keys."""
    return subject(Given(rotated=change(WHOLE.rotated())))


def remembering() -> Subject:
    """Keep what was sent for the next message."""
    seen: list[bytes] = []

    def more(outbound: Outbound) -> Outbound:
        seen.append(outbound.body)
        return replace(outbound, body=b"".join(seen))

    return sending(more)


def chatting() -> Subject:
    """Log what is read."""

    def loud(body: bytes) -> Draft:
        logging.getLogger("hotline").warning("read %s", body)
        return read(body)

    return doing(ChangedConnector(read=loud), signed(message(mood="Zuzanna")))


def quoting() -> Subject:
    """Quote a message in an error."""

    def quote(body: bytes) -> Draft:
        try:
            return read(body)
        except MappingError as error:
            raise MappingError(*error.problems, ("said", body.decode())) from None

    return doing(ChangedConnector(read=quote))


def strict() -> Subject:
    """Refuse a field that nobody knows."""

    def refuse(body: bytes) -> Draft:
        if "mood" in mapping.read(body):
            raise MappingError(("mood", "unknown"))
        return read(body)

    return doing(ChangedConnector(read=refuse))


def guessing() -> Subject:
    """Take a message for good, whatever it lacks."""

    def guess(body: bytes) -> Draft:
        said = {"referral": "0" * 36, "word": "taken", **mapping.read(body)}
        return AnswerDraft(said["referral"], mapping.RUNGS.get(said["word"], "accepted"), said.get("reason"))

    return doing(ChangedConnector(read=guess))


def reading_nothing() -> Subject:
    """Read nothing at all."""

    def nothing(_: bytes) -> Draft:
        raise MappingError(("word", "missing"))

    return doing(ChangedConnector(read=nothing))


def echoing() -> Subject:
    """Answer with what was sent."""
    loud = ChangedConnector(replied=lambda _, request, __: Reply(202, {}, request.body))
    return doing(loud, signed(message(mood="Zuzanna")))


def golden(place: Path, **files: str) -> Subject:
    """Have other golden files: `a__message__json` is `a.message.json`."""
    for name, text in files.items():
        (place / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return subject(Given(golden=place))


def alone(place: Path) -> Subject:
    """Stand in a project without documents."""
    (place / "pyproject.toml").touch()
    (place / "hotline").mkdir()
    return Elsewhere(WHOLE, HERE, place=place / "hotline")


def bare(release: Release) -> str:
    """Write a release without values as a golden file."""
    told = {name: value for name, value in asdict(release).items() if name != "values" and value != ()}
    return json.dumps(told)


class Shown(Reply):
    """A reply that shows what it holds."""

    def __repr__(self) -> str:
        return self.body.decode()


def _late(outcome: Outcome, said: Reply) -> Reply:
    return replace(said, status=208) if isinstance(outcome, Accepted) and outcome.again else said


BREAKS: Mapping[str, tuple[Callable[[Path], Subject], str]] = {
    "contract.is_discovered": (lambda _: doing(ChangedConnector()), "no entry point"),
    "contract.manifest_fits": (
        lambda _: subject(Given(partner=replace(partner(OLD), keys={"secret": OLD, "other": b""}))),
        "the samples' partner has other keys",
    ),
    "contract.mapping_is_pure": (
        lambda _: Elsewhere(WHOLE, HERE, mapping="x = uuid.uuid4()"),
        "calls uuid4()",
    ),
    "contract.same_message_reads_the_same": (
        lambda _: reading(lambda draft, _: replace(draft, filler=str(next(COUNT)))),
        "to_hub gives another draft",
    ),
    "contract.same_release_is_worded_the_same": (
        lambda _: sending(lambda sent: replace(sent, headers={"x-try": str(next(COUNT))})),
        "words the part notice in another way",
    ),
    "contract.order_changes_nothing": (lambda _: remembering(), "from_hub depends on what was worded before"),
    "contract.says_all_or_has_no_word": (
        lambda _: subject(Given(releases=WHOLE.releases()[:2])),
        "status parse_rejected is worded",
    ),
    "contract.strange_part_is_a_bug": (
        lambda _: doing(ChangedConnector(worded=lambda _: Outbound({}, b"{}"))),
        "words a part that does not exist",
    ),
    "mapping.golden_messages_read_as_recorded": (
        lambda place: golden(
            place, a__message__json=message().decode(), a__draft__json='{"draft": "AnswerDraft"}'
        ),
        "golden/a is read with another referral, rung",
    ),
    "mapping.golden_releases_are_worded_as_recorded": (
        lambda place: golden(place, a__release__json=bare(CONTENT), a__outbound__json="{}"),
        "golden/a is worded in another way",
    ),
    "mapping.golden_releases_cover_all_parts": (golden, "no golden pair for content, notice, status"),
    "mapping.missing_fields_are_named": (lambda _: guessing(), "a spoilt message is taken"),
    "mapping.malformed_fields_are_named": (lambda _: guessing(), "a spoilt message is taken"),
    "mapping.unknown_field_does_no_harm": (
        lambda _: reading(lambda draft, said: replace(draft, filler=str(said.get("mood")))),
        "the unknown field mood changes",
    ),
    "mapping.unknown_fields_are_tolerated": (lambda _: strict(), "mood makes a message useless"),
    "mapping.unknown_codes_are_kept": (
        lambda _: reading(lambda draft, _: replace(draft, reason=None)),
        "the code renovating of a sample is refused or replaced",
    ),
    "mapping.emitted_messages_are_valid": (
        lambda _: sending(lambda sent: replace(sent, body=sent.body.replace(b'"about"', b'"over"'))),
        "breaks the format at about, over",
    ),
    "mapping.every_subset_of_fields_is_worded": (
        lambda _: sending(lambda sent: replace(sent, body=sent.body.replace(b"Zuzanna", b"Z."))),
        "identity.first_name is not worded",
    ),
    "mapping.drawn_messages_read_as_meant": (
        lambda _: reading(lambda draft, _: replace(draft, rung="accepted")),
        "is read with another rung",
    ),
    "privacy.canaries_are_in_the_samples": (
        lambda _: subject(Given(canaries=("Xu",))),
        "1 of samples.canaries",
    ),
    "privacy.errors_hold_no_value": (lambda _: quoting(), "the error about referral holds a value"),
    "privacy.answers_hold_no_value": (lambda _: echoing(), "an answer to the sender holds a value"),
    "privacy.prints_show_no_value": (
        lambda _: subject(Given(took_it=Shown(200, {}, b"Zuzanna"))),
        "a repr holds a value",
    ),
    "privacy.nothing_is_logged_or_printed": (lambda _: chatting(), "a log line or a print holds a value"),
    "privacy.envelopes_hold_no_value": (
        lambda _: accepting(lambda _, envelope: replace(envelope, action="for Zuzanna")),
        "the message id or the action holds a value",
    ),
    "privacy.what_was_not_released_never_leaves": (
        lambda _: sending(lambda sent: replace(sent, body=sent.body + b" Zuzanna")),
        "leaves though it was not released",
    ),
    "privacy.one_part_holds_nothing_of_another": (
        lambda _: remembering(),
        "holds a value of another release",
    ),
    "privacy.addresses_and_headers_hold_no_value": (
        lambda _: sending(lambda sent: replace(sent, path="/Zuzanna")),
        "an address or a header of the part notice",
    ),
    "idempotency.new_messages_are_new": (
        lambda _: copies(lambda all_: replace(all_, fresh=all_.again)),
        "a new message is taken for a repetition",
    ),
    "idempotency.repetition_gets_the_first_receipt": (
        lambda _: accepting(
            lambda _, envelope: replace(envelope, message_id=str(next(COUNT)), envelope_id="")
        ),
        "a repetition gets another receipt",
    ),
    "idempotency.new_envelope_is_a_repetition": (
        lambda _: accepting(
            lambda request, envelope: replace(envelope, message_id=request.headers["x-envelope"])
        ),
        "a new envelope makes it another message",
    ),
    "idempotency.reused_id_is_a_conflict": (
        lambda _: accepting(lambda _, envelope: replace(envelope, content=b"")),
        "is not refused as a conflict",
    ),
    "idempotency.reused_envelope_is_a_conflict": (
        lambda _: accepting(lambda _, envelope: replace(envelope, envelope_id="")),
        "another message in a used envelope",
    ),
    "idempotency.both_receipts_say_the_same": (lambda _: answering(_late), "with another status"),
    "acknowledgements.what_is_not_authentic_is_refused": (
        lambda _: taking_all(),
        "not authentic and whole is taken",
    ),
    "acknowledgements.an_empty_message_is_refused": (lambda _: taking_all(), "an empty message is taken"),
    "acknowledgements.unavailable_says_when_to_come_back": (
        lambda _: answering(lambda _, said: replace(said, headers={})),
        "there is no Retry-After of 7 seconds",
    ),
    "acknowledgements.an_answer_that_took_it_passes": (
        lambda _: subject(Given(took_it=Reply(204, {}, b""))),
        "ContractBroken was raised",
    ),
    "acknowledgements.other_answers_are_named_by_what_happens_next": (
        lambda _: judging_nothing(),
        "302 is judged as taken, not as ContractBroken",
    ),
    "acknowledgements.throttled_waits_as_long_as_asked": (
        lambda _: judging_nothing(),
        "not judged as Throttled",
    ),
    "faults.simulator_takes_every_part": (
        lambda _: sending(lambda sent: replace(sent, headers={**sent.headers, "x-signature": ""})),
        "notice ends as NeedsAction http_401",
    ),
    "faults.scripts_of_answers_end_as_promised": (
        lambda _: subject(Given(promises={"busy": Promise(Refused)})),
        "busy: the first attempt ends as Throttled http_429, not as Refused",
    ),
    "faults.scripts_of_messages_end_as_promised": (
        lambda _: subject(Given(promises={"forged": Promise(None, way="inbox")})),
        "forged: what came ends as InboundRefused signature_invalid",
    ),
    "rotation.both_keys_are_good_in_the_overlap": (
        lambda _: rotated(lambda all_: replace(all_, overlap=partner(b"another"))),
        "the old key is refused while both are known",
    ),
    "rotation.the_old_key_ends": (
        lambda _: rotated(lambda all_: replace(all_, after=partner(NEW, OLD))),
        "the old key is taken after its end",
    ),
    "rotation.a_repetition_may_be_signed_by_the_new_key": (
        lambda _: accepting(
            lambda request, envelope: replace(envelope, content=request.headers["x-signature"].encode())
        ),
        "the new key makes it another message",
    ),
    "rotation.no_message_is_lost_under_load": (
        lambda _: rotated(lambda all_: replace(all_, overlap=partner(OLD))),
        "10 of 60 messages are refused",
    ),
    "evidence.quality_lines_are_complete": (
        lambda place: Elsewhere(WHOLE, HERE, place=place),
        "[bronze] lacks synthetic_samples",
    ),
    "evidence.golden_files_are_pairs": (
        lambda place: golden(place, lonely__draft__json="{}"),
        "golden/ has no other half of lonely.draft.json",
    ),
    "evidence.personal_groups_are_declared": (
        lambda _: subject(Given(releases=[replace(CONTENT, values={Group.HEALTH: {"needs": "x"}})])),
        "personal_data lacks health",
    ),
    "evidence.page_is_there": (alone, "README.md is missing"),
    "evidence.load_figure": (lambda _: reading_nothing(), "MappingError was raised"),
}
"""By check: how to break it, and what is said. Those about processes: `test_certification_lab.py`."""
