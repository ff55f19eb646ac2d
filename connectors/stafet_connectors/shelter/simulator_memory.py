"""What simulated shelters remember, all of it in their record: requests, files sent, what became of rows."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from stafet_connectors.shelter.mapping import CAPACITY, PLACEMENT
from stafet_connectors.shelter.receipts import REFUSED
from stafet_connectors.shelter.simulator_files import (
    AGAIN,
    Answer,
    Shape,
    Upload,
    answer_row,
    capacity_rows,
    shape_of,
    upload,
)
from stafet_connectors.shelter.simulator_inbox import Cells, Settled
from stafet_sdk.faults import Faults
from stafet_sdk.simulator import Entry, Record, SimulatorOptions

TAKEN: Final = "taken"
PENDING: Final = "pending"
ENDED: Final = "ended"
TAKEN_STATUS: Final = 202
REFUSED_STATUS: Final = 422

_HUBS: Final = frozenset({"delivery", "client_code", "referral_ref"})
"""Columns that are new in each run: what is decided by facts must not hang on them."""


class Memory:
    """The record, and what follows from it; every change is written down before anything is done."""

    def __init__(
        self, options: SimulatorOptions, record: Record, faults: Faults, identifiers: Mapping[str, str]
    ) -> None:
        self._seed = options.seed
        self._record = record
        self._faults = faults
        self._identifiers = identifiers
        self._deliveries: set[str] = set()
        self._parts: set[tuple[str, str]] = set()
        self._facts: dict[str, str] = {}
        self._sent: dict[str, Entry] = {}
        self._answers: dict[str, list[Answer]] = defaultdict(list)
        self._settled: dict[str, str] = {}
        self._unusable: set[str] = set()
        self._again: set[str] = set()
        self._states: dict[tuple[str, str], str] = {}
        self._spoilt: set[tuple[str, str]] = set()
        for entry in record.entries:
            self._recall(entry)

    def receive(self, cells: Cells) -> None:
        """Write a request down."""
        part, delivery = cells["request_type"], cells.get("delivery", "")
        repeated = delivery in self._deliveries
        if part in {"withdrawal", "erasure"}:
            refs = json.dumps(cells.get("referral_refs", "").split(","))
            groups = json.dumps(cells.get("groups", "").split(",")) if part == "withdrawal" else None
            self._add(part, delivery=delivery, referrals=refs, groups=groups, repeated=repeated)
            return
        if part == "alert":
            said = {name: cells.get(name) for name in ("referral_refs", "alert", "reason", "due_at")}
            self._add(part, delivery=delivery, repeated=repeated, **said)
            return
        referral = cells.get("referral_ref", "")
        if part == "revocation":
            self._add(part, delivery=delivery, referral=referral, rung=cells.get("placement_status", ""))
            return
        if not repeated and part == "content" and self.state(referral, "accepted") is None:
            self._add("inversion", referral=referral, delivery=delivery, part=part)
        self._add(
            "received",
            delivery=delivery,
            part=part,
            referral=referral,
            repeated=repeated,
            groups_seen=" ".join(sorted(cells)),
            facts=_digest(cells) if part == "notice" else None,
            sequence=sum(1 for _ in self._record.of("received")) + 1,
        )

    def settle(self, letter: Settled) -> None:
        """Write down what became of a file's rows, by the hub's receipts."""
        file_id = _file_id(letter.name)
        if file_id in self._settled:
            same = self._settled[file_id] == letter.digest
            self._add("settled_again", file=file_id, same=same)
            for answer in self._answers[file_id]:
                self._add("answered_again", referral=answer.referral, rung=answer.rung, same_receipt=same)
            return
        for row in letter.rows:
            self._settle_row(file_id, row)
        self._add("settled", file=file_id, acceptance=letter.acceptance, digest=letter.digest)

    def give_up(self, name: str, code: str) -> None:
        """Write down that the hub could not use a file: what was in it is to be said again."""
        self._add("unusable", file=_file_id(name), code=code)

    def sent(self, name: str) -> bool:
        """Say whether a file is one of these."""
        return _file_id(name) in self._sent

    def unsettled(self) -> list[Upload]:
        """Make the files again whose receipts are not there yet."""
        return [
            self._upload(each)
            for each in self._sent
            if each not in self._settled | dict.fromkeys(self._unusable)
        ]

    def twice(self, is_gone: Callable[[Upload], bool]) -> Iterator[Upload]:
        """Make the files again that a script wants to be uploaded twice, each once.

        The hub leaves its receipts first and takes the file then: a second one would go with the first.
        """
        for file_id in self._settled:
            if file_id in self._again or not self._faults.strikes("double-upload", file_id, self._seed):
                continue
            upload = self._upload(file_id)
            if is_gone(upload):
                self._add("fault", script="double-upload", file=file_id)
                yield upload

    def is_night_due(self, now: datetime) -> bool:
        """Say whether the places of this day are still to be reported."""
        nights = (each for name, each in self._sent.items() if name not in self._unusable)
        return now.date().isoformat() not in {
            str(each["at"])[:10] for each in nights if each["feed"] == CAPACITY
        }

    def night(self, now: datetime) -> Upload:
        """Make the file of a night."""
        return self._fresh(self._announce(CAPACITY, now.isoformat()))

    def send(self, answers: Sequence[Answer]) -> Upload:
        """Make the file of some answers; they are written down before the hub can react to them."""
        file_id = self._announce(PLACEMENT, "")
        for row, each in enumerate(answers):
            clean = (each.referral, each.rung) in self._spoilt
            self._add(
                "answering",
                referral=each.referral,
                rung=each.rung,
                reason=each.reason,
                file=file_id,
                row=row,
                clean=clean,
            )
        return self._fresh(file_id)

    def waiting(self) -> list[str]:
        """List the referrals that a notice has come of."""
        return sorted(self._facts)

    def state(self, referral: str, rung: str) -> str | None:
        """Say what became of a word: None if it is not said, or is to be said again."""
        return self._states.get((referral, rung))

    def facts(self, referral: str) -> str:
        """Return a digest of what the notice says."""
        return self._facts[referral]

    def has_content(self, referral: str) -> bool:
        """Say whether the content has come."""
        return (referral, "content") in self._parts

    def _settle_row(self, file_id: str, row: Cells) -> None:
        place = int(row["row"]) - self._first_row(file_id)
        answers = self._answers[file_id]
        if not 0 <= place < len(answers):
            return
        answer = answers[place]
        told = {"referral": answer.referral, "rung": answer.rung, "reason": answer.reason}
        if row["result"] != REFUSED:
            self._add("answered", **told, status=TAKEN_STATUS, receipt=row["receipt"])
            return
        self._add("row_refused", **told, column=row["column"], problem=row["problem"])
        if row["column"] != "cpr" or answer.clean:
            self._add("answered", **told, status=REFUSED_STATUS)

    def _first_row(self, file_id: str) -> int:
        """Below the header, and a row of tags where there is one."""
        return 3 if self._sent[file_id]["tagged"] else 2

    def _announce(self, feed: str, at: str) -> str:
        again = AGAIN if self._unusable else ""
        file_id = f"shelter-{self._seed}-{len(self._sent) + 1:05}{again}"
        shape = shape_of(feed, file_id, self._seed, self._faults)
        self._add("sending", file=file_id, feed=feed, at=at, **asdict(shape))
        return file_id

    def _fresh(self, file_id: str) -> Upload:
        """Make a file for the first time; write down how its upload will go wrong."""
        made = self._upload(file_id)
        if made.fault is not None:
            self._add("fault", script=made.fault, file=file_id)
        return made

    def _upload(self, file_id: str) -> Upload:
        feed, at = str(self._sent[file_id]["feed"]), str(self._sent[file_id]["at"])
        if feed == CAPACITY:
            rows = capacity_rows(self._seed, datetime.fromisoformat(at), self._faults)
        else:
            rows = [answer_row(each, self._seed, self._faults) for each in self._answers[file_id]]
        return upload(feed, file_id, rows, _shape(self._sent[file_id]), self._identifiers)

    def _add(self, kind: str, **facts: str | int | bool | None) -> None:
        self._record.add(kind, **facts)
        self._recall(self._record.entries[-1])

    def _recall(self, entry: Entry) -> None:
        """Draw the consequences of a line."""
        match entry["kind"]:
            case "received":
                referral, part = str(entry["referral"]), str(entry["part"])
                self._deliveries.add(str(entry["delivery"]))
                self._parts.add((referral, part))
                if part == "notice":
                    self._facts[referral] = str(entry["facts"])
            case "withdrawal" | "erasure" | "revocation" | "alert":
                self._deliveries.add(str(entry["delivery"]))
            case "sending":
                self._sent[str(entry["file"])] = entry
            case "settled":
                self._settled[str(entry["file"])] = str(entry["digest"])
            case "fault" if entry["script"] == "double-upload":
                self._again.add(str(entry["file"]))
            case "unusable":
                self._forget(str(entry["file"]))
            case _:
                self._recall_answer(entry)

    def _recall_answer(self, entry: Entry) -> None:
        if "rung" not in entry or "referral" not in entry:
            return
        key = str(entry["referral"]), str(entry["rung"])
        reason = None if entry.get("reason") is None else str(entry["reason"])
        match entry["kind"]:
            case "answering":
                answer = Answer(*key, reason, clean=entry["clean"] is True)
                self._answers[str(entry["file"])].append(answer)
                self._states[key] = PENDING
            case "row_refused":
                self._spoilt.add(key)
                self._states.pop(key, None)
            case "answered":
                self._states[key] = TAKEN if entry["status"] == TAKEN_STATUS else ENDED
            case _:
                pass

    def _forget(self, file_id: str) -> None:
        """Of a file that the hub could not use nothing was said."""
        self._unusable.add(file_id)
        for each in self._answers[file_id]:
            self._states.pop((each.referral, each.rung), None)


def _file_id(name: str) -> str:
    """Find the id in the name of a file of ours: `placement_ID.csv`."""
    return name.rpartition(".")[0].partition("_")[2]


def _shape(entry: Entry) -> Shape:
    fault = entry["fault"]
    return Shape(entry["tagged"] is True, entry["workbook"] is True, None if fault is None else str(fault))


def _digest(cells: Cells) -> str:
    facts = {name: text for name, text in cells.items() if name not in _HUBS}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
