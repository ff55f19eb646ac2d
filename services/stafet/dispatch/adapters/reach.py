"""Recipients that could not be reached: what waits for one is tried as soon as something arrives there.

After an outage of hours the schedule's own waits are hours, too, and a referral must not wait for those.
"""

from datetime import datetime
from typing import Final

from stafet_runtime.database import Connection
from stafet_sdk.errors import NOBODY_THERE

# That nobody was there is no item's own cause, so another item's arrival ends it for all.
LOST: Final = "insert into away (recipient) values ($1) on conflict do nothing"
# Lanes first, and none that somebody else holds: it is about to change. The step of the schedule that was not
# waited for is not used up, or a partner that comes and goes would soon be at a dead end.
FOUND: Final = """
    with back as (
        delete from away where recipient = $1 returning recipient
    ), held as (
        select l.lane, l.recipient, l.due_at from lanes l join back on back.recipient = l.recipient
        where l.due_at > $2 for update of l skip locked
    ), heads as (
        update items set due_at = $2, failures = greatest(failures - 1, 0) from held
        where items.lane = held.lane and items.recipient = held.recipient and items.due_at = held.due_at
            and items.status = 'waiting' and items.cause = $3
        returning items.lane, items.recipient
    )
    update lanes set due_at = $2 from heads
    where lanes.lane = heads.lane and lanes.recipient = heads.recipient
"""


async def lose(connection: Connection, recipient: str) -> None:
    """Keep in mind that nobody is there."""
    await connection.execute(LOST, recipient)


async def find(connection: Connection, recipient: str, now: datetime) -> None:
    """Make due what waits for a recipient since nobody was there: it has just taken something."""
    await connection.execute(FOUND, recipient, now, NOBODY_THERE)
