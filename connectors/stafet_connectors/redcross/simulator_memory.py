"""What Red Cross knows: read from its record when it starts, and kept while it runs."""

from stafet_connectors.redcross import mapping
from stafet_sdk.simulator import Record

WITHDRAWN = "withdrawn"


class Memory:
    """What has come and what was said; after a kill it is what the record says.

    `parts` are (referral, part) that came; `waiting` deliveries that the hub has told of and that are neither
    fetched nor gone; `offered` and `answered` are (referral, rung) that were about to be said, and that the
    hub has answered for good.
    """

    def __init__(self, record: Record) -> None:
        came = list(record.of("received"))
        told = [entry for part in ("status", *mapping.RECALLS) for entry in record.of(part)]
        self.deliveries = {str(entry["delivery"]) for entry in (*came, *told)}
        self.parts = {(str(entry["referral"]), str(entry["part"])) for entry in came}
        self.facts = {
            str(entry["referral"]): str(entry["facts"]) for entry in came if entry["part"] == "notice"
        }
        self.sequence = len(came)
        self.notified = {str(entry["delivery"]) for entry in record.of("notified")}
        closed = {str(entry["delivery"]) for entry in record.of("gone")}
        self.waiting = self.notified - self.deliveries - closed
        said = *record.of("answering"), *record.of("withdrawing")
        self.offered = {(str(entry["referral"]), str(entry["rung"])) for entry in said}
        # Whatever the hub said for good, also a refusal, is not said again.
        heard = *record.of("answered"), *record.of(WITHDRAWN)
        self.answered = {(str(entry["referral"]), str(entry["rung"])): entry["status"] for entry in heard}
        self.referred = {str(entry["message"]) for entry in record.of("referred")}
