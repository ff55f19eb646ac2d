"""The system of an agency with plain JSON in files: an SFTP server, for `stafet simulate` (see `jsonagency`).

`<home>/<agency>/files` is what the hub sees: OUT, where the agency leaves files, IN, where the hub leaves its
own, and REFUSED. Each answer goes in a file of its own.
Needs below `<home>/simulators/<agency>` what `jsondevelopment` writes. Needs the extra `services`.
Record lines, besides the agency's: listening, refused, fault.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from stafet_sdk.certification.jsonsamples import JsonSamples
from stafet_sdk.errors import InboundRefused
from stafet_sdk.faults import read_faults
from stafet_sdk.filereceipts import ACCEPTED, BUSINESS, TECHNICAL, read_business, read_technical
from stafet_sdk.jsonagency import TAKEN, Agency, Answer
from stafet_sdk.jsondevelopment import USER
from stafet_sdk.jsonobject import NotJsonObjectError, read_object, write_object
from stafet_sdk.sftplook import PART
from stafet_sdk.sftpserver import serve_sftp
from stafet_sdk.simulator import Record, SimulatorOptions, read_identifiers
from stafet_sdk.trigger import SUFFIX, Trigger, build_trigger

FOLDERS: Final = ("OUT", "IN", "REFUSED")
TICK_S: Final = 0.1
REFUSED: Final = 422

SCRIPTS: Final = {"twice": 100, "size-mismatch": 100}
"""Strikes of files that it leaves: again after the receipt; first with a wrong size in the trigger file."""


class FileDesk:
    """Where the agency's files lie."""

    def __init__(self, samples: JsonSamples, options: SimulatorOptions, record: Record) -> None:
        self._agency = Agency(samples, options, record)
        self._options, self._record = options, record
        self._faults = read_faults(options.faults, SCRIPTS)
        self._identifiers = read_identifiers(options)
        self._left: dict[str, Answer] = {}
        self._struck: set[str] = set()
        self.files = options.home / options.agency / "files"
        for name in FOLDERS:
            (self.files / name).mkdir(parents=True, exist_ok=True)

    async def work(self) -> None:
        """Read and answer, for ever."""
        while True:
            self._read_messages()
            self._read_receipts()
            self._answer()
            await asyncio.sleep(TICK_S)

    def _read_messages(self) -> None:
        for trigger in sorted((self.files / "IN").glob(f"*.json{SUFFIX}")):
            file = trigger.with_name(trigger.name.removesuffix(SUFFIX))
            try:
                said = read_object(file.read_bytes())
            except (OSError, NotJsonObjectError):
                said = {}
            part = self._agency.part(said)
            if part is None:
                self._record.add("refused", code="invalid")
            else:
                self._agency.receive(said, part)
            file.unlink(missing_ok=True)
            trigger.unlink()

    def _read_receipts(self) -> None:
        for receipt in sorted((self.files / "IN").glob(f"*{BUSINESS}")):
            try:
                taken = read_business(receipt.read_bytes()).acceptance == ACCEPTED
            except InboundRefused:
                taken = False
            self._settle(receipt.name.removesuffix(BUSINESS), TAKEN if taken else REFUSED)
            receipt.unlink()
        for receipt in sorted((self.files / "IN").glob(f"*{TECHNICAL}")):
            if read_technical(receipt.read_bytes()).errors:
                # Somebody puts the file right by hand: the same again, whole.
                self._left.pop(receipt.name.removesuffix(TECHNICAL), None)
            receipt.unlink()

    def _settle(self, name: str, status: int) -> None:
        answer = self._left.pop(name, None)
        if answer is None:
            return
        self._agency.hear(*answer, status)
        if self._strike("twice", name):
            self._leave(name, answer)

    def _answer(self) -> None:
        waiting = set(self._left.values())
        for referral in self._agency.referrals:
            rung = self._agency.next(referral)
            if rung is not None and (referral, rung) not in waiting:
                delivery = self._agency.delivery(self._agency.say(referral, rung))
                self._left[f"{delivery}.jsonl"] = referral, rung
                self._leave(f"{delivery}.jsonl", (referral, rung))

    def _leave(self, name: str, answer: Answer) -> None:
        """Put a file down whole, then its trigger file."""
        body = write_object(self._agency.say(*answer)) + b"\n"
        wrong = 1 if self._strike("size-mismatch", name) else 0
        sender, recipient = self._identifiers["sender"], self._identifiers["hub_cvr"]
        trigger = Trigger(name, len(body) + wrong, sender, name.removesuffix(".jsonl"), (recipient,))
        _put(self.files / "OUT", name, body)
        _put(self.files / "OUT", name + SUFFIX, build_trigger(trigger))

    def _strike(self, script: str, name: str) -> bool:
        """Say whether a script strikes a file, once each."""
        if f"{script} {name}" in self._struck or not self._faults.strikes(script, name, self._options.seed):
            return False
        self._struck.add(f"{script} {name}")
        self._record.add("fault", script=script, file=name)
        return True


def file_simulator(samples: JsonSamples) -> Callable[[SimulatorOptions], Awaitable[None]]:
    """Make what the entry point in the group `stafet.simulators` offers."""

    async def run(options: SimulatorOptions) -> None:
        """Run until cancelled.

        Raises:
            OSError: a key file is missing or the port is in use.
            ValueError: an unknown fault script.
        """
        record = Record(options.record)
        try:
            desk = FileDesk(samples, options, record)
            host_key = (options.own / "ssh_host_key").read_bytes()
            users = {USER: (options.own / "authorized_keys").read_bytes()}
            serving = serve_sftp(desk.files, host_key, users, host=options.host, port=options.port)
            async with serving as port:
                record.add("listening", port=port)
                await desk.work()
        finally:
            record.close()

    return run


def _put(folder: Path, name: str, content: bytes) -> None:
    (folder / (name + PART)).write_bytes(content)
    (folder / (name + PART)).replace(folder / name)
