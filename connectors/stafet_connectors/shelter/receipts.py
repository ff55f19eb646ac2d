"""What a shelter is told of its files and rows: columns and what is wrong with them, never a cell. Pure.

A file that can be read gets a technical receipt, a business receipt, and a table of its rows that opens in a
spreadsheet. Nothing in them changes when the same file comes again.
"""

import uuid
from collections.abc import Iterator, Sequence
from typing import Final

from stafet_connectors.shelter.mapping import (
    UNUSABLE,
    Problem,
    feed_of,
    ignored_columns,
    read_row,
    to_draft,
)
from stafet_connectors.shelter.tables import read_table, write_table
from stafet_sdk.contract import Accepted, Drop, Outbound, Outcome, Partner, Request
from stafet_sdk.draft import Release
from stafet_sdk.errors import InboundRefused, MappingError, NoWord
from stafet_sdk.filereceipts import (
    ACCEPTED,
    BUSINESS,
    PARTLY,
    REJECTED,
    TECHNICAL,
    BusinessReceipt,
    FileError,
    TechnicalReceipt,
    build_business,
    build_technical,
    ids_of,
    refusal,
)

INVALID: Final = "invalid"
"""Code of a row whose cells are at fault; its problems say how."""
ROWS: Final = ".rows.csv"
STATUS: Final = "status_"
"""So begins the name of a receipt about a row, not about a file."""
ROW_COLUMNS: Final = ("row", "result", "column", "problem", "receipt")
REFUSED: Final = "refused"
NOTED: Final = "noted"
SHOWN: Final = 50
"""So many problems stand in the business receipt; the table has all."""

_SPACE: Final = uuid.UUID("0c9d1f0e-6a1b-4f0d-9f2c-5b7a1c3e9d42")
Line = tuple[str, str, str, str, str]


def refused(drop: Drop, error: InboundRefused) -> tuple[Outbound, ...]:
    """Say that a file is of no use."""
    return (refusal(drop.name, drop.trigger, [error]),)


def taken(
    drop: Drop, requests: Sequence[Request], outcomes: Sequence[Outcome], partner: Partner
) -> tuple[Outbound, ...]:
    """Say what became of a file that could be read."""
    said_transfer, sent = ids_of(drop.trigger)
    transfer = said_transfer or str(uuid.uuid5(_SPACE, f"{partner.agency}/{sent}"))
    pairs = list(zip(requests, outcomes, strict=True))
    feed = feed_of(drop.name)
    ignored = ignored_columns(feed, read_table(drop.name, drop.body))
    lines = [("1", NOTED, column, problem, "") for column, problem in ignored]
    lines += [line for request, outcome in pairs for line in _lines(request, outcome)]
    good = sum(isinstance(outcome, Accepted) for _, outcome in pairs)
    acceptance = ACCEPTED if good == len(pairs) else PARTLY if good else REJECTED
    bad = [
        f"row {row}: {column}: {problem}" for row, result, column, problem, _ in lines if result == REFUSED
    ]
    more = [f"{len(bad) - SHOWN} more"] if len(bad) > SHOWN else []
    business = BusinessReceipt(
        transfer, drop.name, partner.identifiers["sender"], acceptance, "; ".join([*bad[:SHOWN], *more])
    )
    return (
        Outbound({}, build_technical(TechnicalReceipt(transfer, sent)), drop.name + TECHNICAL, "PUT"),
        Outbound({}, write_table(ROW_COLUMNS, lines), drop.name + ROWS, "PUT"),
        Outbound({}, build_business(business), drop.name + BUSINESS, "PUT"),
    )


def status(release: Release, partner: Partner) -> Outbound:
    """Word what became of a row that was accepted and is of no use: it could not be read, or does not fit.

    Raises:
        NoWord: any other rung.
        ValueError: a bug of ours: values, or no rung.
    """
    if release.rung is None or release.values:
        raise ValueError("a shelter gets a status by a rung, and no values with it")
    if release.rung not in UNUSABLE:
        raise NoWord
    name = f"{STATUS}{release.delivery}"
    if release.rung == "parse_rejected":
        file_id, _, row = release.placer.partition(":")
        problems = release.problems or (("row", "of no use"),)
        errors = [FileError(422, INVALID, f"row {row}: {column}: {what}") for column, what in problems]
        technical = TechnicalReceipt(release.delivery, file_id, tuple(errors))
        return Outbound({}, build_technical(technical), name + TECHNICAL, "PUT")
    business = BusinessReceipt(
        release.delivery, release.placer, partner.identifiers["sender"], REJECTED, release.reason or "unknown"
    )
    return Outbound({}, build_business(business), name + BUSINESS, "PUT")


def _lines(request: Request, outcome: Outcome) -> Iterator[Line]:
    number = read_row(request.body)[1].rpartition(":")[2]
    if isinstance(outcome, Accepted):
        yield number, ACCEPTED, "", "", outcome.receipt
    elif isinstance(outcome, InboundRefused):
        for column, problem in _problems(request, outcome):
            yield number, REFUSED, column, problem, ""


def _problems(request: Request, outcome: InboundRefused) -> tuple[Problem, ...]:
    """Say it as the mapping does: a refusal by the hub has only the names of the columns."""
    if outcome.code == INVALID:
        try:
            to_draft(request.body)
        except MappingError as error:
            return tuple(dict.fromkeys(error.problems))
    return tuple((column, outcome.code.replace("_", " ")) for column in outcome.fields or ("row",))
