"""What the service does when a human says that two cases are of one person, or that they are not."""

from stafet.referrals.domain.choosing import HUB
from stafet.referrals.domain.routing import Rules
from stafet.referrals.handlers.dangers import take_back
from stafet.referrals.ports import Referrals
from stafet_runtime.kin import KIND, MERGED, SPLIT
from stafet_runtime.outbox import Outbox
from stafet_runtime.thing import Thing
from stafet_schemas.likeness import CaseMerged, CaseSplit


async def on_case_merged(event: CaseMerged, *, referrals: Referrals, outbox: Outbox, rules: Rules) -> None:
    """Bar in each case whom any of the person's has noted, and take back what is open there.

    It is told of both cases: what the first one has taken back or proposed, the second does not again.
    """
    data, board = event.data, referrals.routings.board
    referrals.cases.put(Thing(data.case, KIND, data.other, MERGED))
    of_both = [each for case in (data.case, data.other) for each in referrals.of_person(case)]
    for name in dict.fromkeys(each.referral for each in of_both):
        known = referrals.get(name)
        if known is not None and known.open and data.message not in known.taken:
            own = (known.case, known.receiver) in board.dangers
            if not own and board.endangered(known.case, (known.receiver,)):
                take_back(
                    known, HUB, data.message, event.time, referrals=referrals, outbox=outbox, rules=rules
                )


async def on_case_split(event: CaseSplit, *, referrals: Referrals, outbox: Outbox) -> None:
    """Let each case have only its own again; what was taken back stays so."""
    del outbox
    referrals.cases.put(Thing(event.data.case, KIND, event.data.other, SPLIT))
