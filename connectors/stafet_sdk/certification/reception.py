"""The gateway's rule about repetitions, in memory: what certification and its simulators' inbox accept by.

`tests/services/gateway/test_reception.py` holds it against the real gateway.
"""

import itertools
from dataclasses import dataclass, field
from datetime import datetime

from stafet_sdk.contract import Accepted, Answered, Connector, Outcome, Partner, Request
from stafet_sdk.errors import InboundRefused


@dataclass(slots=True)
class Reception:
    """Accepts an agency's messages; `partner` may change, as when a key is rotated."""

    connector: Connector
    partner: Partner
    kept: dict[str, tuple[bytes, Accepted]] = field(default_factory=dict[str, tuple[bytes, Accepted]])
    envelopes: dict[str, str] = field(default_factory=dict[str, str])
    _receipts: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def accept(self, request: Request, now: datetime) -> Outcome | Answered:
        """Keep an authentic message; the same again gets its first receipt, another by its id a conflict."""
        try:
            envelope = self.connector.accept(request, self.partner, now)
        except InboundRefused as refused:
            return refused
        if isinstance(envelope, Answered):
            return envelope
        named = envelope.envelope_id
        came_in = self.envelopes.get(named, envelope.message_id)
        content, first = self.kept.get(envelope.message_id, (envelope.content, None))
        if content != envelope.content or came_in != envelope.message_id:
            return InboundRefused(
                "conflict", "another message has this id; send this one under a new id", status=409
            )
        if named:
            self.envelopes[named] = envelope.message_id
        if first is not None:
            return Accepted(first.message_id, first.receipt, first.received_at, again=True)
        accepted = Accepted(envelope.message_id, f"receipt-{next(self._receipts)}", now, again=False)
        self.kept[envelope.message_id] = (envelope.content, accepted)
        return accepted
