"""Items as rows of the table `items`, both ways, and their order in a lane."""

import json
from typing import Final

import asyncpg

from stafet.dispatch.domain import AWAITING, Head, Item
from stafet_runtime.cause import Cause

TURN: Final = """
    (recall and status <> 'failed') desc, case when recall then due_at end nulls first, position
"""
"""The order in a lane: a recall goes before all that waits or is dead, the rest as it was queued."""


def to_row(item: Item, cause: Cause) -> tuple[object, ...]:
    """Give the values of the columns that an item is queued with, in the order of `intake.QUEUE`."""
    return (
        item.delivery, item.lane, item.recipient, item.case, item.referral, item.sender, item.placer,
        item.part, item.purpose, item.rung, item.reason, json.dumps(item.problems), cause.id,
        cause.traceparent, item.recall, item.due,
    )  # fmt: skip


def to_item(row: asyncpg.Record) -> Item:
    """Read an item of a row with all columns."""
    return Item(
        delivery=str(row["delivery"]),
        lane=row["lane"],
        recipient=row["recipient"],
        case=row["case_id"],
        referral=row["referral"],
        sender=row["sender"],
        placer=row["placer"],
        part=row["part"],
        purpose=row["purpose"],
        rung=row["rung"],
        reason=row["reason"],
        problems=tuple((field, problem) for field, problem in json.loads(row["problems"])),
        due=row["due"],
    )


def to_head(row: asyncpg.Record, attempt: int) -> Head:
    """Read an item with what is known of its referral, for its next or newest attempt."""
    return Head(
        to_item(row),
        row["record"],
        row["accepted"],
        attempt,
        row["failures"],
        Cause(str(row["caused_by"]), row["traceparent"]),
        notified=row["failure"] == AWAITING,
        forgotten=row["forgotten"],
        revoked=row["revoked"],
    )
