"""Documents of the simulated police: which there are, by the seed, and what a fault script makes of each."""

import hashlib
import random
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from stafet_connectors.police.documents import MAX_BYTES
from stafet_connectors.police.simulator_plan import Planned
from stafet_sdk.draft import DocumentDraft
from stafet_sdk.faults import Faults
from stafet_sdk.trigger import Routing, Trigger, build_trigger

SCRIPTS: Final[Mapping[str, int]] = dict.fromkeys(
    (
        "document-missing",
        "document-unannounced",
        "document-swapped",
        "document-half",
        "document-large",
        "document-twice",
    ),
    50,
)
"""Each script of documents, and how many percent of them it strikes."""

_IDS: Final = uuid.UUID("3b0f6a1d-7c55-4f52-9a0e-5f2a7d1c8e44")


@dataclass(frozen=True, slots=True, repr=False)
class Paper:
    """A document: what is said of it, what is in its file, and the script that strikes it, if one does."""

    said: DocumentDraft
    content: bytes
    fault: str | None
    file_first: bool

    def trigger(self, cvr: str, hub_cvr: str) -> bytes:
        """Write its trigger file."""
        file_id = str(uuid.uuid5(_IDS, f"file/{self.said.link}"))
        routing = Routing(transaction=self.said.link)
        size = len(self.content)
        return build_trigger(Trigger(self.said.name, size, cvr, file_id, (hub_cvr,), routing))


def papers(chains: Iterable[list[Planned]], percent: int, faults: Faults, seed: int) -> list[Paper]:
    """Plan a document about so many of a hundred persons whose first referral is sound."""
    sound = [chain[0] for chain in chains if chain[0].fault is None]
    drawn = random.Random(f"documents/{seed}")
    return [_paper(each, faults, seed) for each in sound if drawn.randrange(100) < percent]


def _paper(planned: Planned, faults: Faults, seed: int) -> Paper:
    link = str(uuid.uuid5(_IDS, f"document/{planned.transaction}"))
    content = f"%PDF-1.7\n% {planned.person.text}\n".encode()
    fault = next((each for each in SCRIPTS if faults.strikes(each, link, seed)), None)
    if fault == "document-large":
        content += b"x" * MAX_BYTES
    said = DocumentDraft(
        link,
        planned.reference,
        f"bilag-{link[:8]}.pdf",
        "application/pdf",
        min(len(content), MAX_BYTES),
        hashlib.sha256(content).hexdigest(),
    )
    if fault == "document-swapped":
        content = content[::-1]
    return Paper(said, content, fault, file_first=random.Random(link).random() < 0.5)
