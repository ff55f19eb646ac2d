"""Shelters as a process of its own: an SFTP server, places every night, answers to placement requests.

`<home>/shelter/files` is what the hub sees: OUT, where the shelters leave files, IN, where the hub leaves
its own, and REFUSED. After a notice they accept or reject; after the content the person checks in and leaves;
each only when the hub's receipt for the word before is there. What is due at the same time goes in one file.
They decide by the seed and the facts of the notice. The whole state is the record, from which it goes on
after being killed.
Needs below `<home>/simulators/shelter`: ssh_host_key, authorized_keys, identifiers.toml (sender, hub_cvr).
A row that the hub refuses is put right by a human, once, if its person number was spoilt; else that referral
ends. A status, a withdrawal, an erasure or an alert is written down.
Record lines: listening, fault, received, inversion, refused, status, withdrawal, erasure, alert, sending,
answering, row_refused, settled, settled_again, unusable, answered and answered_again.
"""

import asyncio
import random
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from stafet_connectors.shelter.simulator_files import FAULTS, Answer
from stafet_connectors.shelter.simulator_inbox import (
    Refused,
    Requested,
    Settled,
    Told,
    Unusable,
    letters,
)
from stafet_connectors.shelter.simulator_memory import Memory
from stafet_connectors.shelter.simulator_uploads import is_gone, leave, lies_there
from stafet_sdk.development import ssh_key_pair
from stafet_sdk.faults import read_faults
from stafet_sdk.sftpserver import serve_sftp
from stafet_sdk.simulator import Record, SimulatorOptions, read_identifiers

USER: Final = "stafet"
FOLDERS: Final = ("OUT", "IN", "REFUSED")
REJECTED_SHARE: Final = 0.15
MOST_ROWS: Final = 50
TICK_S: Final = 0.1
OTHER_KEY_S: Final = 3.0
"""How long the server shows another host key, where a script wants that."""

_REASONS: Final = ("no_capacity", "wrong_service", "safety_conflict", "insufficient_information")


class ShelterSimulator:
    """What the shelters know and do; everything they must remember is in `record`."""

    def __init__(self, options: SimulatorOptions, record: Record) -> None:
        self._options = options
        self._record = record
        self._faults = read_faults(options.faults, FAULTS)
        self._memory = Memory(options, record, self._faults, read_identifiers(options))
        self.files = options.home / options.agency / "files"
        for name in FOLDERS:
            (self.files / name).mkdir(parents=True, exist_ok=True)

    async def work(self) -> None:
        """Read, decide and answer, for ever."""
        self._read_all()
        for sent in self._memory.unsettled():
            if not lies_there(self._out, sent):
                await leave(self._out, sent)
        while True:
            self._read_all()
            await self._report_night()
            await self._answer()
            await asyncio.sleep(TICK_S)

    @property
    def _out(self) -> Path:
        return self.files / "OUT"

    def _read_all(self) -> None:
        for letter in letters(self.files / "IN", self._memory.sent):
            match letter:
                case Requested(cells):
                    self._memory.receive(cells)
                case Told(delivery, rung, about, detail):
                    self._record.add("status", delivery=delivery, rung=rung, message=about, problems=detail)
                case Settled():
                    self._memory.settle(letter)
                case Unusable(name, code):
                    self._memory.give_up(name, code)
                case Refused(code):
                    self._record.add("refused", code=code)

    async def _report_night(self) -> None:
        now = datetime.now(UTC)
        if self._memory.is_night_due(now):
            await leave(self._out, self._memory.night(now))

    async def _answer(self) -> None:
        """Leave a file with what is due; and again those whose receipts are to be seen a second time."""
        due = [
            Answer(referral, rung, self._reason(referral) if rung == "rejected" else None)
            for referral in self._memory.waiting()
            for rung in self._next(referral)
        ]
        if due:
            await leave(self._out, self._memory.send(due[:MOST_ROWS]))
        for sent in self._memory.twice(partial(is_gone, self._out)):
            await leave(self._out, sent)

    def _next(self, referral: str) -> Iterator[str]:
        """Say which answer is due, from what has come and what is said; at most one."""
        for rung in self._ladder(referral):
            state = self._memory.state(referral, rung)
            if state is None:
                yield rung
            if state != "taken":
                return

    def _ladder(self, referral: str) -> Iterator[str]:
        facts = self._memory.facts(referral)
        if self._chance("decision", facts) < REJECTED_SHARE:
            yield "rejected"
            return
        yield "accepted"
        if self._memory.has_content(referral):
            yield from ("in_progress", "completed")

    def _reason(self, referral: str) -> str:
        return _REASONS[int(self._chance("reason", self._memory.facts(referral)) * len(_REASONS))]

    def _chance(self, what: str, about: str) -> float:
        return random.Random(f"{self._options.seed}/{what}/{about}").random()


async def run(options: SimulatorOptions) -> None:
    """Run until cancelled.

    Raises:
        OSError: a key file is missing or the port is in use.
        ValueError: an unknown fault script.
    """
    record = Record(options.record)
    try:
        simulator = ShelterSimulator(options, record)
        users = {USER: (options.own / "authorized_keys").read_bytes()}
        host_key = (options.own / "ssh_host_key").read_bytes()
        async with AsyncExitStack() as stack:
            port = options.port
            if "host-key-change" in read_faults(options.faults, FAULTS):
                record.add("fault", script="host-key-change")
                other, _ = ssh_key_pair("somebody")
                async with serve_sftp(simulator.files, other, users, host=options.host, port=port) as port:
                    record.add("listening", port=port)
                    await asyncio.sleep(OTHER_KEY_S)
            serving = serve_sftp(simulator.files, host_key, users, host=options.host, port=port)
            port = await stack.enter_async_context(serving)
            record.add("listening", port=port)
            await simulator.work()
    finally:
        record.close()
