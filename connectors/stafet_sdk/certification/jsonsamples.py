"""Samples of an agency with plain JSON: its messages and what they mean; all else follows from them."""

import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from stafet_sdk.certification.releases import CANARIES, releases
from stafet_sdk.certification.samples import NOW, Copies, Promise, Rotation, Samples
from stafet_sdk.contract import Partner, Reply, Request
from stafet_sdk.doors import AT_HUB
from stafet_sdk.draft import AnswerDraft, ConsentDraft, Draft, Release
from stafet_sdk.errors import ContractBroken, InboundRefused, NeedsAction, Retriable, Throttled
from stafet_sdk.jsonconnector import JSON, JsonConnector
from stafet_sdk.jsonfiles import JsonDropped
from stafet_sdk.jsonobject import write_object
from stafet_sdk.jsonpolling import JsonFetched

Said = Mapping[str, object]

STRANGE: Final = "closed_for_renovation"
"""A reason that no list has."""


class JsonSamples(Samples):
    """Inherit in the connector's `samples.py`, and offer an instance as `samples`.

    `messages` are (message, what it means) by name, one for each type that the agency sends; every field in
    them but those in `optional` must be there. `wrong` gives a value of a wrong shape for each field that has
    a shape. Releases are those of `certification.releases` with the manifest's groups.
    """

    def __init__(
        self,
        connector: JsonConnector,
        messages: Mapping[str, tuple[Said, Draft]],
        wrong: Said,
        optional: Sequence[str] = (),
    ) -> None:
        self.connector, self.json = connector, connector
        self.messages = messages
        self.wrong = wrong
        self.optional = optional
        content = next(each for each in self._releases() if each.part == "content")
        held = str(content.values)
        self.canaries = tuple(each for each in CANARIES if each in held) or CANARIES[:1]

    @cached_property
    def answers(self) -> dict[str, dict[str, object]]:
        """Its answers by rung, for its simulator."""
        return {
            draft.rung: dict(said) for said, draft in self.messages.values() if isinstance(draft, AnswerDraft)
        }

    def partner(self) -> Partner:
        """Give the configured agency with the first of two pairs of keys."""
        return self.knowing(0)

    def request(self) -> Request:
        """Give its first message, proven."""
        return self.proven(self.first)

    def releases(self) -> Sequence[Release]:
        """Give every part that the agency has a word for."""
        return [each for each in self._releases() if each.part in self.json.words.parts]

    def told(self) -> Iterator[tuple[str, bytes, Draft]]:
        """Yield each message with what it means."""
        for name, (said, draft) in self.messages.items():
            yield name, self.golden_message(said), draft

    def body(self, said: Said) -> bytes:
        """Write a message as it comes."""
        return write_object(said)

    def golden_message(self, said: Said) -> bytes:
        """Write a message as its golden file has it."""
        return write_object(said)

    def incomplete(self) -> Iterator[tuple[str, bytes]]:
        """Leave out each field of each message."""
        free = {self.json.words.name("id"), self.json.words.name("type"), *self.optional}
        for said, _ in self.messages.values():
            for field in said.keys() - free:
                yield field, self.body(_without(said, field))

    def malformed(self) -> Iterator[tuple[str, bytes]]:
        """Spoil each field that has a shape, wherever it is."""
        for said, _ in self.messages.values():
            for field in said.keys() & self.wrong.keys():
                yield field, self.body({**said, field: self.wrong[field]})

    def unknown(self) -> tuple[str, bytes]:
        """Add a field that no message has."""
        return "mood", self.body({**self.first, "mood": self.canaries[0]})

    def strange_codes(self) -> Iterator[tuple[str, bytes]]:
        """Say a reason that no list has."""
        reason = self.json.words.name("reason")
        for said, _ in self.messages.values():
            if reason in said:
                yield STRANGE, self.body({**said, reason: STRANGE})

    def forged(self) -> Iterator[Request]:
        """Yield the request with a changed byte or proof, and without its proof."""
        request = self.request()
        if self.json.door.covers_body or self._fetched:
            yield replace(request, body=request.body.replace(b"}", b" }"))
        if not self._fetched:
            yield replace(request, headers=self._headers(request.body, self.pairs[2][0], self.first))
        yield replace(request, headers={"content-type": JSON})

    def copies(self) -> Copies:
        """Give the duplicate matrix of the first message."""
        name, referral = (self.json.words.name(each) for each in ("id", "referral"))
        return Copies(
            first=self.request(),
            again=self.proven(self.first, at=NOW + timedelta(seconds=30)),
            fresh=self.proven({**self.first, name: "another-message-0001"}),
            other=self.proven({**self.first, referral: str(uuid.UUID(int=1))}),
        )

    def rotated(self) -> Rotation:
        """Change the agency's key; of one that is polled, the hub's own."""

        def message(number: int, pair: int) -> Request:
            said = {**self.first, self.json.words.name("id"): f"message-{number:06}"}
            return self.proven(said, pair)

        return Rotation(
            before=self.knowing(0),
            overlap=self.knowing(0, 1),
            after=self.knowing(1),
            old=lambda number: message(number, 0),
            new=lambda number: message(number, 1),
        )

    def drawn(self, source: random.Random) -> tuple[bytes, Draft]:
        """Draw one of the messages about another referral."""
        said, draft = source.choice([*self.messages.values()])
        if not isinstance(draft, AnswerDraft | ConsentDraft):
            return self.body(said), draft
        referral = str(uuid.UUID(int=source.getrandbits(128)))
        changed = {**said, self.json.words.name("referral"): referral}
        return self.body(changed), replace(draft, referral=referral)

    def promises(self) -> Mapping[str, Promise]:
        """Promise what the generic simulator's scripts end in."""
        pushed = {
            "busy": Promise(Throttled, "http_429"),
            "down": Promise(Retriable, "http_503"),
            "html": Promise(ContractBroken, "html_answer"),
            "redirect": Promise(ContractBroken, "redirect"),
            "gone": Promise(NeedsAction, "http_410"),
        }
        if isinstance(self.json, JsonDropped):
            mismatch = Promise(InboundRefused, "size_mismatch", way="drop")
            return {"twice": Promise(None, way="drop"), "size-mismatch": mismatch}
        if self._fetched:
            return pushed
        sent = {"twice": Promise(None, way="inbox"), "forged": Promise(InboundRefused, way="inbox")}
        return {**pushed, **sent}

    def took_it(self) -> Reply:
        """Give the agency's answer; a server of files says that the file lies there."""
        return Reply(201, {}, b"") if isinstance(self.json, JsonDropped) else super().took_it()

    @property
    def _fetched(self) -> bool:
        return isinstance(self.json, JsonFetched)

    @property
    def first(self) -> Said:
        """The first of its messages."""
        return next(iter(self.messages.values()))[0]

    @cached_property
    def _hub(self) -> bytes:
        return self.json.door.pair()[0]

    @cached_property
    def pairs(self) -> list[tuple[bytes, bytes]]:
        """The agency's keys, the next ones, and a stranger's: (secret, what it is recognised by)."""
        return [self.json.door.pair() for _ in range(3)]

    def knowing(self, *numbers: int) -> Partner:
        """Give the agency as the hub has it configured, known by some of its keys."""
        door, agency = self.json.door, self.json.manifest.agency
        if isinstance(self.json, JsonDropped):
            known = b"\n".join(self.pairs[number][1] for number in numbers)
            keys = {door.own: self._hub, door.known: known}
        elif self._fetched:
            keys = {door.own: b"\n".join(self.pairs[number][0] for number in numbers)}
        else:
            known = b"\n".join(self.pairs[number][1] for number in numbers)
            keys = {door.own: self._hub, AT_HUB + door.known: known}
        # What is not this door's, as our TLS certificate, is the transport's.
        others = dict.fromkeys(self.json.manifest.keys, b"")
        identifiers = {"sender": agency, "hub_cvr": "01234567"}
        return Partner(agency, f"https://{agency}.example/stafet", identifiers, {**others, **keys})

    def _releases(self) -> Sequence[Release]:
        manifest, rungs = self.json.manifest, frozenset(self.json.words.statuses)
        return list(releases(manifest.agency, frozenset(manifest.personal_data), rungs))

    def proven(self, said: Said, pair: int = 0, at: datetime = NOW) -> Request:
        """Make the agency's request of a message, proven by one of its keys."""
        if isinstance(self.json, JsonFetched):
            return self.json.item(dict(said), self.knowing(pair))
        body = write_object(said)
        inbox = f"/agencies/{self.json.manifest.agency}/inbox"
        return Request("POST", inbox, self._headers(body, self.pairs[pair][0], said, at), body)

    def _headers(self, body: bytes, own: bytes, said: Said, at: datetime = NOW) -> dict[str, str]:
        message = str(said[self.json.words.name("id")])
        return {"content-type": JSON, **self.json.door.show(message, body, own, at)}


def _without(said: Said, field: str) -> Said:
    return {name: value for name, value in said.items() if name != field}
