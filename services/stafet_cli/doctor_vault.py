"""What `stafet doctor` asks the vault, where its keys are: is anything left undone for too long?"""

from datetime import timedelta
from typing import Final

import asyncpg

from stafet.vault.app.keys import KeyMaster
from stafet.vault.app.reveals import LISTED_AT_MOST, Revealer
from stafet_cli.doctor_checks import Check, Surroundings
from stafet_cli.seat import bare_seat
from stafet_runtime.vaultport import VaultUnavailableError

OPEN_AT_MOST: Final = timedelta(days=30)
"""The month in which a person must be told what was done (GDPR art. 12(3)): by then it should be true."""

REVIEW_WITHIN: Final = timedelta(days=1)
"""A broken glass is judged while those who were there still know why."""


async def check_erasures(surroundings: Surroundings) -> Check:
    """Do old dumps open cases that were erased more than a month ago?"""
    dsn = surroundings.postgres
    if not dsn:
        return Check("erasures", None, "STAFET_POSTGRES is not set: the hub starts its own")
    try:
        async with bare_seat(surroundings.settings.model_copy(update={"postgres": dsn})) as session:
            standing = await KeyMaster(session).stand()
    except VaultUnavailableError:
        return Check("erasures", None, "the vault's keys or its database are not here")
    except asyncpg.PostgresError:
        return Check("erasures", None, "the vault's tables are not at the newest version")
    now = surroundings.clock.now()
    overdue = [each for each in standing.remainders if now - each.since > OPEN_AT_MOST]
    names = ", ".join(each.version for each in overdue)
    detail = f"erased over {OPEN_AT_MOST.days} days ago and open to old dumps: cases under {names}"
    remedy = "`stafet keys rotate`, take a fresh dump, then `stafet keys retire VERSION`"
    return Check("erasures", not overdue, detail if overdue else "none open to old dumps for long", remedy)


async def check_reviews(surroundings: Surroundings) -> Check:
    """Did anybody break the glass more than a day ago, and nobody judged it yet?"""
    dsn = surroundings.postgres
    if not dsn:
        return Check("reviews", None, "STAFET_POSTGRES is not set: the hub starts its own")
    try:
        async with bare_seat(surroundings.settings.model_copy(update={"postgres": dsn})) as session:
            due = await Revealer(session).due()
    except VaultUnavailableError:
        return Check("reviews", None, "the vault's keys or its database are not here")
    except asyncpg.PostgresError:
        return Check("reviews", None, "the vault's tables are not at the newest version")
    if not due:
        return Check("reviews", ok=True, detail="none due")
    oldest, count = due[0].at, f"{len(due)}{' or more' if len(due) == LISTED_AT_MOST else ''}"
    late = surroundings.clock.now() - oldest > REVIEW_WITHIN
    detail = f"{count} due, oldest of {oldest:%Y-%m-%d %H:%M} UTC: `stafet reveal list --due`"
    return Check("reviews", not late, detail, "let a supervisor judge it: `stafet reveal review`")
