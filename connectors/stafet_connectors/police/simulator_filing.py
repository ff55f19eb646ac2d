"""How the simulated police send documents: the words by SOAP, the file to their own SFTP server.

Below `<home>/police/files`: OUT, where the hub fetches, IN, where its receipts come, and REFUSED.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx

from stafet_connectors.police.messages import SEND_ACTION, Context
from stafet_connectors.police.simulator_documents import document_request
from stafet_connectors.police.simulator_messages import KLE_SUBJECT, Office
from stafet_connectors.police.simulator_papers import Paper
from stafet_connectors.police.simulator_posting import read_whole, until_answered
from stafet_sdk.filereceipts import TECHNICAL, read_technical
from stafet_sdk.simulator import Record
from stafet_sdk.soap import signed_envelope
from stafet_sdk.trigger import SUFFIX
from stafet_sdk.xml import Element

FOLDERS: Final = ("OUT", "IN", "REFUSED")
LATE_S: Final = 1.0
"""How long the rest of a file that is uploaded in halves lets the hub wait."""
TICK_S: Final = 0.1
PART: Final = ".part"
REGISTERED: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""When all documents were registered: the same words again must be the same message."""


@dataclass(slots=True)
class Filing:
    """Sends papers; lines announced, filed and file_receipt of the record say what was sent and answered."""

    client: httpx.AsyncClient
    office: Office
    record: Record
    files: Path
    now: Callable[[], datetime]

    async def send_all(self, papers: Sequence[Paper]) -> None:
        """Send each paper once, whatever was killed before."""
        announced, filed = (
            {each["transaction"] for each in self.record.of(kind)} for kind in ("announced", "filed")
        )
        for paper in papers:
            link, steps = paper.said.link, [self._announce, self._file]
            done = {self._announce: announced, self._file: filed}
            for step in reversed(steps) if paper.file_first else steps:
                if link not in done[step]:
                    await step(paper)

    async def read_receipts(self) -> None:
        """Write down the hub's receipts of files, for ever."""
        while True:
            for each in sorted((self.files / "IN").glob(f"*{TECHNICAL}")):
                errors = read_technical(each.read_bytes()).errors
                code = errors[0].code if errors else "received"
                self.record.add("file_receipt", file=each.name.removesuffix(TECHNICAL), code=code)
                each.unlink()
            await asyncio.sleep(TICK_S)

    async def _announce(self, paper: Paper) -> None:
        if paper.fault == "document-unannounced":
            return

        def composed() -> bytes:
            addressing = self.office.addressed(SEND_ACTION, f"document/{paper.said.link}")
            return signed_envelope(self._order(paper), self.office.credentials, self.now(), addressing)

        answer = await until_answered(self.client, self.office, SEND_ACTION, composed)
        code, receipt = read_whole(answer.content, self.office, self.now())
        said = {"transaction": paper.said.link, "fault": paper.fault}
        self.record.add("announced", code=code, receipt=receipt, **said)

    async def _file(self, paper: Paper) -> None:
        if paper.fault == "document-missing":
            return
        known, out, name = self.office.identifiers, self.files / "OUT", paper.said.name
        trigger = paper.trigger(known["cvr"], known["hub_cvr"])
        for _ in range(2 if paper.fault == "document-twice" else 1):
            while (out / (name + SUFFIX)).exists():  # noqa: ASYNC110 - the hub takes it away by itself
                await asyncio.sleep(TICK_S)
            if paper.fault == "document-half":
                (out / name).write_bytes(paper.content[: len(paper.content) // 2])
                _put(out, name + SUFFIX, trigger)
                await asyncio.sleep(LATE_S)
                (out / name).write_bytes(paper.content)
            else:
                _put(out, name, paper.content)
                _put(out, name + SUFFIX, trigger)
        self.record.add("filed", transaction=paper.said.link, file=name, fault=paper.fault)

    def _order(self, paper: Paper) -> Element:
        known = self.office.identifiers
        context = Context(
            paper.said.link, known["cvr"], known["hub_cvr"], known["hub_uuid"], file=paper.said.name
        )
        return document_request(context, paper.said, KLE_SUBJECT, known["uuid"], REGISTERED)


def _put(folder: Path, name: str, content: bytes) -> None:
    (folder / (name + PART)).write_bytes(content)
    (folder / (name + PART)).replace(folder / name)
