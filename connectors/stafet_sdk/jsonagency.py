"""What a simulated agency with plain words knows and decides, however it is spoken with (`jsonsimulator`).

After a notice it accepts or rejects, after the content it starts and completes; each only when the hub has
the word before. What it decides, it decides by the seed and the facts of the notice; its messages are those
of the samples. Its whole state is its record, from which it goes on after being killed.
Record lines: received, status, withdrawal, erasure, answering, answered.
"""

import hashlib
import random
import uuid
from collections.abc import Iterator, Mapping
from typing import Final

from stafet_sdk.certification.jsonsamples import JsonSamples
from stafet_sdk.jsonobject import write_object
from stafet_sdk.simulator import Record, SimulatorOptions

REJECTED_SHARE: Final = 0.15
LADDER: Final = ("accepted", "in_progress", "completed")
TAKEN: Final = 202

Answer = tuple[str, str]
"""A referral and the rung that is said of it."""


class Agency:
    """`said` are its answers in the order it decided them, `heard` the hub's answer to each (HTTP status)."""

    def __init__(self, samples: JsonSamples, options: SimulatorOptions, record: Record) -> None:
        self.words = samples.json.words
        self._answers, self._options, self._record = samples.answers, options, record
        self._parts = {kind: part for part, kind in self.words.parts.items()}
        received = list(record.of("received"))
        self._had = {(str(each["referral"]), str(each["part"])) for each in received}
        self._facts = {
            str(each["referral"]): str(each["facts"]) for each in received if each["part"] == "notice"
        }
        self.said: list[Answer] = [
            (str(each["referral"]), str(each["rung"])) for each in record.of("answering")
        ]
        self.heard = {
            (str(each["referral"]), str(each["rung"])): int(str(each["status"]))
            for each in record.of("answered")
        }

    @property
    def referrals(self) -> tuple[str, ...]:
        """Those that it has had a notice of."""
        return tuple(self._facts)

    def part(self, said: Mapping[str, object]) -> str | None:
        """Say which part of the hub's a message is; None for a stranger's."""
        return self._parts.get(str(said.get(self.words.name("type"))))

    def delivery(self, said: Mapping[str, object]) -> str:
        """Read the id of a message."""
        return str(said.get(self.words.name("id")))

    def receive(self, said: Mapping[str, object], part: str) -> str | None:
        """Write a message of the hub's down; return the referral, if there may be something to say of it."""
        referral, delivery = said.get(self.words.name("referral")), self.delivery(said)
        about = None if referral is None else str(referral)
        if part not in {"notice", "content"} or about is None:
            self._record.add(part, delivery=delivery, part=part, referral=about)
            return None
        facts = self._digest(said) if part == "notice" else None
        self._record.add("received", delivery=delivery, part=part, referral=about, facts=facts)
        self._had.add((about, part))
        if facts is not None:
            self._facts.setdefault(about, facts)
        return about

    def next(self, referral: str) -> str | None:
        """Name the rung to be said now; none while the hub has not taken the one before."""
        for rung in self._ladder(referral):
            if (referral, rung) not in self.heard:
                return rung
            if not 200 <= self.heard[referral, rung] < 300:
                return None
        return None

    def say(self, referral: str, rung: str) -> dict[str, object]:
        """Make an answer out of its sample: the same id and bytes whenever it is said.

        Written down before the first byte leaves: the hub may go on before we have read its answer.
        """
        if (referral, rung) not in self.said:
            self._record.add("answering", referral=referral, rung=rung)
            self.said.append((referral, rung))
        name = f"{self._options.agency}/{referral}/{rung}"
        own = {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, name)), "referral": referral}
        return {**self._answers[rung], **{self.words.name(each): own[each] for each in own}}

    def hear(self, referral: str, rung: str, status: int) -> None:
        """Write down what the hub answered."""
        self._record.add("answered", referral=referral, rung=rung, status=status)
        self.heard[referral, rung] = status

    def _ladder(self, referral: str) -> Iterator[str]:
        if referral not in self._facts:
            return
        if "rejected" in self._answers and self._chance(self._facts[referral]) < REJECTED_SHARE:
            yield "rejected"
            return
        for rung in LADDER[: 3 if (referral, "content") in self._had else 1]:
            if rung in self._answers:
                yield rung

    def _digest(self, said: Mapping[str, object]) -> str:
        """Tell referrals apart by what the sender said: ids that the hub makes are new in each run."""
        made = {self.words.name(each) for each in ("id", "referral", "person")}
        facts = {name: value for name, value in said.items() if name not in made}
        return hashlib.sha256(write_object(facts)).hexdigest()[:16]

    def _chance(self, about: str) -> float:
        drawn = random.Random(f"{self._options.seed}/decision/{about}")  # noqa: S311 - a seeded simulation, no secret
        return drawn.random()
