"""Connectors of agencies with plain JSON in files over SFTP: all but their words (`jsonwords`).

The agency leaves files of JSON lines, each line a message, with a trigger file that says that they are whole;
it is told by receipts what became of them. The hub leaves a file for each of its messages, also with one.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from stafet_sdk.contract import Accepted, Drop, Outbound, Outcome, Partner, Request, Unavailable
from stafet_sdk.draft import Release
from stafet_sdk.errors import InboundRefused
from stafet_sdk.filereceipts import (
    ACCEPTED,
    BUSINESS,
    PARTLY,
    REJECTED,
    TECHNICAL,
    BusinessReceipt,
    TechnicalReceipt,
    build_business,
    build_technical,
    ids_of,
    refusal,
)
from stafet_sdk.jsonconnector import JSON
from stafet_sdk.jsonobject import NotJsonObjectError, read_object, write_object
from stafet_sdk.jsonpolling import JsonFetched
from stafet_sdk.trigger import Trigger, build_trigger, read_trigger

MOST_LINES: Final = 5000


class JsonDropped(JsonFetched):
    """One agency's side of the hub; needs of `partner.identifiers`: `sender` (of its files) and `hub_cvr`."""

    def keys_of_marks(self, partner: Partner) -> list[bytes]:
        """Derive them from our key and each pinned host key: what came from a server ends with its key."""
        pinned = partner.keys["known_hosts"].splitlines() or [b""]
        key = partner.keys["ssh_key"]
        return [hashlib.sha256(b"\0".join((b"line", key, line))).digest() for line in pinned]

    def unpack(self, drop: Drop, partner: Partner, now: datetime, /) -> tuple[Request, ...]:
        """Make a message of each line.

        Raises:
            InboundRefused: another sender, too many lines, or one that is no JSON object.
        """
        del now
        if read_trigger(drop.trigger).sender != partner.identifiers["sender"]:
            raise InboundRefused(
                "unknown_sender", "not the registered sender", status=403, fields=("Sender",)
            )
        lines = [(number, line) for number, line in enumerate(drop.body.split(b"\n"), 1) if line.strip()]
        if not 0 < len(lines) <= MOST_LINES:
            raise InboundRefused("malformed", f"a file has 1 to {MOST_LINES} lines with a message each")
        return tuple(self.item(_object(number, line), partner) for number, line in lines)

    def receipts(
        self, drop: Drop, outcomes: Sequence[Outcome] | InboundRefused, partner: Partner, now: datetime, /
    ) -> tuple[Outbound, ...]:
        """Word the technical receipt, and if the file could be read, the business receipt.

        None as long as lines could not be taken: the file comes again.
        """
        del now
        if isinstance(outcomes, InboundRefused):
            return (refusal(drop.name, drop.trigger, [outcomes]),)
        if any(isinstance(each, Unavailable) for each in outcomes):
            return ()
        transfer, sent = ids_of(drop.trigger)
        good = sum(isinstance(each, Accepted) for each in outcomes)
        acceptance = ACCEPTED if good == len(outcomes) else PARTLY if good else REJECTED
        sender, reason = partner.identifiers["sender"], "; ".join(_problems(outcomes))
        business = BusinessReceipt(transfer or sent, drop.name, sender, acceptance, reason)
        technical = build_technical(TechnicalReceipt(transfer or sent, sent))
        return (
            Outbound({}, technical, drop.name + TECHNICAL, "PUT"),
            Outbound({}, build_business(business), drop.name + BUSINESS, "PUT"),
        )

    def from_hub(self, release: Release, partner: Partner, now: datetime, /) -> Outbound:
        """Compose a file with its trigger file. Every attempt has the same name and bytes.

        Raises:
            NoWord: a part or a status that the agency has no word for.
            ValueError: no part of the hub's (a bug of ours).
        """
        del now
        body, name = write_object(self.words.word(release)), f"{release.part}_{release.delivery}.json"
        sender, recipient = partner.identifiers["hub_cvr"], partner.identifiers["sender"]
        trigger = Trigger(name, len(body), sender, release.delivery, (recipient,))
        return Outbound({"content-type": JSON}, body, name, "PUT", build_trigger(trigger))


def _object(number: int, line: bytes) -> dict[str, object]:
    try:
        return read_object(line)
    except NotJsonObjectError as error:
        raise InboundRefused("malformed", f"line {number}: {error}") from None


def _problems(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Say which lines were refused and why: codes and names of fields, nothing of what they hold."""
    for number, each in enumerate(outcomes, 1):
        if isinstance(each, InboundRefused):
            yield f"message {number}: {each.code} {' '.join(each.fields)}".strip()
