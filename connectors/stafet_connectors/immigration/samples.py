"""What the immigration service's connector is certified by: items and releases; synthetic persons only."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

import trustme
from pydantic import ValidationError

from stafet_connectors.immigration import JSON, connector
from stafet_connectors.immigration.codes import OUTCOMES
from stafet_connectors.immigration.fields import FIELDS
from stafet_connectors.immigration.mapping import PATHS
from stafet_connectors.immigration.polling import CHANGES
from stafet_connectors.immigration.simulator_models import BODIES
from stafet_sdk.certification.golden import read_release
from stafet_sdk.certification.samples import Copies, Promise, Samples
from stafet_sdk.contract import Outbound, Partner, Reply, Request
from stafet_sdk.draft import DecisionDraft, Draft, Release
from stafet_sdk.errors import NeedsAction, Retriable, Unknown

GOLDEN: Final = Path(__file__).parent / "golden"
RELEASES: Final = (
    "notice", "content", "delivered", "accepted", "rejected", "completed", "parse_rejected", "refused",
    "withdrawal", "erasure", "alert", "proposal",
)  # fmt: skip
IDENTIFIERS: Final[Mapping[str, str]] = {"client_id": "5c0a1f60-0000-4000-8000-000000000001"}
CANARIES: Final = (
    "Zuzanna", "Prøvesen", "1999-02-28", "280299", "+4500112233", "zuzanna.test", "Prøvevej", "nail bar",
    "Gaxipypuno", "Fipagorymu", "2001-09-15", "150911", "03759152", "Xakebopedo", "mepajezoho", "A7654321",
    "dentist",
)  # fmt: skip


@cache
def partner() -> Partner:
    """Give the immigration service as the hub has it configured."""
    issued = trustme.CA().issue_cert("hub.example")
    keys = {
        "tls_key": issued.private_key_pem.bytes(),
        "tls_certificate": issued.cert_chain_pems[0].bytes(),
    }
    return Partner("immigration", "https://immigration.example/v1", IDENTIFIERS, keys)


def item(name: str) -> bytes:
    """Read an item."""
    return (GOLDEN / f"{name}.message.json").read_bytes()


def other_item(name: str, /, **changes: object) -> bytes:
    """Change an item: `data__a__b` for the field a.b of its data, None removes one."""
    changed: dict[str, Any] = json.loads(item(name))
    for path, value in changes.items():
        *steps, last = path.split("__")
        inner = changed
        for step in steps:
            inner = inner.setdefault(step, {})
        if value is None:
            inner.pop(last, None)
        else:
            inner[last] = value
    return json.dumps(changed, ensure_ascii=False).encode()


def fetched(body: bytes) -> Request:
    """Make the request of an item, as a page has it."""
    return Request("GET", CHANGES, {}, body)


def release(name: str) -> Release:
    """Read one of RELEASES."""
    return read_release((GOLDEN / f"{name}.release.json").read_bytes())


def _spelled(path: str) -> str:
    return "data__" + path.replace(".", "__")


_OF_CONSENT: Final = tuple(f"consent.{name}" for name in ("purposes", "groups", "language", "how"))


class ImmigrationSamples(Samples):
    """Items of the list of changes in; notices, contents, statuses and recalls out."""

    connector = connector
    canaries = CANARIES

    def partner(self) -> Partner:
        """Give the immigration service as the hub has it configured."""
        return partner()

    def request(self) -> Request:
        """Give a suspected victim, as fetched."""
        return fetched(item("suspected"))

    def releases(self) -> Sequence[Release]:
        """Give every part, and each status that the service's protocol has a word for."""
        return [release(name) for name in RELEASES]

    def incomplete(self) -> Iterator[tuple[str, bytes]]:
        """Leave out each required field."""
        for name, needed in (
            ("accepted", ("referralId", "status")),
            ("rejected", ("reason",)),
            ("decision", ("referralId", "decisionId", "outcome", "validFrom")),
            ("reversal", ("reverses", "validFrom")),
            ("suspected", ("caseNumber", "receiver", *_OF_CONSENT)),
        ):
            for path in needed:
                yield f"data.{path}", other_item(name, **{_spelled(path): None})
        for each in FIELDS:
            if each.required:
                yield f"data.{each.path}", other_item("suspected", **{_spelled(each.path): None})

    def unknown(self) -> tuple[str, bytes]:
        """Add a field that no item has."""
        return "data.humoer", other_item("suspected", data__humoer="Gaxipypuno")

    def malformed(self) -> Iterator[tuple[str, bytes]]:
        """Give every field that has a shape a value of another."""
        for each in FIELDS:
            yield f"data.{each.path}", other_item("suspected", **{_spelled(each.path): {"Gaxipypuno": 1}})
        for path in ("caseNumber", "receiver", "asylPersonId", "consent", "consent.validUntil", "account"):
            yield f"data.{path}", other_item("suspected", **{_spelled(path): ["Gaxipypuno"]})
        yield "data.exploitation", other_item("suspected", data__exploitation="Gaxipypuno")
        yield "data.validFrom", other_item("decision", data__validFrom="19.11.2026")
        yield "data.referralId", other_item("accepted", data__referralId="Gaxipypuno Fipagorymu")
        yield "data.status", other_item("accepted", data__status="Gaxipypuno")

    def strange_codes(self) -> Iterator[tuple[str, bytes]]:
        """Say codes that are on no list."""
        yield "moon_in_retrograde", item("rejected_unlisted")
        yield "sent_back_to_court", item("decision_unlisted")
        yield "sleeping_rough", other_item("suspected", data__stay__status="sleeping_rough")
        yield "intersex", other_item("suspected", data__personoplysninger__koen="intersex")

    def forged(self) -> Iterator[Request]:
        """Give an item that was sent to the hub's inbox: only what was fetched is theirs."""
        yield replace(self.request(), method="POST", path="/agencies/immigration/inbox")

    def copies(self) -> Copies:
        """Give an item, the same changed at another time, another item, and other words in its version."""
        first = item("decision")
        return Copies(
            fetched(first),
            again=fetched(other_item("decision", changedAt="2026-11-24T07:00:00+00:00")),
            fresh=fetched(other_item("decision", version=2, data__outcome="not_victim")),
            other=fetched(other_item("decision", data__outcome="not_victim")),
        )

    def invalid(self, outbound: Outbound) -> Sequence[str] | None:
        """Name what the service's contract does not take."""
        parts = {path: part for part, path in PATHS.items()}
        try:
            BODIES[parts[outbound.path]].model_validate(json.loads(outbound.body))
        except ValidationError as error:
            return [".".join(map(str, each["loc"])) for each in error.errors()]
        return ()

    def drawn(self, source: random.Random) -> tuple[bytes, Draft]:
        """Draw a decision or a reversal."""
        outcome = source.choice((*OUTCOMES, f"outcome_{source.randrange(99)}"))
        day = date(2026, 1, 1) + timedelta(days=source.randrange(700))
        referral = f"{source.randrange(16**8):08x}-0000-7000-8000-{source.randrange(16**12):012x}"
        decision = f"AFG-{source.randrange(10**6)}"
        reverses = f"AFG-{source.randrange(10**6)}" if source.random() < 0.5 else None
        body = other_item(
            "decision" if reverses is None else "reversal",
            version=source.randrange(1, 100),
            data__referralId=referral,
            data__decisionId=decision,
            data__outcome=outcome,
            data__validFrom=day.isoformat(),
            data__reverses=reverses,
        )
        return body, DecisionDraft(referral, decision, OUTCOMES.get(outcome, outcome), day, reverses)

    def promises(self) -> Mapping[str, Promise]:
        """Promise what each script ends in."""
        return {
            "503-window:100": Promise(Retriable, "closed"),
            "401-mid-batch:100": Promise(None),
            "certificate-mismatch": Promise(NeedsAction, "token_certificate"),
            "replay-412": Promise(Unknown, "broken_answer"),
            "page-drift": Promise(None, way="poll"),
            "decision-reversed": Promise(None, way="poll"),
        }

    def took_it(self) -> Reply:
        """Give the service's answer when it took a message."""
        return Reply(201, {"content-type": JSON}, b'{"requestId":"0192f3a0-0000-7000-8000-00000000000a"}')


samples: Final = ImmigrationSamples()
