"""Subject `reveal`: a human at the hub was shown values, or who a pseudonym is. References and codes only."""

from typing import Annotated, Literal

from stafet_schemas.case import CaseEvent
from stafet_schemas.event import CaseData
from stafet_schemas.groups import ROUTING, Group, mark

PURPOSE = mark(Group.ROUTING, codelist="purpose")
ROLE = mark(Group.ROUTING, codelist="role")


class RevealData(CaseData):
    """A human in a `role` asked, for a `purpose`; `part` is reveal, person, report or review."""

    role: Annotated[str, ROLE]
    purpose: Annotated[str, PURPOSE]
    part: Annotated[str, mark(Group.ROUTING, codelist="part")]
    policy: Annotated[str, ROUTING]


class RevealMadeData(RevealData):
    """`disclosure` is the ledger entry, `groups` were shown; `break_glass`: beyond what the role may see."""

    disclosure: Annotated[str, ROUTING]
    groups: Annotated[tuple[str, ...], ROUTING]
    break_glass: Annotated[bool, ROUTING]


class RevealBlockedData(RevealData):
    """Nothing was shown; `reason` says why, as a code."""

    reason: Annotated[str, mark(Group.ROUTING, codelist="block")]


class RevealFlaggedData(CaseData):
    """`reveal` was made by breaking the glass: somebody else is to judge it."""

    reveal: Annotated[str, ROUTING]
    role: Annotated[str, ROLE]
    purpose: Annotated[str, PURPOSE]


class RevealReviewedData(CaseData):
    """What somebody else said of `reveal`."""

    reveal: Annotated[str, ROUTING]
    verdict: Annotated[str, mark(Group.ROUTING, codelist="verdict")]


class RevealMade(CaseEvent):
    """A human at the hub was shown something of a case; the ledger holds the proof."""

    type: Literal["dk.cmm.stafet.reveal.made.v1"] = "dk.cmm.stafet.reveal.made.v1"
    data: RevealMadeData


class RevealBlocked(CaseEvent):
    """A human at the hub was refused."""

    type: Literal["dk.cmm.stafet.reveal.blocked.v1"] = "dk.cmm.stafet.reveal.blocked.v1"
    data: RevealBlockedData


class RevealFlagged(CaseEvent):
    """The glass was broken; a review is open."""

    type: Literal["dk.cmm.stafet.reveal.flagged.v1"] = "dk.cmm.stafet.reveal.flagged.v1"
    data: RevealFlaggedData


class RevealReviewed(CaseEvent):
    """The review is done."""

    type: Literal["dk.cmm.stafet.reveal.reviewed.v1"] = "dk.cmm.stafet.reveal.reviewed.v1"
    data: RevealReviewedData
