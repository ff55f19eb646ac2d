"""What every connector must do, written once: a connector's test class inherits this and gives samples."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from dataclasses import replace

import pytest

from stafet_schemas.codes import RUNGS
from stafet_schemas.groups import Group
from stafet_sdk.certification.samples import NOW, Samples
from stafet_sdk.contract import Accepted, Connector, Outcome, Reply, Request, Unavailable
from stafet_sdk.discovery import connectors
from stafet_sdk.draft import PARTS, Draft, Release
from stafet_sdk.errors import (
    ConnectorError,
    ContractBroken,
    DeliveryError,
    InboundRefused,
    MappingError,
    NeedsAction,
    NoWord,
    Refused,
    Retriable,
    Throttled,
)
from stafet_sdk.manifest import load_manifest

IMPURE = {"now", "utcnow", "today", "time", "uuid1", "uuid4", "uuid7", "random", "urandom", "token_hex"}
HTML = Reply(200, {"content-type": "text/html; charset=utf-8"}, b"<html><body>Log ind</body></html>")
ANSWERS: list[tuple[Reply, type[DeliveryError]]] = [
    (Reply(302, {"location": "/login"}, b""), ContractBroken),
    (Reply(400, {}, b""), Refused),
    (Reply(403, {}, b""), NeedsAction),
    (Reply(404, {}, b""), NeedsAction),
    (Reply(410, {}, b""), NeedsAction),
    (Reply(422, {}, b""), Refused),
    (Reply(500, {}, b""), Retriable),
    (Reply(503, {"retry-after": "30"}, b""), Retriable),
    (HTML, ContractBroken),
]


class ConnectorConformance:
    """Inherit as `Test<Agency>Conforms` and give the agency's samples."""

    samples: Samples

    @property
    def connector(self) -> Connector:
        """The connector under test."""
        return self.samples.connector

    def test_satisfies_the_protocol_and_is_discovered(self) -> None:
        assert isinstance(self.connector, Connector)
        assert connectors()[self.connector.manifest.agency] is self.connector

    def test_manifest_is_valid_and_named_as_its_folder(self) -> None:
        package = inspect.getmodule(type(self.connector))
        assert package is not None
        folder = "stafet_connectors." + package.__name__.split(".")[1]
        assert load_manifest(folder) == self.connector.manifest
        assert folder.endswith("." + self.connector.manifest.agency)
        assert set(self.samples.partner().keys) == set(self.connector.manifest.keys)

    def test_mapping_reads_no_clock_and_draws_nothing(self) -> None:
        mapping = importlib.import_module(f"stafet_connectors.{self.connector.manifest.agency}.mapping")
        tree = ast.parse(inspect.getsource(mapping))
        calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
        named = {each.attr if isinstance(each, ast.Attribute) else getattr(each, "id", "") for each in calls}
        assert not named & IMPURE

    def test_the_same_message_reads_the_same(self) -> None:
        request, partner = self.samples.request(), self.samples.partner()
        first = self.connector.accept(request, partner, NOW)
        assert self.connector.accept(request, partner, NOW) == first
        assert self.connector.to_hub(request.body, partner) == self.connector.to_hub(request.body, partner)

    def test_the_same_release_is_worded_the_same(self) -> None:
        for release in self.samples.releases():
            first = self.connector.from_hub(release, self.samples.partner(), NOW)
            assert self.connector.from_hub(release, self.samples.partner(), NOW) == first

    def test_every_missing_field_is_named_without_values(self) -> None:
        for name, body in self.samples.incomplete():
            with pytest.raises(MappingError) as caught:
                self.connector.to_hub(body, self.samples.partner())
            assert name in {field for field, _ in caught.value.problems}
            self.assert_silent(caught.value)

    def test_an_unknown_field_is_named_or_ignored(self) -> None:
        name, body = self.samples.unknown()
        found: Draft | MappingError
        try:
            found = self.connector.to_hub(body, self.samples.partner())
        except MappingError as error:
            found = error
        if isinstance(found, MappingError):
            assert name in {field for field, _ in found.problems}
            self.assert_silent(found)
        else:
            assert found == self.connector.to_hub(self.samples.request().body, self.samples.partner())

    def test_what_was_not_released_never_appears(self) -> None:
        for release in self.samples.releases():
            whole = self.connector.from_hub(release, self.samples.partner(), NOW).body
            for less, value in one_field_less(release):
                assert value in whole
                assert value not in self.connector.from_hub(less, self.samples.partner(), NOW).body

    def test_all_that_the_hub_can_send_is_worded_or_has_no_word(self) -> None:
        worded = {(each.part, each.rung) for each in self.samples.releases()}
        unsaid = {(part, None) for part in PARTS - {"status"}} | {("status", rung) for rung in RUNGS.codes}
        for part, rung in unsaid - worded:
            bare = replace(self.samples.releases()[0], part=part, rung=rung, values={})
            with pytest.raises(NoWord):
                self.connector.from_hub(bare, self.samples.partner(), NOW)

    def test_no_part_of_the_hubs_is_a_bug(self) -> None:
        with pytest.raises(ValueError, match="gets"):
            self.connector.from_hub(
                replace(self.samples.releases()[0], part="rumour"), self.samples.partner(), NOW
            )

    def test_a_tampered_or_unsigned_message_is_refused_in_silence(self) -> None:
        for request in tampered(self.samples.request()):
            with pytest.raises(InboundRefused) as caught:
                self.connector.accept(request, self.samples.partner(), NOW)
            self.assert_silent(caught.value)
            reply = self.connector.reply(caught.value, request, self.samples.partner(), NOW)
            assert reply.status >= 400
            assert not any(canary.encode() in reply.body for canary in self.samples.canaries)

    def test_an_empty_message_is_refused(self) -> None:
        request = self.samples.request()
        with pytest.raises(InboundRefused):
            self.connector.accept(replace(request, body=b""), self.samples.partner(), NOW)

    def test_a_repetition_gets_the_first_receipt(self) -> None:
        first = self.worded(Accepted("message-1", "receipt-1", NOW, again=False))
        second = self.worded(Accepted("message-1", "receipt-1", NOW, again=True))
        assert b"receipt-1" in first.body
        assert b"receipt-1" in second.body
        assert 200 <= first.status < 300
        assert first.status == second.status

    def test_when_nothing_can_be_accepted_it_says_when_to_come_back(self) -> None:
        reply = self.worded(Unavailable(retry_after=7))
        assert (reply.status, reply.headers["retry-after"]) == (503, "7")

    def test_an_answer_that_took_it_passes(self) -> None:
        self.connector.read_reply(self.samples.took_it(), self.samples.partner())

    @pytest.mark.parametrize(("reply", "error"), ANSWERS, ids=lambda each: str(getattr(each, "status", "")))
    def test_an_answer_that_did_not_is_named_by_what_happens_next(
        self, reply: Reply, error: type[DeliveryError]
    ) -> None:
        with pytest.raises(error) as caught:
            self.connector.read_reply(reply, self.samples.partner())
        assert type(caught.value) is error

    def test_too_many_requests_waits_as_long_as_the_agency_says(self) -> None:
        with pytest.raises(Throttled) as caught:
            self.connector.read_reply(Reply(429, {"retry-after": "3"}, b""), self.samples.partner())
        assert caught.value.retry_after == 3

    def test_samples_show_no_value_when_printed(self) -> None:
        shown = repr(
            (self.samples.request(), self.samples.partner(), self.samples.releases(), self.samples.took_it())
        )
        shown += repr(self.connector.from_hub(self.samples.releases()[0], self.samples.partner(), NOW))
        shown += repr(self.connector.to_hub(self.samples.request().body, self.samples.partner()))
        assert not [canary for canary in self.samples.canaries if canary in shown]

    def worded(self, outcome: Outcome) -> Reply:
        """Word an outcome for the sample request."""
        return self.connector.reply(outcome, self.samples.request(), self.samples.partner(), NOW)

    def assert_silent(self, error: ConnectorError) -> None:
        """Hold an error, and all it was raised from, to names of fields."""
        seen: BaseException | None = error
        while seen is not None:
            shown = f"{seen!r} {seen} {seen.args}"
            assert not [canary for canary in self.samples.canaries if canary in shown]
            seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def one_field_less(release: Release) -> Iterator[tuple[Release, bytes]]:
    """Yield the release without one text field, and the value that must then be gone."""
    for group, fields in release.values.items():
        for name, value in fields.items():
            if isinstance(value, str) and group not in {Group.ROUTING, Group.EXPLOITATION}:
                less = {key: kept for key, kept in fields.items() if key != name}
                yield replace(release, values={**release.values, group: less}), value.encode()


def tampered(request: Request) -> Iterator[Request]:
    """Yield the request with a changed byte, and without each of its headers that carries a signature."""
    middle = len(request.body) // 2
    changed = request.body[:middle] + bytes([request.body[middle] ^ 1]) + request.body[middle + 1 :]
    yield Request(request.method, request.path, request.headers, changed)
    for name in request.headers:
        if "signature" in name or "timestamp" in name:
            kept = {key: value for key, value in request.headers.items() if key != name}
            yield Request(request.method, request.path, kept, request.body)
