"""What the shelters' connector is certified by: rows of files and releases; synthetic persons only."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from stafet_connectors.shelter import connector, mapping, row_request
from stafet_connectors.shelter.receipts import ROW_COLUMNS
from stafet_connectors.shelter.simulator_files import FAULTS
from stafet_connectors.shelter.tables import Row, read_table, write_table
from stafet_sdk.certification.golden import read_release
from stafet_sdk.certification.samples import NOW, Copies, Promise, Rotation, Samples
from stafet_sdk.contract import Drop, Outbound, Partner, Reply, Request
from stafet_sdk.draft import AnswerDraft, CapacityDraft, Draft, Release
from stafet_sdk.errors import InboundRefused, NeedsAction
from stafet_sdk.filereceipts import BUSINESS, TECHNICAL, read_business, read_technical
from stafet_sdk.trigger import Trigger, build_trigger, read_trigger

GOLDEN: Final = Path(__file__).parent / "golden"
RELEASES: Final = (
    "notice", "content", "reminder", "revocation", "parse_rejected", "refused", "withdrawal", "erasure",
    "alert", "proposal",
)  # fmt: skip
SENDER: Final = "krisecenter-demo"
FILE: Final = "kc7-20261124-1"
REFERRAL: Final = "0192f3a0-0000-7000-8000-000000000001"

PARTNER: Final = Partner(
    "shelter",
    "sftp://shelter.example",
    {"sender": SENDER, "hub_cvr": "01234567"},
    {"ssh_key": b"the hub's own key", "known_hosts": b"the shelter's host key"},
)


def dropped(name: str, body: bytes, *, file_id: str = FILE, sender: str = SENDER) -> Drop:
    """Make a file with its trigger file."""
    trigger = Trigger(name, len(body), sender, file_id, ("01234567",))
    return Drop(name, body, build_trigger(trigger))


def table(feed: str, *rows: dict[str, str], columns: Sequence[str] | None = None) -> bytes:
    """Make the CSV of a feed; a column that a row does not have is empty."""
    names = columns or mapping.COLUMNS[feed]
    return write_table(names, [[row.get(name, "") for name in names] for row in rows])


def placement(**cells: str) -> dict[str, str]:
    """Make the cells of a placement that was accepted; an empty one is as if it were not there."""
    return {"referral_ref": REFERRAL, "placement_status": "accepted", **cells}


def capacity(**cells: str) -> dict[str, str]:
    """Make the cells of a unit's capacity."""
    said = {"shelter_id": "kc_7", "status": "capacity", "reported_at": "2026-11-24T02:15:00+01:00"}
    return {**said, "free_places": "3", "total_places": "12", **cells}


def body(feed: str, cells: dict[str, str], number: int = 2) -> bytes:
    """Make the message of a row."""
    whole = {name: cells.get(name, "") for name in mapping.COLUMNS[feed]}
    return mapping.row_body(feed, FILE, Row(number, whole))


def release(name: str) -> Release:
    """Read one of RELEASES."""
    return read_release((GOLDEN / f"{name}.release.json").read_bytes())


class ShelterSamples(Samples):
    """Capacities and placements in; requests and what became of rows out."""

    connector = connector
    # The person numbers in rows are in no message: see `mapping.row_body`.
    canaries = ("Zuzanna", "Æble", "+4500112233", "Prøvevej", "ground floor", "Two men", "four years")

    def partner(self) -> Partner:
        """Give the shelters as the hub has them configured."""
        return PARTNER

    def request(self) -> Request:
        """Give a row of a file of placements."""
        cells = placement(placement_ref="P-0017", cpr="280299-1234")
        return connector.unpack(dropped("placement_1.csv", table("placement", cells)), PARTNER, NOW)[0]

    def releases(self) -> Sequence[Release]:
        """Give every part, and each status that a shelter has a receipt for."""
        return [release(name) for name in RELEASES]

    def incomplete(self) -> Iterator[tuple[str, bytes]]:
        """Leave out each required cell."""
        for name in mapping.REQUIRED["placement"]:
            yield name, body("placement", placement(**{name: ""}))
        yield "reason", body("placement", placement(placement_status="rejected"))
        for name in mapping.REQUIRED["capacity"]:
            yield name, body("capacity", capacity(**{name: ""}))

    def unknown(self) -> tuple[str, bytes]:
        """Add a column that no feed has."""
        cells = placement(placement_ref="P-0017", cpr="280299-1234", mood="Zuzanna")
        columns = (*mapping.COLUMNS["placement"], "mood")
        drop = dropped("placement_1.csv", table("placement", cells, columns=columns))
        return "mood", connector.unpack(drop, PARTNER, NOW)[0].body

    def took_it(self) -> Reply:
        """Give what a server of files says: that the file lies there."""
        return Reply(201, {}, b"")

    def malformed(self) -> Iterator[tuple[str, bytes]]:
        """Spoil each cell that has a shape, also as spreadsheets do."""
        for name, text in (
            ("referral_ref", "Zuzanna"),
            ("placement_status", "Zuzanna X"),
            ("placement_ref", "Zuzanna X"),
            ("cpr", "10190123"),
            ("cpr", "280299123"),
            ("cpr", "2,80E+09"),
            ("cpr", "=2802991234"),
        ):
            yield name, body("placement", placement(**{name: text}))
        yield "reason", body("placement", placement(placement_status="rejected", reason="Zuzanna X"))
        for name, text in (
            ("shelter_id", "Zuzanna X"),
            ("status", "Zuzanna X"),
            ("free_places", "3,5"),
            ("free_places", "13"),
            ("total_places", "1E+02"),
            ("accepts", "Zuzanna X"),
            ("reported_at", "46350,25"),
        ):
            yield name, body("capacity", capacity(**{name: text}))

    def strange_codes(self) -> Iterator[tuple[str, bytes]]:
        """Say a reason, a status and a kind of place that are on no list."""
        rejected = placement(placement_status="rejected", reason="pets_not_allowed")
        yield "pets_not_allowed", body("placement", rejected)
        yield "closed_for_repairs", body("capacity", capacity(status="closed_for_repairs"))
        yield "with_dog", body("capacity", capacity(accepts="female,with_dog"))

    def copies(self) -> Copies:
        """Give a row, the same file again, the next row, and another row under the same id."""
        first = body("placement", placement())
        other = body("placement", placement(placement_status="rejected", reason="no_capacity"))
        fresh = body("placement", placement(), number=3)
        return Copies(*(row_request(each, PARTNER) for each in (first, first, fresh, other)))

    def rotated(self) -> Rotation:
        """Change the host key of the shelters' server: the hub pins the old one, both, the new one."""

        def pinned(*lines: bytes) -> Partner:
            return replace(PARTNER, keys={**PARTNER.keys, "known_hosts": b"\n".join(lines)})

        before, after = pinned(b"the old host key"), pinned(b"the new host key")
        return Rotation(
            before=before,
            overlap=pinned(b"the old host key", b"the new host key"),
            after=after,
            old=lambda number: row_request(body("placement", placement(), number), before),
            new=lambda number: row_request(body("placement", placement(), number), after),
        )

    def promises(self) -> Mapping[str, Promise]:
        """Promise what each script of the simulator ends in."""
        refusals = {
            "size-mismatch": Promise(InboundRefused, "size_mismatch", "drop"),
            "mangled-cpr": Promise(InboundRefused, "invalid", "drop"),
            "host-key-change": Promise(NeedsAction, "host_key", "drop"),
        }
        return {name: refusals.get(name, Promise(None, way="drop")) for name in FAULTS}

    def invalid(self, outbound: Outbound) -> Sequence[str]:
        """Hold a request to its columns and its trigger file, a receipt to its form."""
        try:
            if outbound.path.endswith(TECHNICAL):
                read_technical(outbound.body)
            elif outbound.path.endswith(BUSINESS):
                read_business(outbound.body)
            else:
                return _wrong_request(outbound)
        except InboundRefused as error:
            return [error.code]
        return []

    def drawn(self, source: random.Random) -> tuple[bytes, Draft]:
        """Draw a row of either feed."""
        if source.random() < 0.5:
            return _drawn_capacity(source)
        said, rung = source.choice(
            [
                ("accepted", "accepted"),
                ("checked_in", "in_progress"),
                ("left", "completed"),
                ("rejected", "rejected"),
            ]
        )
        reason = source.choice(["no_capacity", "person_declined", "closed"]) if said == "rejected" else None
        filler = source.choice([None, f"P-{source.randrange(10_000):04}"])
        serial = source.choice(["", "000000-0000", "2802991234", "0703921VJ4", "610188-0001"])
        cells = placement(placement_status=said, reason=reason or "", placement_ref=filler or "", cpr=serial)
        return body("placement", cells), AnswerDraft(REFERRAL, rung, reason, filler)

    def wrapped(self, message: bytes) -> bytes:
        """Take the row out of a golden file."""
        feed = "capacity" if b"shelter_id" in message else "placement"
        found = read_table(f"{feed}_golden.csv", message)
        mapping.check_columns(feed, found)
        return mapping.row_body(feed, FILE, found.rows[0])


def _drawn_capacity(source: random.Random) -> tuple[bytes, CapacityDraft]:
    total = source.randrange(40)
    free = source.randint(0, total)
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=source.randrange(300_000))
    accepts = tuple(source.sample(["female", "male", "child", "wheelchair"], source.randrange(4)))
    status = source.choice(["capacity", "no_capacity", "waitlist", "additional_assessment_required"])
    decimals = source.choice(["", ",0", ",00"])
    cells = capacity(
        status=status,
        reported_at=at.isoformat(),
        free_places=f"{free}{decimals}",
        total_places=f"{total}{decimals}",
        accepts=source.choice([",", ", ", " "]).join(accepts),
    )
    return body("capacity", cells), CapacityDraft("kc_7", status, at, free, total, accepts)


def _wrong_request(outbound: Outbound) -> list[str]:
    found = read_table(outbound.path, outbound.body)
    if outbound.path.endswith(".rows.csv"):
        return [] if found.columns == ROW_COLUMNS else ["columns"]
    if outbound.trigger is None:
        return ["trigger"]
    trigger = read_trigger(outbound.trigger)
    wrong = ["SizeInBytes"] if trigger.size != len(outbound.body) else []
    wrong += ["FileName"] if trigger.file_name != outbound.path else []
    wrong += ["rows"] if len(found.rows) != 1 else []
    return wrong + [name for name in ("request_type", "delivery") if name not in found.columns]


samples: Final = ShelterSamples()
