"""What two cases may be to each other, and what becomes of a case."""

from typing import Final

from stafet_runtime.machine import Machine

PROPOSED: Final = "proposed"
DISMISSED: Final = "dismissed"
MERGED: Final = "merged"
SPLIT: Final = "split"
OPEN: Final = "open"
CLOSED: Final = "closed"

KINSHIP: Final = Machine(
    "kinship",
    {
        # A human may know it without the hub's proposal.
        "proposed": {"": PROPOSED, DISMISSED: PROPOSED},
        "duplicate_confirmed": {"": MERGED, PROPOSED: MERGED, DISMISSED: MERGED, SPLIT: MERGED},
        "duplicate_dismissed": {PROPOSED: DISMISSED},
        "case_split": {MERGED: SPLIT},
    },
)

CASE: Final = Machine(
    "case",
    {
        "opened": {"": OPEN},
        "case_closed": {OPEN: CLOSED},
        "case_reopened": {CLOSED: OPEN},
    },
)

MACHINES: Final = (CASE, KINSHIP)
